"""What is computed (`Operation`), by whom (`Implementation`), on what (`Case`); found by looking."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from groundspeed import operations
from groundspeed.agreement import Policy
from groundspeed.columns import GeometryColumn

STYLES = ("naive", "vectorised", "indexed", "parallel", "compiled", "gpu")
Style = Literal["naive", "vectorised", "indexed", "parallel", "compiled", "gpu"]
Cores = Literal["one", "all", "gpu"]
Division = Literal["default", "tuned"]
PROFILES = ("smoke", "quick", "full")

Inputs = Mapping[str, Any]
"""Arguments of one case by name, in the neutral form: GeometryColumn, NumPy array, or a plain value."""


@dataclass(frozen=True)
class Case:
    """One operation on one data set, with one number of records and one dtype.

    Attributes:
        name: short, unique within the operation, e.g. `"tessellation_1k"`.
        title: what a reader of the report sees, e.g. `"1 M uniform points x 1,000 star polygons"`.
        inputs: argument name -> source, as `groundspeed.datasets.load` takes it, e.g.
            `{"points": "uniform_points(n=1_000_000, seed=1)", "polygons": "us_counties.geometry"}`.
            A value that is not a string is passed as it is.
        records: the number that rates are computed with.
        dtype: coordinates are cast to it.
        profile: smallest profile that runs it: `smoke` (tests), `quick` (README), `full` (published).
        scaling: name shared by the cases that make up one scaling plot, or "".
        real: whether the data are real.
    """

    name: str
    title: str
    inputs: Inputs
    records: int
    dtype: str = "float64"
    profile: Literal["smoke", "quick", "full"] = "full"
    scaling: str = ""
    real: bool = False


@dataclass(frozen=True)
class Operation:
    """What is computed.

    Attributes:
        name: the public function's name and the folder's.
        function: the public function; its docstring is the rule.
        oracle: name of the implementation (in foss4g.py) whose answer is taken as right.
        second_oracle: an independent one, or "".
        policy: how results are brought to canonical form and compared.
        cases: what is measured.
        work: inputs -> hardware-free lower bounds, e.g. `{"bytes": ..., "flops": ...}`.
        slice: (inputs, n) -> inputs of the first n records, for implementations too slow for all of them.
        counters: inputs -> work actually done by our algorithm (edge tests, candidates ...), measured on the
            cpu engine.
    """

    name: str
    function: Callable[..., Any]
    oracle: str
    policy: Policy
    cases: tuple[Case, ...]
    work: Callable[[Inputs], dict[str, float]]
    slice: Callable[[Inputs, int], Inputs]
    second_oracle: str = ""
    counters: Callable[[Inputs], dict[str, float]] | None = None

    @property
    def family(self) -> str:
        """The folder above the operation's: predicates, joins, distances ..."""
        return operations.names()[self.name]

    @property
    def rule(self) -> str:
        """First line of the rule."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


def _identity(value: Any) -> Any:
    return value


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Implementation:
    """One way to compute an operation, in four phases: prepare, build, run, collect.

    `prepare(inputs)` makes a dict of keyword arguments in the library's own form; `build(**prepared)` makes
    the state (an index) that `run` needs, by default the prepared arguments themselves; `run(**built)`
    computes; `collect(result)` brings the answer to host arrays in the operation's form. `requires` names the
    modules it needs; `lacks()` says what else it would need here (a GPU, a server), "" when nothing.
    """

    name: str
    operation: str
    library: str
    style: Style
    cores: Cores
    run: Callable[..., Any]
    prepare: Callable[[Inputs], dict[str, Any]] = dict
    build: Callable[..., dict[str, Any]] = dict
    collect: Callable[[Any], Any] = _identity
    division: Division = "default"
    requires: tuple[str, ...] = ()
    lacks: Callable[[], str] = _nothing
    limit: int | None = None
    caveat: str = ""
    doc: str = ""
    source: str = field(default="", repr=False)

    @property
    def missing(self) -> str:
        """Which libraries it lacks here, e.g. `"n/a: needs duckdb"`; "" when it lacks none."""
        absent = [name for name in self.requires if name not in sys.modules and not _importable(name)]
        return f"n/a: needs {', '.join(absent)}" if absent else ""


@functools.cache
def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


F = TypeVar("F", bound=Callable[..., Any])


def implementation(
    library: str,
    *,
    style: Style,
    cores: Cores,
    name: str | None = None,
    prepare: Callable[[Inputs], dict[str, Any]] = dict,
    build: Callable[..., dict[str, Any]] = dict,
    collect: Callable[[Any], Any] = _identity,
    division: Division = "default",
    requires: tuple[str, ...] | None = None,
    lacks: Callable[[], str] = _nothing,
    limit: int | None = None,
    caveat: str = "",
) -> Callable[[F], F]:
    """Declare the decorated function as an implementation of the operation whose folder it lies in.

    Args:
        library: what computes, as it is called on the package index, e.g. `"shapely"`.
        style: how it is written; see STYLES.
        cores: what it uses: one core, all cores, or a GPU.
        name: as shown in the report; default: library and the function's name.
        prepare, build, collect: the other phases; see Implementation.
        division: `default` (library as installed, idiomatic call) or `tuned` (anything, documented).
        requires: modules that must be importable; default: the library.
        lacks: what else is missing on this machine, e.g. a server; called before anything is timed.
        limit: largest number of records measured; above it the time is extrapolated and says so.
        caveat: what a reader must know, e.g. `"ellipsoid: another quantity"`; printed beside the result.
    """

    def declare(function: F) -> F:
        doc = (inspect.getdoc(function) or "").strip()
        if not doc:
            raise ValueError(
                f"{function.__qualname__}: the first line of its docstring is its caption; write one"
            )
        function.__implementation__ = Implementation(  # type: ignore[attr-defined]
            name=name or f"{library} {function.__name__.replace('_', ' ')}",
            operation=function.__module__.split(".")[-2],
            library=library,
            style=style,
            cores=cores,
            run=function,
            prepare=prepare,
            build=build,
            collect=collect,
            division=division,
            requires=(library.replace("-", "_"),) if requires is None else requires,
            lacks=lacks,
            limit=limit,
            caveat=caveat,
            doc=doc,
            source=_timed_source(prepare, build, function, collect),
        )
        return function

    return declare


def _timed_source(*phases: Callable[..., Any]) -> str:
    parts = []
    for phase in phases:
        if phase not in (dict, _identity):
            try:
                parts.append(inspect.getsource(phase).rstrip())
            except (OSError, TypeError):
                continue
    return "\n\n".join(parts)


def _ours(operation: Operation, engine: str) -> Implementation:
    """Groundspeed itself as a contestant, timed through the public function like everybody else."""
    from groundspeed import contestant

    return contestant.make(operation, engine)


@functools.cache
def operation(name: str) -> Operation:
    """The operation of that name.

    Raises:
        KeyError: no such operation; the message lists those there are.
    """
    if name not in operations.names():
        raise KeyError(f"no operation {name!r}; there are: {', '.join(operations.names())}")
    found: Operation = operations.module(name).OPERATION
    return found


def all_operations() -> list[Operation]:
    """Every operation, in alphabetical order of families and names."""
    return [operation(name) for name in operations.names()]


@functools.cache
def implementations(name: str) -> dict[str, Implementation]:
    """Every implementation of an operation: foss4g.py in the order written, then Groundspeed's engines."""
    package = operations.module(name).__name__
    module = importlib.import_module(f"{package}.foss4g")
    declared = [getattr(value, "__implementation__", None) for value in vars(module).values()]
    theirs = [one for one in declared if one is not None and one.operation == name]
    ours = [_ours(operation(name), engine) for engine in ("cpu", "cuda")]
    return {one.name: one for one in [*theirs, *ours]}


def cases(name: str, profile: str = "full") -> list[Case]:
    """The cases of an operation that a profile runs: a profile includes the smaller ones, except that `smoke`
    cases are too small to publish and belong to `smoke` alone."""
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {', '.join(PROFILES)}, got {profile!r}")
    wanted = {"smoke": {"smoke"}, "quick": {"quick"}, "full": {"quick", "full"}}[profile]
    return [case for case in operation(name).cases if case.profile in wanted]


def is_source(value: Any) -> bool:
    """Whether an input of a case names data and is not a plain value: sources hold a dot or a parenthesis.

    >>> is_source("uniform_points(n=10, seed=1)"), is_source("us_counties.geometry"), is_source("within")
    (True, True, False)
    """
    return isinstance(value, str) and ("." in value or "(" in value)


def resolve(case: Case) -> Inputs:
    """Load the inputs of a case, coordinates cast to its dtype.

    Raises:
        groundspeed.datasets.DatasetError: a source does not exist or cannot be fetched.
    """
    from groundspeed import datasets

    loaded = {
        name: datasets.load(value) if is_source(value) else value for name, value in case.inputs.items()
    }
    return cast(loaded, case.dtype)


def cast(inputs: Inputs, dtype: str) -> Inputs:
    """Inputs with the coordinates of columns, and arrays of floating-point numbers, in the given dtype."""
    return {name: _cast(value, dtype) for name, value in inputs.items()}


def _cast(value: Any, dtype: str) -> Any:
    floating = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(dtype) if floating or isinstance(value, GeometryColumn) else value


def unavailable(one: Implementation) -> str:
    """Why an implementation cannot run on this machine (a library, GPU or server is missing), "" when it can."""
    if one.missing:
        return one.missing
    reason = one.lacks()
    return f"n/a: {reason}" if reason else ""
