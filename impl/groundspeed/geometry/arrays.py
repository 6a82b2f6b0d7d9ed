"""Small array helpers that work alike on NumPy and CuPy arrays."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def namespace(*arrays: Any) -> Any:
    """The module that arrays belong to: CuPy (or the emulator's) if one is on a device, else NumPy."""
    cupy = sys.modules.get("cupy")
    found = filter(None, map(emulated, arrays))
    return next(found, None) or (cupy.get_array_module(*arrays) if cupy is not None else np)


def emulated(array: Any) -> Any:
    """The module of an array that is on the emulator's device, None for others."""
    gpu = getattr(array, "gpu", None)
    return None if gpu is None else gpu.xp


def host(array: Any) -> np.ndarray:
    """The array on the host; no copy if it is there already."""
    return array.get() if hasattr(array, "__cuda_array_interface__") else np.asarray(array)


def first(mask: Any) -> int:
    """Position of the first True, -1 where there is none."""
    return int(mask.argmax()) if len(mask) and bool(mask.any()) else -1


def compose(offsets: tuple[Any, ...]) -> Any:
    """Offsets from the rows straight to the innermost level."""
    result = offsets[0]
    for inner in offsets[1:]:
        result = inner[result]
    return result


def gather(offsets: Any, rows: Any) -> tuple[Any, Any]:
    """Select rows of a ragged level.

    Args:
        offsets: (n + 1,) int64.
        rows: (k,) int64 row numbers.

    Returns:
        (k + 1,) offsets of the selection and the positions of its elements in the level below.
    """
    xp = namespace(offsets)
    starts = offsets[rows]
    selected = xp.zeros(len(rows) + 1, dtype=np.int64)
    xp.cumsum(offsets[rows + 1] - starts, out=selected[1:])
    positions = xp.arange(int(selected[-1]), dtype=np.int64)
    owner = xp.searchsorted(selected[1:], positions, side="right")
    return selected, positions + (starts - selected[:-1])[owner]
