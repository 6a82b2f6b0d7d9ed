"""What the engines with kernels on a device share: everything but the device itself."""

from __future__ import annotations

import functools
import linecache
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.engines import _primitives
from groundspeed.engines._numba_cuda import cuda
from groundspeed.engines.base import Engine

BLOCK = 256

# numba-cuda-mlir cannot splat a tuple into a call, so the loop is written out for the number of columns.
_LOOP = """
def kernel(n, columns):
    i = cuda.grid(1)
    step = cuda.gridsize(1)
    while i < n:
        body(i, {columns})
        i += step
"""


@functools.cache
def elementwise_kernel(body: Callable[..., None], columns: int) -> Callable[..., None]:
    """The grid-stride kernel around a body: `kernel(n, columns)`, undecorated, as the compilers want it.

    Args:
        body: `@njit` function `body(i, *columns)`.
        columns: how many columns it takes.
    """
    name = getattr(body, "__name__", "body")
    scope: dict[str, Any] = {"cuda": cuda, "body": body, "__name__": body.__module__}
    listed = ", ".join(f"columns[{k}]" for k in range(columns))
    source, file = _LOOP.format(columns=listed), f"<grid-stride loop of {name}, {columns} columns>"
    linecache.cache[file] = (
        len(source),
        None,
        source.splitlines(keepends=True),
        file,
    )  # for the compiler's errors
    exec(compile(source, file, "exec"), scope)
    kernel = scope["kernel"]
    kernel.__name__ = kernel.__qualname__ = name
    return kernel


class DeviceEngine(Engine):
    """Elementwise kernels and primitives in terms of `xp` and `launch`."""

    cooperative = True

    @abstractmethod
    def blocks(self, n: int) -> int:
        """How many blocks of an elementwise launch share out n elements."""

    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run the body in a grid-stride loop."""
        if n > 0:
            kernel = elementwise_kernel(body, len(columns))
            self.launch(kernel, self.blocks(n), BLOCK, np.int64(n), columns)

    def group(self, keys: Any, values: Any, bound: int) -> tuple[Any, Any]:
        """Group by a stable radix sort (CuPy's argsort is CUB's), of keys no wider than they must be."""
        xp = self.xp
        narrow = np.min_scalar_type(bound)
        keys = keys.astype(narrow)
        order = xp.argsort(keys, kind="stable")
        starts = xp.searchsorted(keys[order], xp.arange(bound + 1, dtype=narrow))
        return values[order], starts.astype(np.int64)

    def expand(self, offsets: Any, dtype: Any = np.int64, total: int | None = None) -> Any:
        """The row of every item, each found by a thread."""
        if total is None:
            (total,) = self.read(offsets[-1])
        rows = self.empty(total, dtype)
        self.for_each(_primitives.expand_row, len(rows), offsets, rows)
        return rows
