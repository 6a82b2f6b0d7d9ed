"""What is in the folders: operations, their implementations and cases."""

from __future__ import annotations

import functools
import importlib
import importlib.util

from groundspeed import operations
from groundspeed.referee.model import PROFILES, Case, Implementation, Operation


def _ours(operation: Operation, engine: str) -> Implementation:
    """Groundspeed itself as a contestant, timed through the public function like everybody else."""
    from groundspeed.referee import ours

    return ours.make(operation, engine)


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
    """Every implementation of an operation: foss4g.py in the order written, databases.py where there is one,
    Groundspeed's engines, and files.py where there is one."""
    theirs = [*_declared(name, "foss4g"), *_declared(name, "databases")]
    files = _declared(name, "files")
    ours = [_ours(operation(name), engine) for engine in ("cpu", "cuda")]
    return {one.name: one for one in [*theirs, *ours, *files]}


def _declared(name: str, module: str) -> list[Implementation]:
    """What a module in the operation's folder declares, in the order written."""
    path = f"{operations.module(name).__name__}.{module}"
    if importlib.util.find_spec(path) is None:
        return []
    values = vars(importlib.import_module(path)).values()
    declared = [getattr(value, "__implementation__", None) for value in values]
    return [one for one in declared if one is not None and one.operation == name]


def contestants(name: str, case: Case, profile: str = "full") -> dict[str, Implementation]:
    """The implementations of an operation that take part in a case and for which a profile has time: from
    file to file only where the case asks."""
    asked = {"run", "file_to_file"} if case.files else {"run"}
    time_for = PROFILES[: PROFILES.index(profile) + 1]
    return {
        key: one
        for key, one in implementations(name).items()
        if one.lane in asked and one.takes(case) and one.profile in time_for
    }


def cases(name: str, profile: str = "full") -> list[Case]:
    """The cases of an operation that a profile runs: a profile includes the smaller ones, except that `smoke`
    cases are too small to publish and belong to `smoke` alone."""
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {', '.join(PROFILES)}, got {profile!r}")
    wanted = {"smoke": {"smoke"}, "quick": {"quick"}, "full": {"quick", "full"}}[profile]
    return [case for case in operation(name).cases if case.profile in wanted]


def unavailable(one: Implementation) -> str:
    """Why an implementation cannot run on this machine (a library, GPU, server), "" when it can."""
    if one.missing:
        return one.missing
    reason = one.lacks()
    return f"n/a: {reason}" if reason else ""
