"""Memory that is kept for the next call, as CuPy keeps it on a GPU.

A fresh array of many megabytes costs a page fault for every page that is first written: up to a third of the
time of a join of a million points, nothing where the C library happens to keep the pages. A buffer goes back
to the pool when the array that was made of it, and every view of that array, is gone.
"""

from __future__ import annotations

import math
import threading
import weakref
from typing import Any

import numpy as np

SMALLEST = 1 << 18
"""Bytes; what is smaller comes from the C library, which keeps it by itself."""


class Pool:
    """Buffers for arrays.

    Args:
        most: bytes that are kept at most; what exceeds them is given back to the system, oldest first.

    Examples:
        >>> pool = Pool(most=1 << 20)
        >>> array = pool.empty(100_000, "float64")
        >>> where = array.ctypes.data
        >>> part = array[10:20]
        >>> del array
        >>> pool.held
        0
        >>> del part
        >>> pool.empty(100_000, "float64").ctypes.data == where
        True
    """

    def __init__(self, most: int):
        self.most = most
        self._free: list[np.ndarray] = []
        self._lock = threading.RLock()  # the garbage collector may give back while we take

    @property
    def held(self) -> int:
        """Bytes that wait for use."""
        with self._lock:
            return sum(buffer.nbytes for buffer in self._free)

    def empty(self, shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array that is not initialised."""
        kind = np.dtype(dtype)
        size = kind.itemsize * math.prod(shape if isinstance(shape, tuple) else (shape,))
        if size < SMALLEST:
            return np.empty(shape, kind)
        buffer = self._take(size)
        # Views of an array that does not own its memory, but has it from a memoryview, keep that array alive.
        array = np.frombuffer(memoryview(buffer.data)[:size], kind)
        weakref.finalize(array, self._give, buffer).atexit = False
        return array.reshape(shape)

    def release(self) -> None:
        """Give everything that waits back to the system."""
        with self._lock:
            self._free.clear()

    def _take(self, size: int) -> np.ndarray:
        with self._lock:
            fits = [k for k, buffer in enumerate(self._free) if size <= buffer.nbytes <= 2 * size]
            if fits:
                return self._free.pop(min(fits, key=lambda k: self._free[k].nbytes))
        step = 1 << (size.bit_length() - 3)
        return np.empty(-(-size // step) * step, np.uint8)

    def _give(self, buffer: np.ndarray) -> None:
        with self._lock:
            self._free.append(buffer)
            while self.held > self.most:
                self._free.pop(0)
