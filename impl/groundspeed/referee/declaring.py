"""The decorator that makes a function an implementation of the operation whose folder it lies in."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from groundspeed.referee.model import (
    Case,
    Cores,
    Division,
    Implementation,
    Inputs,
    Lane,
    Profile,
    Style,
    any_case,
    identity,
    nothing,
)

F = TypeVar("F", bound=Callable[..., Any])


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
    caveat: str = "",
    lane: Lane = "run",
    takes: Callable[[Case], bool] = any_case,
    profile: Profile = "smoke",
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
        version: tells the version of what computes, where the library is no Python package.
        limit: largest number of records measured; above it the time is extrapolated and says so.
        caveat: what a reader must know, e.g. `"ellipsoid: another quantity"`; printed beside the result.
        takes: whether it takes part in a case, e.g. a reader of one format only in cases of that format.
        profile: smallest profile that has time for it: `full` for what takes a minute and wins nothing.
        lane: `run`, or `file_to_file` for what stands in files.py; see Implementation.
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
            version=version,
            limit=limit,
            caveat=caveat,
            lane=lane,
            takes=takes,
            profile=profile,
            doc=doc,
            source=_timed_source(prepare, build, function, collect),
        )
        return function

    return declare


def _timed_source(*phases: Callable[..., Any]) -> str:
    parts = []
    for phase in phases:
        if phase not in (dict, identity):
            try:
                parts.append(inspect.getsource(phase).rstrip())
            except (OSError, TypeError):
                continue
    return "\n\n".join(parts)
