"""The code behind a competitor: every function and constant of this repository that its phases reach.

It is what the report shows beside a time, and part of the key under which an oracle's answer is kept: an
edited helper must be judged anew.
"""

from __future__ import annotations

import dataclasses
import dis
import functools
import hashlib
import importlib
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from groundspeed import operations
from groundspeed.engines.reached import reached_values

PACKAGE = Path(__file__).parents[1]
SHOWN = ("operations", "referee/competitors")
"""Folders whose code is shown; what else is reached, of the library for one, counts in the key alone."""
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


@functools.cache
def shown(*phases: Callable[..., Any]) -> str:
    """Source of the phases, of what they reach in topics and in the referee, and the constants these use."""
    walk = _walked(phases)
    mine = [text for file, text in walk.functions if file is None or _is_shown(file)]
    return "\n\n".join(["\n".join(walk.constants), *mine] if walk.constants else mine)


@functools.cache
def key(*phases: Callable[..., Any]) -> str:
    """Hash of all the code that the phases reach inside this repository."""
    walk = _walked(phases)
    texts = [*walk.constants, *(text for _, text in walk.functions)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _walked(phases: tuple[Callable[..., Any], ...]) -> _Walk:
    walk = _Walk()
    for phase in phases:
        walk.follow("", phase, given=True)
    return walk


def _is_shown(file: Path) -> bool:
    folders = (*(PACKAGE / name for name in SHOWN), operations.HERE)
    return any(file.is_relative_to(folder) for folder in folders)


class _Walk:
    """Functions in the order in which they are reached, each once, and lines of constants."""

    def __init__(self) -> None:
        self.functions: list[tuple[Path | None, str]] = []
        self.constants: list[str] = []
        self._seen: dict[int, Any] = {}  # keeps them alive, so that an id stays theirs

    def follow(self, name: str, value: Any, given: bool = False) -> None:
        """Add what a value is made of; a phase is `given`, wherever it stands."""
        if type(value) in _PLAIN:
            self._constant(name, value)
            return
        if id(value) in self._seen:
            return
        self._seen[id(value)] = value
        if isinstance(value, functools.partial):
            for at, part in enumerate((value.func, *value.args)):
                self.follow(f"{name or 'argument'}[{at}]", part, given)
            self.follow(name or "arguments", value.keywords)
        elif isinstance(value, Mapping | list | tuple | set | frozenset):
            self._container(name, value)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for field in dataclasses.fields(value):
                self.follow(f"{name}.{field.name}", getattr(value, field.name))
        elif isinstance(value, type):
            self._type(value)
        else:
            self._function(_plain(value), given)

    def _constant(self, name: str, value: Any) -> None:
        line = f"{name} = {value!r}"
        if name and line not in self.constants:
            self.constants.append(line)

    def _container(self, name: str, value: Any) -> None:
        items = list(value.values()) if isinstance(value, Mapping) else list(value)
        if all(type(item) in _PLAIN for item in items):
            self._constant(name, sorted(value) if isinstance(value, set | frozenset) else value)
            return
        for at, item in value.items() if isinstance(value, Mapping) else enumerate(items):
            self.follow(f"{name}[{at!r}]", item)

    def _type(self, value: type) -> None:
        file = _file(value)
        if file is None:
            return
        self._add(file, value)
        for method in vars(value).values():
            if isinstance(method, types.FunctionType):
                self._reached(method)

    def _function(self, function: Any, given: bool) -> None:
        if not isinstance(function, types.FunctionType):
            return
        file = _file(function)
        if file is None and not given:
            return
        self._add(file, function)
        self._reached(function)

    def _add(self, file: Path | None, value: Any) -> None:
        try:
            text = textwrap.dedent(inspect.getsource(value)).rstrip()
        except (OSError, TypeError):  # made by `exec`: bytecode says whether it has changed
            text = f"# {value.__qualname__}: {value.__code__.co_code.hex()}"
        if all(text not in other for _, other in self.functions):
            self.functions.append((file, text))

    def _reached(self, function: types.FunctionType) -> None:
        for name, value in [*reached_values(function), *_imported(function.__code__)]:
            self.follow(name, value)
        for default in function.__defaults__ or ():
            if type(default) not in _PLAIN:  # those stand in the source
                self.follow("default", default)


def _plain(value: Any) -> Any:
    """The Python function behind what compiles, caches or binds it."""
    while True:
        inner = getattr(value, "py_func", None) or getattr(value, "__wrapped__", None)
        inner = inner or getattr(value, "__func__", None)
        if inner is None:
            return value
        value = inner


def _file(value: Any) -> Path | None:
    """The file of this repository that a function or class stands in."""
    try:
        path = Path(inspect.getfile(value))
    except (OSError, TypeError):
        return None
    inside = path.is_relative_to(PACKAGE) or path.is_relative_to(operations.HERE)
    return path if inside else None


def _imported(code: types.CodeType) -> Iterator[tuple[str, Any]]:
    """What a function imports from modules of Groundspeed when it runs."""
    module = ""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            module = instruction.argval
        elif instruction.opname == "IMPORT_FROM" and module.startswith("groundspeed"):
            yield instruction.argval, getattr(importlib.import_module(module), instruction.argval, None)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _imported(constant)
