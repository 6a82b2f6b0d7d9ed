"""The `cpu` engine: the same bodies compiled by Numba, run on all cores."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import psutil
from numba import njit, prange

from groundspeed.engines.base import Engine

PACKAGE = Path(__file__).parents[1]
# Tells LLVM that an index is not negative, so that it drops the wrap-around of negative indices, which turns
# loads into gathers: 10 M haversine distances take 23 ms instead of 56 ms.
NON_NEGATIVE = np.uint64(2**63 - 1)


OPTIONS: dict[str, Any] = {"parallel": True, "error_model": "numpy", "nogil": True, "_nrt": False}
LOOP = """
def {name}(n, columns):
    {columns} = columns
    for i in prange(n):
        body(np.int64(i & NON_NEGATIVE), {arguments})
"""


@functools.cache
def _loop(body: Callable[..., None], arguments: str) -> Callable[..., None]:
    """The compiled loop around a body, stored on disk as a whole.

    Args:
        body: `body(i, ...)`.
        arguments: what it takes after `i`, in terms of c0, c1, ...; see `_flatten`. Numba's loops take no
            tuples of tuples, and are 4 times as slow where a tuple is not taken apart before the loop.

    LLVM cannot inline a function that Numba loads from its cache (a join took 4 times as long), so bodies
    and scalar functions are compiled into the loop and have no `cache=True` of their own. Numba would not
    notice when one of them changes; the loop's name tells it. `_nrt=False` leaves out the counting of
    references to arrays, which is atomic and once per item.
    """
    function = getattr(body, "py_func", body)
    name = f"loop_{function.__name__}_{_version(arguments)}"
    scope: dict[str, Any] = {
        "body": body,
        "np": np,
        "prange": prange,
        "NON_NEGATIVE": NON_NEGATIVE,
        "__name__": body.__module__,
    }
    columns = "".join(f"c{k}, " for k in range(len(re.findall(r"c\d+", arguments))))
    source = LOOP.format(name=name, columns=columns or "()", arguments=arguments)
    exec(compile(source, function.__code__.co_filename, "exec"), scope)
    ours = body.__module__.startswith(f"{PACKAGE.name}.") and not function.__closure__
    return njit(**OPTIONS, cache=ours)(scope[name])


def _flatten(columns: tuple[Any, ...], flat: list[Any]) -> str:
    """Append what is in nested tuples to a list; returns the tuples as source, with c0, c1 ... for items.

    >>> _flatten((5, (6, 7)), [])
    'c0, (c1, c2, )'
    """
    listed = []
    for value in columns:
        if isinstance(value, tuple):
            listed.append(f"({_flatten(value, flat)}, )")
        else:
            listed.append(f"c{len(flat)}")
            flat.append(value)
    return ", ".join(listed)


@functools.cache
def _version(arguments: str) -> str:
    """Changes with every source file that a loop can be made of, and with the arguments."""
    folders = PACKAGE / "scalar", PACKAGE / "operations"
    files = [Path(__file__), *sorted(file for folder in folders for file in folder.rglob("*.py"))]
    stamps = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return hashlib.sha256(repr((arguments, stamps)).encode()).hexdigest()[:16]


@njit(cache=True, error_model="numpy", nogil=True)
def _count(keys, counts):  # type: ignore[no-untyped-def]
    for key in keys:
        counts[key + 1] += 1


@njit(cache=True, error_model="numpy", nogil=True)
def _scatter(keys, cursor, order):  # type: ignore[no-untyped-def]
    for i in range(keys.size):
        key = keys[i]
        order[cursor[key]] = i
        cursor[key] += 1


class CpuEngine(Engine):
    """Numba on all cores (or on `settings().threads` of them)."""

    name = "cpu"
    cooperative = False
    xp = np

    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run the body in a `prange` loop."""
        flat: list[Any] = []
        arguments = _flatten(columns, flat)
        _loop(body, arguments)(n, tuple(flat))

    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Refuse: a CPU has no cooperative kernels."""
        raise TypeError(f"engine 'cpu' cannot launch the CUDA kernel {kernel.__name__!r}; use for_each")

    def to_host(self, array: Any) -> np.ndarray:
        """Return the array itself: it is on the host already."""
        return np.asarray(array)

    def group(self, keys: Any, bound: int) -> tuple[np.ndarray, np.ndarray]:
        """Group by counting sort: two passes, O(n + bound)."""
        starts = np.zeros(bound + 1, np.int64)
        _count(keys, starts)
        np.cumsum(starts, out=starts)
        order = np.empty(keys.size, np.int64)
        _scatter(keys, starts[:-1].copy(), order)
        return order, starts

    def memory_available(self) -> int:
        """Free physical memory of the machine."""
        return int(psutil.virtual_memory().available)

    def threads(self, count: int | None) -> int:
        """Set the number of threads of later launches; None means all. Returns the number in force."""
        numba.set_num_threads(count or numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
        return int(numba.get_num_threads())
