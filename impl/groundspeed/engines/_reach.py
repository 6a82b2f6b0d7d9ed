"""What a function can reach, as one number: machine code is stored under it.

A function reaches its bytecode, its constants and defaults, the values of its closure, and what the globals
it names hold: functions in turn, numbers, arrays. Lines, comments and docstrings do not count. What other
packages define counts by its name; the versions of the packages that compile belong to whoever stores.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher


def reach(function: Any) -> str:
    """A hash (hexadecimal SHA-256) of everything a function can reach.

    Args:
        function: plain, or compiled by Numba: its options count then.

    Examples:
        >>> limit = 3
        >>> def below(x):
        ...     return x < limit
        >>> before = reach(below)
        >>> limit = 4
        >>> reach(below) == before
        False
    """
    return hashlib.sha256("\0".join(_facts(function, {})).encode()).hexdigest()


def _facts(value: Any, seen: dict[int, int]) -> Iterator[str]:
    """All that counts about a value, in an order that is the same in every process."""
    if isinstance(value, Dispatcher):
        yield "compiled with " + repr(
            sorted((name, _plain(one)) for name, one in value.targetoptions.items())
        )
        yield from _function(value.py_func, seen)
    elif isinstance(value, FunctionType) and _ours(value.__module__):
        yield _source(value.__module__)  # where its `overload`s are: Numba compiles those
        yield from _function(value, seen)
    elif isinstance(value, tuple | list):
        yield f"{type(value).__qualname__} of {len(value)}"
        for one in value:
            yield from _facts(one, seen)
    elif isinstance(value, np.ndarray):
        yield f"array {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    elif isinstance(value, CodeType):
        yield from _code(value, None)
    else:
        yield _plain(value)


def _function(function: FunctionType, seen: dict[int, int]) -> Iterator[str]:
    if id(function) in seen:
        yield f"again {seen[id(function)]}"
        return
    seen[id(function)] = len(seen)
    yield from _code(function.__code__, function.__doc__)
    yield from _facts(
        (function.__defaults__ or (), tuple(sorted((function.__kwdefaults__ or {}).items()))), seen
    )
    for cell in function.__closure__ or ():
        yield from _facts(cell.cell_contents, seen)
    names = _names(function.__code__)
    for name in names:
        if name in function.__globals__:
            held = function.__globals__[name]
            yield f"global {name}"
            yield from _facts(held, seen)
            if isinstance(held, ModuleType) and _ours(held.__name__):
                for attribute in names:
                    if hasattr(held, attribute):
                        yield f"attribute {attribute}"
                        yield from _facts(getattr(held, attribute), seen)


def _code(code: CodeType, doc: str | None) -> Iterator[str]:
    yield f"{code.co_name} {code.co_argcount} {code.co_flags} {code.co_code.hex()} {code.co_names}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant, None)
        elif doc is None or constant != doc:
            yield _plain(constant)


def _names(code: CodeType) -> list[str]:
    """Names of globals and attributes, in functions inside it, too."""
    inner = [name for one in code.co_consts if isinstance(one, CodeType) for name in _names(one)]
    return sorted({*code.co_names, *inner})


def _plain(value: Any) -> str:
    """A text that differs where values differ.

    A `repr` with an address in it is never met again: what reaches such a value is compiled in each process.
    """
    if isinstance(value, set | frozenset):
        return f"set {sorted(map(_plain, value))}"
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__} {getattr(value, '_fields', '')}"
    return f"{type(value).__qualname__} {value!r}"


def _ours(module: str | None) -> bool:
    """Whether a module is neither of Python nor of a package that is installed beside us by version."""
    return (module or "").partition(".")[0] not in {*sys.stdlib_module_names, "numpy", "numba", "llvmlite"}


@functools.cache
def _source(module: str) -> str:
    try:
        return hashlib.sha256(inspect.getsource(sys.modules[module]).encode()).hexdigest()
    except (OSError, TypeError, KeyError):
        return module
