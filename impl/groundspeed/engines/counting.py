"""Rows of unknown length: a kernel that counts the items of a row, and one that writes them, from one body.

The body is run twice. The first time there is no room and its items are only counted; then each row gets room
for just so many. Whatever changes in between, a row never writes into the room of another.
"""

# mypy: disallow-untyped-defs=False
# Numba types most of these functions from their arguments.

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.scalar.decorators import device, elementwise


@device
def put(row, n, value):
    """Write item n of a row, if there is room for it; returns n + 1.

    Args:
        row: what the body was given.
        n: how many items were put before.
        value: of the item.
    """
    start, stop, targets = row
    if n < stop - start:
        targets[0][start + n] = value
    return n + 1


@device
def put_two(row, n, first, second):
    """As `put`, where an item has two values."""
    start, stop, targets = row
    if n < stop - start:
        targets[0][start + n], targets[1][start + n] = first, second
    return n + 1


@device
def put_three(row, n, first, second, third):
    """As `put`, where an item has three values."""
    start, stop, targets = row
    if n < stop - start:
        targets[0][start + n], targets[1][start + n], targets[2][start + n] = first, second, third
    return n + 1


@device
def _clear(row, n):
    return put(row, n, 0)


@device
def _clear_two(row, n):
    return put_two(row, n, 0, 0)


@device
def _clear_three(row, n):
    return put_three(row, n, 0, 0, 0)


CLEAR = {1: _clear, 2: _clear_two, 3: _clear_three}


@functools.cache
def counting(body: Callable[..., Any]) -> Callable[..., None]:
    """The kernel `count(i, counts, targets, columns)`: writes how many items row i has."""

    @elementwise
    def count(i, counts, targets, columns):
        none = np.int64(0)
        counts[i] = body(i, (none, none, targets), *columns)

    return _named(count, body, "count")


@functools.cache
def writing(body: Callable[..., Any], values: int) -> Callable[..., None]:
    """The kernel `write(i, offsets, targets, columns)`: writes the items of row i where it has room.

    What is left of the room, because the input has changed, is set to 0.

    Args:
        body: as for `Engine.count_then_write`.
        values: how many an item has, 1 to 3.

    Raises:
        ValueError: another number.
    """
    if values not in CLEAR:
        raise ValueError(f"an item has 1 to {len(CLEAR)} values, got {values} dtypes; write others apart")
    clear = CLEAR[values]

    @elementwise
    def write(i, offsets, targets, columns):
        row = (offsets[i], offsets[i + 1], targets)
        n = body(i, row, *columns)
        while n < offsets[i + 1] - offsets[i]:
            n = clear(row, n)

    return _named(write, body, "write")


def _named(kernel: Any, body: Any, does: str) -> Any:
    """The kernel under the name and in the module of its body, for messages."""
    kernel.__name__ = kernel.py_func.__name__ = f"{does}_{body.__name__}"
    kernel.__module__ = kernel.py_func.__module__ = body.__module__
    return kernel
