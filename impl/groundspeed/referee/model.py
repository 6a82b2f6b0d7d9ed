"""What is computed (`Operation`), by whom (`Implementation`), on what (`Case`)."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from groundspeed import operations
from groundspeed.referee import timed_code
from groundspeed.referee.comparison import Policy
from groundspeed.referee.cost import Cost

STYLES = ("naive", "vectorised", "indexed", "parallel", "compiled", "gpu")
Style = Literal["naive", "vectorised", "indexed", "parallel", "compiled", "gpu"]
Cores = Literal["one", "all", "gpu"]
Division = Literal["default", "tuned"]
Lane = Literal["run", "file_to_file"]
PROFILES = ("smoke", "quick", "full")
Profile = Literal["smoke", "quick", "full"]

F = TypeVar("F", bound=Callable[..., Any])

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
            A value that is not a string is passed as it is. Arrays are rows, which second inputs have in the
            opposite order; parameters are plain values or tuples.
        records: the number that rates are computed with.
        dtype: coordinates are cast to it.
        profile: smallest profile that runs it: `smoke` (tests), `quick` (README), `full` (published).
        scaling: name shared by the cases that make up one scaling plot, or "".
        real: whether the data are real.
        files: whether the lane `file_to_file` is measured on it too.
    """

    name: str
    title: str
    inputs: Inputs
    records: int
    dtype: str = "float64"
    profile: Profile = "full"
    scaling: str = ""
    real: bool = False
    files: bool = False


@dataclass(frozen=True)
class Operation:
    """What is computed.

    Attributes:
        function: the public function; its name is the operation's, its docstring the rule.
        oracle: name of the competitor whose answer is taken as right.
        second_oracle: an independent one, or "".
        policy: how results are brought to canonical form and compared.
        competitors: names of those of the topic that compute it, in the order of the report. Groundspeed's
            own engines take part without being named.
        cases: what is measured.
        work: inputs -> hardware-free lower bounds, e.g. `{"bytes": ..., "flops": ...}`.
        slice: (inputs, n) -> inputs of about n records, spread evenly over all so that they are as hard, for
            implementations too slow for all of them.
        counters: inputs -> work actually done by our algorithm (edge tests, candidates ...), measured on the
            cpu engine.
    """

    function: Callable[..., Any]
    oracle: str
    policy: Policy
    competitors: tuple[str, ...]
    cases: tuple[Case, ...]
    work: Callable[[Inputs], dict[str, float]]
    slice: Callable[[Inputs, int], Inputs]
    second_oracle: str = ""
    counters: Callable[[Inputs], dict[str, float]] | None = None

    @property
    def name(self) -> str:
        """The public function's name."""
        return self.function.__name__

    @property
    def family(self) -> str:
        """The folder above the topic's: predicates, joins, distances ..."""
        return operations.names()[self.name].partition(".")[0]

    @property
    def rule(self) -> str:
        """First line of the rule."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


def identity(value: Any) -> Any:
    """The value itself: a phase in which nothing happens."""
    return value


def any_case(case: Case) -> bool:
    """Takes part in every case."""
    return True


def nothing() -> str:
    """What an implementation lacks that runs anywhere."""
    return ""


@dataclass(frozen=True)
class Implementation:
    """One way to compute an operation, in four phases: prepare, build, run, collect.

    `prepare(inputs)` makes a dict of keyword arguments in the library's own form; `build(**prepared)` makes
    the state (an index) that `run` needs, by default the prepared arguments themselves; `run(**built)`
    computes; `collect(result)` brings the answer to host arrays in the operation's form. `requires` names the
    modules it needs; `lacks()` says what else it would need here (a GPU, a server), "" when nothing;
    `version()` is that of what computes, where it is no Python package; `takes(case)` whether it takes part
    in a case at all, and `profile` is the smallest that has time for it.

    `lane` is the one that its `run` is measured in: `run`, with `host_to_host` and `cold` beside it, or
    `file_to_file`, where `prepare` writes the files and `collect` reads the written one back, both untimed.
    """

    name: str
    library: str
    style: Style
    cores: Cores
    run: Callable[..., Any]
    prepare: Callable[[Inputs], dict[str, Any]] = dict
    build: Callable[..., dict[str, Any]] = dict
    collect: Callable[[Any], Any] = identity
    division: Division = "default"
    requires: tuple[str, ...] = ()
    lacks: Callable[[], str] = nothing
    version: Callable[[], str] = nothing
    limit: int | None = None
    cost: Cost | None = None
    caveat: str = ""
    doc: str = ""
    lane: Lane = "run"
    takes: Callable[[Case], bool] = any_case
    profile: Profile = "smoke"
    shown: str = field(default="", repr=False)

    @property
    def source(self) -> str:
        """The code shown beside its times: `shown`, or what its phases reach of this repository."""
        return self.shown or timed_code.shown(*self._phases)

    @property
    def key(self) -> str:
        """Changes with any code of this repository that its phases reach."""
        return timed_code.key(*self._phases)

    @property
    def _phases(self) -> list[Callable[..., Any]]:
        phases = self.run, self.prepare, self.build, self.collect
        return [each for each in phases if each not in (dict, identity)]

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


def implementation(
    library: str,
    *,
    style: Style,
    cores: Cores,
    name: str | None = None,
    prepare: Callable[[Inputs], dict[str, Any]] = dict,
    build: Callable[..., dict[str, Any]] = dict,
    collect: Callable[[Any], Any] = identity,
    division: Division = "default",
    requires: tuple[str, ...] | None = None,
    lacks: Callable[[], str] = nothing,
    version: Callable[[], str] = nothing,
    limit: int | None = None,
    cost: Cost | None = None,
    caveat: str = "",
    lane: Lane = "run",
    takes: Callable[[Case], bool] = any_case,
    profile: Profile = "smoke",
) -> Callable[[F], F]:
    """Declare the decorated function as a competitor; `cases.py` names the operations that it competes in.

    Args:
        library: what computes, as it is called on the package index, e.g. `"shapely"`.
        style: how it is written; see STYLES.
        cores: what it uses: one core, all cores, or a GPU.
        name: as shown in the report; default: library and the function's name.
        prepare, build, collect: the other phases; see Implementation.
        division: `default` (library as installed, idiomatic call) or `tuned` (anything, documented).
        requires: modules that must be importable; default: the library.
        lacks: what else is missing on this machine, e.g. a server; called before anything is timed.
        version: tells the version of what computes, where the library is no Python package.
        limit: largest number of records that anybody should have to wait for. Larger cases are begun with so
            many; where the whole would take too long, the time is extrapolated from parts and says so.
        cost: what the time grows with; needed where there is a limit.
        caveat: what a reader must know, e.g. `"ellipsoid: another quantity"`; printed beside the result.
        takes: whether it takes part in a case, e.g. a reader of one format only in cases of that format.
        profile: smallest profile that has time for it: `full` for what takes a minute and wins nothing.
        lane: `run`, or `file_to_file` for what stands in files.py; see Implementation.
    """

    def declare(function: F) -> F:
        doc = (inspect.getdoc(function) or "").strip()
        if not doc:
            code = inspect.unwrap(function).__code__
            raise ValueError(
                f"{code.co_filename}, line {code.co_firstlineno}: the first line of the docstring of "
                f"{function.__qualname__} is its caption; write one"
            )
        if limit is not None and cost is None:
            raise ValueError(
                f"{function.__qualname__}: a limit needs a cost to extrapolate by, e.g. cost=ROWS"
            )
        one = Implementation(  # type: ignore[attr-defined]
            name=name or f"{library} {function.__name__.replace('_', ' ')}",
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
            version=version,
            limit=limit,
            cost=cost,
            caveat=caveat,
            lane=lane,
            takes=takes,
            profile=profile,
            doc=doc,
        )
        function.__competitors__ = (*getattr(function, "__competitors__", ()), one)  # type: ignore[attr-defined]
        return function

    return declare


naive = functools.partial(implementation, style="naive", cores="one")
vectorised = functools.partial(implementation, style="vectorised", cores="one")
indexed = functools.partial(implementation, style="indexed", cores="one")
parallel = functools.partial(implementation, style="parallel", cores="all")
compiled = functools.partial(implementation, style="compiled", cores="all")


def made(function: Callable[..., Any], name: str, doc: str, declare: Callable[..., Any]) -> Implementation:
    """A competitor from a function that a factory made: named, described and declared.

    Args:
        function: computes; a new one for every competitor.
        name: as a function written by hand would have, e.g. `"area_loop"`.
        doc: its docstring.
        declare: what `implementation(...)` gives.
    """
    function.__name__, function.__doc__ = name, doc
    found: tuple[Implementation, ...] = declare(function).__competitors__
    return found[-1]
