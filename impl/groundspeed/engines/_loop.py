"""The compiled loop that the `cpu` engine puts around a body."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from groundspeed.engines._generated import define

PACKAGE = Path(__file__).parents[1]
# Tells LLVM that an index is not negative, so that it drops the wrap-around of negative indices, which turns
# loads into gathers: 10 M haversine distances take 23 ms instead of 56 ms.
NON_NEGATIVE = np.uint64(2**63 - 1)


OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
LOOP = """
def {name}(start, stop, columns):
    {columns} = columns
    for i in range(start, stop):
        body(np.int64(i & NON_NEGATIVE), {arguments})
"""


@functools.cache
def compiled_loop(body: Callable[..., None], arguments: str) -> Callable[..., None]:
    """The compiled loop `(start, stop, columns)` around a body, stored on disk as a whole.

    Args:
        body: `body(i, ...)`.
        arguments: what it takes after `i`, in terms of c0, c1, ...; see `flatten`. Numba's loops take no
            tuples of tuples, and were 4 times as slow (as prange) where a tuple was not taken apart before.

    LLVM cannot inline a function that Numba loads from its cache (a join took 4 times as long), so bodies
    and scalar functions are compiled into the loop and have no `cache=True` of their own. Numba would not
    notice when one of them changes; the loop's name tells it. `_nrt=False` leaves out the counting of
    references to arrays, which is atomic and once per item.
    """
    function = getattr(body, "py_func", body)
    name = f"loop_{function.__name__}_{_version(function.__module__, function.__qualname__, arguments)}"
    scope: dict[str, Any] = {
        "body": body,
        "np": np,
        "NON_NEGATIVE": NON_NEGATIVE,
        "__name__": body.__module__,
    }
    columns = "".join(f"c{k}, " for k in range(len(re.findall(r"c\d+", arguments))))
    loop, stored = define(name, LOOP.format(name=name, columns=columns or "()", arguments=arguments), scope)
    ours = body.__module__.startswith(f"{PACKAGE.name}.") and not function.__closure__
    return njit(**OPTIONS, cache=ours and stored)(loop)


def flatten(columns: tuple[Any, ...], flat: list[Any]) -> str:
    """Append what is in nested tuples to a list; returns the tuples as source, with c0, c1 ... for items.

    >>> flatten((5, (6, 7)), [])
    'c0, (c1, c2, )'
    """
    listed = []
    for value in columns:
        if isinstance(value, tuple):
            listed.append(f"({flatten(value, flat)}, )")
        else:
            listed.append(f"c{len(flat)}")
            flat.append(value)
    return ", ".join(listed)


@functools.cache
def _version(*what: str) -> str:
    """Differs with the body's name and arguments, and with every source file that a loop can be made of."""
    folders = PACKAGE / "scalar", PACKAGE / "operations"
    files = [Path(__file__), *sorted(file for folder in folders for file in folder.rglob("*.py"))]
    stamps = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return hashlib.sha256(repr((what, stamps)).encode()).hexdigest()[:16]
