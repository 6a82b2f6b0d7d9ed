"""The `cuda` engine: Numba CUDA kernels over CuPy arrays."""

from __future__ import annotations

import functools
import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.engines._compile import jit
from groundspeed.engines._numba_cuda import MissingCuda, cuda
from groundspeed.engines.base import Engine
from groundspeed.engines.choice import EngineUnavailable

BLOCK = 256
# Blocks per multiprocessor of an elementwise launch: enough to hide the tail, few enough to stay cheap.
WAVES = 32


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


@functools.cache
def _compiled(kernel: Callable[..., None]) -> Any:
    return jit(kernel)


def _device_array(value: Any) -> Any:
    """A CuPy array as Numba's own, in tuples too.

    Numba would convert it by itself, but would then wait for CuPy's stream at every launch. The kernel runs
    on that very stream: there is nothing to wait for.
    """
    if isinstance(value, tuple):
        return tuple(map(_device_array, value))
    return cuda.as_cuda_array(value, sync=False) if hasattr(value, "__cuda_array_interface__") else value


class CudaEngine(Engine):
    """Numba CUDA launches and CuPy (CUB) primitives on the current device."""

    name = "cuda"
    cooperative = True

    def __init__(self) -> None:
        if isinstance(cuda, MissingCuda):
            raise EngineUnavailable(
                f"engine 'cuda' needs numba-cuda, which did not import ({cuda.reason}); "
                "install it with: pip install 'groundspeed[cuda13]' (or [cuda12])"
            )
        try:
            import cupy
        except ImportError as error:
            raise EngineUnavailable(
                "engine 'cuda' needs CuPy, which is not installed; "
                "install it with: pip install 'groundspeed[cuda13]' (or [cuda12])"
            ) from error
        try:
            device = cupy.cuda.Device()
            self._multiprocessors = device.attributes["MultiProcessorCount"]
        except Exception as error:  # CuPy raises CUDARuntimeError where there is no driver or no device
            raise EngineUnavailable(
                f"engine 'cuda' found no usable NVIDIA GPU ({error}); check the driver with nvidia-smi, "
                "or use engine='cpu'"
            ) from error
        # Few blocks for few elements is what is wanted here; the warning is for hand-written launches.
        warnings.filterwarnings("ignore", message=".*Grid size .* will likely")
        self.xp = cupy

    def _stream(self) -> Any:
        """CuPy's current stream as Numba sees it, so that both libraries work in one order."""
        return cuda.external_stream(self.xp.cuda.get_current_stream().ptr)

    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run the body in a grid-stride loop."""
        if n <= 0:
            return
        grid = min(-(-n // BLOCK), self._multiprocessors * WAVES)
        self.launch(elementwise_kernel(body, len(columns)), grid, BLOCK, np.int64(n), columns)

    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Launch a cooperative kernel on CuPy's current stream."""
        _compiled(kernel)[grid, block, self._stream()](*map(_device_array, arguments))

    def to_host(self, array: Any) -> np.ndarray:
        """Copy device to host."""
        return self.xp.asnumpy(array)

    def group(self, keys: Any, values: Any, bound: int) -> tuple[Any, Any]:
        """Group by a stable radix sort (CuPy's argsort is CUB's)."""
        xp = self.xp
        order = xp.argsort(keys, kind="stable")
        starts = xp.searchsorted(keys[order], xp.arange(bound + 1, dtype=np.int64)).astype(np.int64)
        return values[order], starts

    def memory_available(self) -> int:
        """Free device memory, counting what CuPy's pool holds unused."""
        return int(self.xp.cuda.Device().mem_info[0] + self.xp.get_default_memory_pool().free_bytes())

    def synchronize(self) -> None:
        """Wait for the device."""
        self.xp.cuda.get_current_stream().synchronize()
