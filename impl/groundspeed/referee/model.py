"""What is computed (`Operation`), by whom (`Implementation`), on what (`Case`)."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from groundspeed import operations
from groundspeed.referee.comparison import Policy

STYLES = ("naive", "vectorised", "indexed", "parallel", "compiled", "gpu")
Style = Literal["naive", "vectorised", "indexed", "parallel", "compiled", "gpu"]
Cores = Literal["one", "all", "gpu"]
Division = Literal["default", "tuned"]
Lane = Literal["run", "file_to_file"]
PROFILES = ("smoke", "quick", "full")
Profile = Literal["smoke", "quick", "full"]

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
    operation: str
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
    caveat: str = ""
    doc: str = ""
    lane: Lane = "run"
    takes: Callable[[Case], bool] = any_case
    profile: Profile = "smoke"
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
