# mypy: allow-untyped-defs, no-check-untyped-defs
"""Kernels of the engines' own primitives on a GPU."""

from __future__ import annotations

import numpy as np
from numba import njit

from groundspeed.engines.kernels import Kernel


@njit(error_model="numpy")
def expand_row(j, offsets, rows):
    """One thread finds the row of an item by bisection; its neighbours read nearly the same offsets.

    A thread per row would wait for the longest of 32 rows.
    """
    low, high = np.int64(0), np.int64(offsets.size - 1)
    while high - low > 1:
        middle = (low + high) >> 1
        if offsets[middle] <= j:
            low = middle
        else:
            high = middle
    rows[j] = low


_OFFSETS = np.empty(1, np.int64)

KERNELS = tuple(
    Kernel(
        name=f"expand_row_{np.dtype(dtype)}",
        function=expand_row,
        example=(_OFFSETS, np.empty(1, dtype)),
        bytes_per_element=np.dtype(dtype).itemsize,
    )
    for dtype in (np.int32, np.int64)
)
"""By the dtype of the rows."""
