"""The compiled loop that the `cpu` engine puts around a body.

A loop is compiled for the kinds of its columns, stored under everything it reaches (see `reached`), and taken
from there by later processes.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import itertools
import linecache
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np

from groundspeed.engines import _announce, _store
from groundspeed.engines.reached import reached_hash

Loop = Callable[[int, int, tuple[Any, ...]], None]
"""`loop(start, stop, columns)` runs items `start` to `stop`, over columns as `flatten` makes them."""

# Tells LLVM that an index is not negative, so that it drops the wrap-around of negative indices, which turns
# loads into gathers: 10 M haversine distances take 23 ms instead of 56 ms.
NON_NEGATIVE = np.uint64(2**63 - 1)

LOOP = """
def loop(start, stop, {columns}):
    for i in range(start, stop):
        body(np.int64(i & NON_NEGATIVE), {arguments})
"""

NUMBERS: dict[type, Callable[[Any], Any]] = {bool: np.bool_, int: np.int64, float: np.float64}
LIKE_C = 0x101
"""Flags of arrays that loops differ by: contiguous in C's order, aligned."""

_loops: dict[Any, Loop] = {}
_unnamed = itertools.count()


def flatten(columns: tuple[Any, ...], flat: list[Any]) -> tuple[Any, ...]:
    """Append arrays and NumPy numbers, also those in nested tuples, to a list; returns their kinds, nested.

    >>> flat = []
    >>> flatten((np.zeros(3), (5, 2.5)), flat)
    ((dtype('float64'), 1, 257), (<class 'int'>, <class 'float'>))
    >>> flat
    [array([0., 0., 0.]), np.int64(5), np.float64(2.5)]
    """
    kinds: list[Any] = []
    for value in columns:
        if isinstance(value, np.ndarray):
            kinds.append((value.dtype, value.ndim, value.flags.num & LIKE_C))
            flat.append(value)
        elif isinstance(value, tuple):
            kinds.append(flatten(value, flat))
        else:
            kind = type(value)
            kinds.append(kind)
            flat.append(NUMBERS[kind](value) if kind in NUMBERS else value)
    return tuple(kinds)


def loop_around(body: Callable[..., None], columns: tuple[Any, ...]) -> tuple[Loop, tuple[Any, ...]]:
    """The loop that calls `body(i, *columns)` for every i, and the columns as it takes them.

    Raises:
        TypeError: a column is neither an array nor a number.
    """
    return _found(body, columns, _around)


def loop_of(function: Callable[..., None], columns: tuple[Any, ...]) -> tuple[Loop, tuple[Any, ...]]:
    """A loop that is written out, `function(start, stop, *columns)`, and the columns as it takes them."""
    return _found(function, columns, lambda function, _: function)


def _found(
    shown: Callable[..., None], columns: tuple[Any, ...], write: Callable[..., Callable[..., None]]
) -> tuple[Loop, tuple[Any, ...]]:
    flat: list[Any] = []
    kinds = flatten(columns, flat)
    loop = _loops.get((shown, kinds))
    if loop is None:
        loop = _loops[shown, kinds] = _compiled(write(shown, columns), tuple(flat), shown)
    return loop, tuple(flat)


def _around(body: Callable[..., None], columns: tuple[Any, ...]) -> Callable[..., None]:
    """The source of a loop as a function; its file is not on disk, but debuggers and errors can show it."""
    names = (f"c{k}" for k in itertools.count())
    arguments = _listed(columns, names)
    listed = ", ".join(itertools.takewhile(next(names).__ne__, (f"c{k}" for k in itertools.count())))
    source = LOOP.format(columns=listed, arguments=arguments)
    file = f"<loop of {body.__module__}.{body.__qualname__}({arguments})>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    plain: bool = numba.config.DISABLE_JIT  # type: ignore[attr-defined]
    limit = int(NON_NEGATIVE) if plain else NON_NEGATIVE  # NumPy 1 has no int & uint64
    scope: dict[str, Any] = {"body": body, "np": np, "NON_NEGATIVE": limit}
    exec(compile(source, file, "exec"), {**scope, "__name__": body.__module__}, scope)
    return scope["loop"]


def _listed(columns: tuple[Any, ...], names: Iterator[str]) -> str:
    """The columns as source, nested as they are: `c0, (c1, c2, )`. Numba's loops take no tuples of tuples."""
    return ", ".join(
        f"({_listed(one, names)}, )" if isinstance(one, tuple) else next(names) for one in columns
    )


def _compiled(function: Callable[..., None], columns: tuple[Any, ...], shown: Any) -> Loop:
    """Load what an earlier process has stored, or compile and store it.

    Args:
        function: `function(start, stop, *columns)`, not decorated.
        columns: arrays and NumPy numbers; their types matter.
        shown: the function that messages speak of.
    """
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return lambda start, stop, columns: function(start, stop, *columns)
    key = _key(function, columns)
    entry = f"{shown.__name__.strip('_')}_{key or next(_unnamed)}"
    run = _store.load(entry) if key else None
    if run is None:
        with _announce.compiling(shown):
            from groundspeed.engines import _native  # here, because it loads much of Numba

            made = _native.compile_loop(function, _types(columns, shown, _native.numba_type), entry)
        if key and made.portable:
            _store.save(entry, made.machine_code, made.calls)
        run = _store.link(made.machine_code, entry)
    return _raising(run)


def _key(function: Callable[..., None], columns: tuple[Any, ...]) -> str:
    """Differs with whatever the machine code depends on; "" where no other process can tell."""
    try:
        return reached_hash(function, repr(flatten(columns, [])), _compiler(), _store.machine())[:32]
    except TypeError:
        return ""


@functools.cache
def _compiler() -> tuple[Any, ...]:
    config: Any = numba.config
    sources = [Path(__file__).with_name(name).read_bytes() for name in ("_entry.py", "_native.py")]
    ours = hashlib.sha256(b"".join(sources)).hexdigest()
    settings = config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE, config.BOUNDSCHECK
    versions = numba.__version__, llvmlite.__version__, np.__version__, sys.version_info[:2]
    return ours, *map(str, settings), *versions


def _types(columns: tuple[Any, ...], shown: Any, numba_type: Callable[[Any], Any]) -> tuple[Any, ...]:
    found = []
    for position, value in enumerate(columns):
        try:
            found.append(numba_type(value))
        except (ValueError, NotImplementedError) as error:
            raise TypeError(
                f"column {position} of {shown.__name__} must be an array of numbers or a number, "
                f"got {getattr(value, 'dtype', type(value).__name__)}"
            ) from error
    return tuple(found)


def _raising(run: _store.Entry) -> Loop:
    """The loop that raises what its machine code only returns."""

    def loop(start: int, stop: int, columns: tuple[Any, ...]) -> None:
        raised = run(start, stop, columns)
        if raised:
            raise _exception(raised)

    return loop


class _Raised(ctypes.Structure):
    """The beginning of Numba's `excinfo_t`."""

    _fields_ = (("pickled", ctypes.c_void_p), ("size", ctypes.c_int32))


def _exception(address: int) -> Exception:
    raised = _Raised.from_address(address)
    kind, arguments, *_ = pickle.loads(ctypes.string_at(raised.pickled, raised.size))
    return kind(*arguments or ())
