"""What is in the folders: operations, their competitors and cases."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Iterable, Iterator
from typing import Any

from groundspeed import operations
from groundspeed.referee import ours
from groundspeed.referee.model import PROFILES, Case, Implementation, Operation

THEIRS = ("foss4g", "databases", "files")
"""Modules of a topic that declare competitors; a topic has those that it needs."""
ENGINES = ("cpu", "cuda")
"""Those that Groundspeed competes with in every operation."""


class TopicError(ValueError):
    """A topic whose files contradict each other; the message names the file and the remedy."""


@functools.cache
def operation(name: str) -> Operation:
    """The operation of that name.

    Raises:
        KeyError: no such operation; the message lists those there are.
        TopicError: its topic cannot be read.
    """
    if name not in operations.names():
        raise KeyError(f"no operation {name!r}; there are: {', '.join(operations.names())}")
    return _judged(operations.names()[name])[name]


def all_operations() -> list[Operation]:
    """Every operation, in alphabetical order of topics."""
    return [operation(name) for name in operations.names()]


@functools.cache
def implementations(name: str) -> dict[str, Implementation]:
    """Every competitor of an operation: those that `cases.py` lists, in that order; Groundspeed's engines
    stand before those that work from file to file."""
    what = operation(name)
    declared = _declared(operations.names()[name])
    theirs = [declared[each] for each in what.competitors]
    in_memory = [one for one in theirs if one.lane == "run"]
    from_files = [one for one in theirs if one.lane != "run"]
    return {one.name: one for one in [*in_memory, *(ours.make(what, each) for each in ENGINES), *from_files]}


@functools.cache
def _judged(topic: str) -> dict[str, Operation]:
    """The operations of a topic, once everything that its files say fits together."""
    file = operations.folder(topic) / "cases.py"
    module = _module(topic, "cases")
    listed: tuple[Operation, ...] = getattr(module, "OPERATIONS", ())
    names = [one.name for one in listed]
    public = operations.topics()[topic]
    for name in _twice(names):
        raise TopicError(f"{file}: OPERATIONS has {name!r} twice; remove one")
    for name in {*public} ^ {*names}:
        raise TopicError(
            f"{file}: {name!r} must stand in OPERATIONS here and in __all__ of __init__.py, or in neither"
        )
    declared = _declared(topic)
    for one in listed:
        _check_names(one, declared, str(file))
    for name in declared.keys() - {name for one in listed for name in one.competitors}:
        raise TopicError(f"{file}: {name!r} is declared and competes in no operation; list it, or remove it")
    return {one.name: one for one in listed}


def _check_names(what: Operation, declared: dict[str, Implementation], file: str) -> None:
    where = f"{file}: {what.name}"
    for name in _twice(what.competitors):
        raise TopicError(f"{where} lists the competitor {name!r} twice; remove one")
    for name in what.competitors:
        if name not in declared:
            raise TopicError(f"{where} lists {name!r}, which nothing declares; there are: {_list(declared)}")
    if what.oracle not in what.competitors:
        raise TopicError(f"{where}: oracle must be one of its competitors, got {what.oracle!r}")
    if what.second_oracle not in {"", *what.competitors}:
        raise TopicError(f"{where}: second_oracle must be one of its competitors, got {what.second_oracle!r}")


@functools.cache
def _declared(topic: str) -> dict[str, Implementation]:
    """What the modules of a topic declare, by name, in the order written."""
    found: dict[str, Implementation] = {}
    for part in THEIRS:
        for one in _in_values(vars(_module(topic, part)).values()):
            if found.get(one.name, one) is not one:
                file = operations.folder(topic) / f"{part}.py"
                raise TopicError(f"{file}: the competitor {one.name!r} is declared twice; name one of them")
            found[one.name] = one
    return found


def _in_values(values: Iterable[Any]) -> Iterator[Implementation]:
    """Competitors among the values of a module: decorated functions, what a factory made, groups of both."""
    for value in values:
        if isinstance(value, Implementation):
            yield value
        elif isinstance(value, list | tuple):
            yield from _in_values(value)
        elif isinstance(declared := getattr(value, "__competitors__", None), tuple):
            yield from declared


def _module(topic: str, part: str) -> Any:
    """A module of a topic; an empty one where there is none."""
    path = f"{operations.__name__}.{topic}.{part}"
    return importlib.import_module(path) if importlib.util.find_spec(path) else type("Empty", (), {})


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def competitors(name: str, case: Case, profile: str = "full") -> dict[str, Implementation]:
    """The competitors of an operation that take part in a case and for which a profile has time: from file to
    file only where the case asks."""
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
