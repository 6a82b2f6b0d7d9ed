"""A hash of everything that a compiled function is made of, so that what was made of it can be kept.

A compiler follows a function's global names, closure variables and attributes of modules to the functions and
constants behind them, and compiles all of it into one. Whoever stores the result must know when any of it has
changed, and should not throw the result away when something else has.
"""

from __future__ import annotations

import ast
import dis
import functools
import hashlib
import inspect
import linecache
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

# What is reached in these counts by its name: their versions are the caller's to add.
NAMED_ONLY = sys.stdlib_module_names | {"llvmlite", "numba", "numba_cuda_mlir", "numpy"}
_ABSENT = object()
_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD"}
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))


def reached_hash(
    function: Callable[..., Any], *extra: Any, portable: bool = False, lines: bool = False
) -> str:
    """Hash a function with all that it reaches: 64 hexadecimal digits, the same in every process.

    Followed are global names, names of modules' attributes, closure variables, default arguments and nested
    functions, through the `py_func` of Numba's dispatchers, whose options count too. A function that is not
    compiled by itself means what an `@overload` says, and nothing leads there from it: it counts with the
    whole file that it stands in. What belongs to Python, NumPy or Numba counts by its name.

    Args:
        function: a Python function or a dispatcher.
        extra: what else the result depends on, such as the signature, options and versions; numbers, text,
            arrays, types, functions and containers of them.
        portable: hash source text without comments and docstrings, which is the same for every version of
            Python, where there is source. Otherwise bytecode: it is faster, and is that of the function in
            memory, though its file may have been edited since.
        lines: let file and line numbers count, for results that hold them.

    Raises:
        TypeError: something is reached that has no lasting description; names it and who reaches it.

    Examples:
        >>> def twice(x):
        ...     return factor * x
        >>> factor = 2
        >>> before = reached_hash(twice)
        >>> factor = 3
        >>> reached_hash(twice) == before
        False
    """
    walk = _Walk(portable, lines)
    walk.number(function)
    added = walk.described(extra, "an extra argument")
    return hashlib.sha256("\n".join([added, *walk.entries()]).encode()).hexdigest()


class _Walk:
    """The functions reached so far, numbered in the order in which they were found.

    A function's description holds the numbers of those that it reaches, so recursion ends, and equal
    descriptions of all mean equal functions.
    """

    def __init__(self, portable: bool, lines: bool) -> None:
        self.portable, self.lines = portable, lines
        self.numbers: dict[int, int] = {}
        self.found: list[Any] = []  # also keeps them alive, so that an id stays theirs

    def entries(self) -> Iterator[str]:
        """Descriptions of all functions, including those that are found on the way."""
        number = 0
        while number < len(self.found):
            yield f"{number}: {self._entry(self.found[number], number == 0)}"
            number += 1

    def number(self, function: Any) -> int:
        """The number of a function, a new one if it has none yet."""
        if id(function) not in self.numbers:
            self.numbers[id(function)] = len(self.found)
            self.found.append(function)
        return self.numbers[id(function)]

    def described(self, value: Any, where: str) -> str:
        """A value as text that is the same in every process."""
        inside = functools.partial(self.described, where=where)
        if isinstance(value, np.generic | np.ndarray):
            array = np.ascontiguousarray(value)
            if array.dtype.hasobject:
                return f"{array.shape}{inside(array.tolist())}"
            return f"{array.dtype.str}{np.shape(value)}{array.tobytes().hex()}"
        if type(value) in _PLAIN:
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, types.CodeType):
            return self._code(value, where)
        if isinstance(value, Mapping):
            return f"mapping {sorted((inside(k), inside(v)) for k, v in value.items())}"
        if isinstance(value, set | frozenset):
            return f"set {sorted(map(inside, value))}"
        if isinstance(value, tuple | list):
            return f"{type(value).__qualname__} [{', '.join(map(inside, value))}]"
        if isinstance(value, types.ModuleType):
            return f"module {value.__name__}"
        if isinstance(value, type):
            return f"type {value.__module__}.{value.__qualname__} {getattr(value, '_fields', '')}"
        if _package(value) in NAMED_ONLY and (name := _name(value)):
            return f"named {name}"
        if isinstance(value, types.FunctionType) or hasattr(value, "py_func"):
            return f"function {self.number(value)}"
        raise TypeError(
            f"{where} reaches {value!r}, a {type(value).__qualname__}, which has no description that "
            "lasts longer than this process; let it reach numbers, text, arrays, types and functions"
        )

    def _entry(self, function: Any, is_root: bool) -> str:
        plain = getattr(function, "py_func", function)
        where = f"function {plain.__qualname__!r}"
        parts = [self._text(plain, where), self.described(getattr(function, "targetoptions", {}), where)]
        if plain is function and not is_root:
            parts.append(_file(plain.__code__.co_filename, self.portable))
        parts += [self.described((plain.__defaults__, plain.__kwdefaults__), where)]
        parts += [f"{name} = {self.described(value, where)}" for name, value in reached_values(plain)]
        return "\n".join(parts)

    def _text(self, function: types.FunctionType, where: str) -> str:
        code = function.__code__
        place = f"{code.co_filename}:{code.co_firstlineno}" if self.lines else ""
        source = _source(code) if self.portable else None
        return place + (self._code(code, where) if source is None else source)

    def _code(self, code: types.CodeType, where: str) -> str:
        lines = code.co_linetable.hex() if self.lines else ""
        shape = code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_names, code.co_varnames
        texts = code.co_code.hex(), code.co_exceptiontable.hex(), code.co_freevars, code.co_cellvars, lines
        constants = self.described(code.co_consts, where)
        return f"{sys.implementation.cache_tag} {shape} {texts} {constants}"


def reached_values(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Names and values that a function reaches, by name: bytecode has another order in every Python."""
    for path in sorted(_paths(function.__code__)):
        value: Any = function.__globals__.get(path[0], _ABSENT)
        for name in path[1:]:
            if not isinstance(value, types.ModuleType):
                break
            value = getattr(value, name, _ABSENT)
        if value is not _ABSENT:
            yield ".".join(path), value
    for name, cell in sorted(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)):
        try:
            yield name, cell.cell_contents
        except ValueError:  # empty until the enclosing function goes on: the name is not there yet
            continue


@functools.cache
def _paths(code: types.CodeType) -> set[tuple[str, ...]]:
    """Global names that bytecode loads, each with the attributes that follow it."""
    found: set[tuple[str, ...]] = set()
    path: tuple[str, ...] = ()
    for instruction in dis.get_instructions(code):
        if instruction.opname == "EXTENDED_ARG":
            continue
        if path and instruction.opname in _ATTRIBUTE:
            path = *path, instruction.argval
            continue
        found.add(path)
        path = (instruction.argval,) if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") else ()
    nested = (_paths(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return found.union({path}, *nested) - {()}


@functools.cache
def _source(code: types.CodeType) -> str | None:
    """Source of a function as Python writes it; None where there is none.

    Its own decorators are left out: what they did is in the dispatcher's options, whatever they are called.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, SyntaxError):  # SyntaxError: a lambda in the middle of an expression
        return None
    if isinstance(tree.body[0], ast.FunctionDef):
        tree.body[0].decorator_list = []
    return _unparsed(tree)


@functools.cache
def _file(path: str, portable: bool) -> str:
    """Text of the file that a function stands in, "" where there is none."""
    text = "".join(linecache.getlines(path))
    return _unparsed(ast.parse(text)) if portable else text


def _unparsed(tree: ast.AST) -> str:
    """Source without comments and docstrings."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.Module):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _package(value: Any) -> str:
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0]


def _name(value: Any) -> str | None:
    """A name that lasts: None if the value only has one with its address in memory."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if name is not None:
        return f"{getattr(value, '__module__', None)}.{name}"
    text = repr(value)
    return None if " at 0x" in text else f"{type(value).__qualname__} {text}"
