"""The `cuda` engine: Numba CUDA kernels over CuPy arrays."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np

from groundspeed.engines import _driver, _programs
from groundspeed.engines._arguments import Flattener, examples
from groundspeed.engines._compile import MEMREF, Capability
from groundspeed.engines._numba_cuda import MissingCuda, cuda
from groundspeed.engines.choice import EngineUnavailable
from groundspeed.engines.counters import Counters, Watch
from groundspeed.engines.device import BLOCK, DeviceEngine

WAVES = 32
"""Blocks per multiprocessor of an elementwise launch: enough to hide the tail, few enough to stay cheap."""

MULTIPROCESSORS = 16  # cudaDevAttrMultiProcessorCount
DEVICE_TO_HOST = 2  # cudaMemcpyDeviceToHost
WORD, FEWEST_WORDS = 8, 64
"""Bytes of host memory for a scalar that is read, and how many of them are allocated at first."""

INSTALL = "install it with: pip install 'groundspeed[cuda13]' (or [cuda12])"


M = TypeVar("M", bound=Callable[..., Any])


def in_words(method: M) -> M:
    """CuPy's errors in a method as ours, which say what to do."""

    @functools.wraps(method)
    def worded(self: CudaEngine, *arguments: Any, **options: Any) -> Any:
        try:
            return method(self, *arguments, **options)
        except self.xp.cuda.memory.OutOfMemoryError as error:
            raise MemoryError(f"{_driver.FULL} ({error})") from error
        except self._runtime.CUDARuntimeError as error:
            raise _driver.error(error.status, str(error)) from error

    return worded  # type: ignore[return-value]


class CudaEngine(DeviceEngine):
    """Launches through the driver and CuPy (CUB) primitives, on CuPy's current device and stream.

    Raises:
        EngineUnavailable: no compiler, no CuPy, no driver, one that is too old, or no GPU.
    """

    name = "cuda"

    def __init__(self) -> None:
        if isinstance(cuda, MissingCuda):
            raise EngineUnavailable(
                f"engine 'cuda' needs numba-cuda, which did not import ({cuda.reason}); {INSTALL}"
            )
        try:
            import cupy
        except ImportError as error:
            raise EngineUnavailable(f"engine 'cuda' needs CuPy, which is not installed; {INSTALL}") from error
        self.xp = cupy
        self._runtime = cupy.cuda.runtime
        try:
            self._multiprocessors(self._runtime.getDevice())
        except Exception as error:  # CuPy raises CUDARuntimeError where there is no driver or no device
            raise EngineUnavailable(unusable(self._runtime, error)) from error
        self._flatten = Flattener(cupy.ndarray, MEMREF)
        self._functions: dict[tuple[Any, ...], _driver.Function] = {}
        self._loading = threading.RLock()
        self._local = threading.local()
        self._watch = Watch()

    def counting(self) -> AbstractContextManager[Counters]:
        """Count launches, waits and copies of this engine inside a `with` block, by all threads.

        What CuPy's own functions launch, wait for and allocate is not among them.
        """
        return self._watch.counting()

    @functools.cache  # noqa: B019  (engines live as long as the process)
    def _multiprocessors(self, device: int) -> int:
        return int(self._runtime.deviceGetAttribute(MULTIPROCESSORS, device))

    @functools.cache  # noqa: B019
    def capability(self, device: int) -> Capability:
        """Compute capability of a GPU."""
        digits = self.xp.cuda.Device(device).compute_capability
        return int(digits[:-1]), int(digits[-1])

    def blocks(self, n: int) -> int:
        """As many as keep all multiprocessors busy."""
        return min(-(-n // BLOCK), self._multiprocessors(self._runtime.getDevice()) * WAVES)

    @in_words
    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Launch a kernel on CuPy's current stream, compiled when types of arguments are new.

        Raises:
            ValueError: an array that is not C-contiguous or is on another GPU.
            MemoryError: the GPU's memory is full.
            DeviceError: the driver refuses, or an earlier kernel has failed.
        """
        device = self._runtime.getDevice()
        key, values = self._flatten(arguments, device)
        function = self._functions.get((kernel, device, key))
        if function is None:
            function = self._load(kernel, device, key, arguments)
        if getattr(self._local, "device", None) != device:
            self._bind(device)
        stream = self.xp.cuda.get_current_stream().ptr
        self._watch.count("launches")
        function.launch(_three(grid), _three(block), stream, values)

    def _bind(self, device: int) -> None:
        """Let the driver know this thread's GPU: CuPy does so only when it does something itself."""
        self._runtime.setDevice(device)
        self._runtime.free(0)
        self._local.device = device

    def _load(
        self, kernel: Callable[..., None], device: int, key: tuple[Any, ...], arguments: tuple[Any, ...]
    ) -> _driver.Function:
        with self._loading:
            if (kernel, device, key) not in self._functions:
                self._bind(device)
                types = examples(arguments, self.xp.ndarray)
                image = _programs.image(kernel, types, self.capability(device))
                function = _driver.Function(image.code, image.name, self._flatten.packer(key))
                self._functions[kernel, device, key] = function
            return self._functions[kernel, device, key]

    def warm(self, modules: Iterable[str]) -> list[str]:
        """Compile the kernels of some modules for the current GPU on all cores, see `engines.warm`."""
        from groundspeed.engines.warm import warm

        return warm(modules, self.capability(self._runtime.getDevice()))

    @in_words
    def asarray(self, array: Any, dtype: Any = None) -> Any:
        """Bring an array to the current GPU, contiguous, without a copy where it already fits."""
        there = super().asarray(array, dtype)
        if not isinstance(array, self.xp.ndarray):
            self._watch.count("copied_bytes", there.nbytes)
        return there

    @in_words
    def empty(self, shape: int | tuple[int, ...], dtype: Any = np.float64) -> Any:
        """Allocate from CuPy's pool."""
        return super().empty(shape, dtype)

    @in_words
    def to_host(self, array: Any) -> np.ndarray:
        """Copy device to host."""
        if isinstance(array, self.xp.ndarray):
            self._watch.read_back(array.nbytes)
        return self.xp.asnumpy(array)

    @in_words
    def read(self, *values: Any) -> tuple[Any, ...]:
        """Bring scalars to the host with one wait for all of them."""
        there = {slot: value for slot, value in enumerate(values) if isinstance(value, self.xp.ndarray)}
        if any(value.size != 1 for value in there.values()):
            raise ValueError("read takes arrays of one element; use to_host for others")
        stream, held = self.xp.cuda.get_current_stream(), self._host_words(len(values))
        for slot, value in there.items():
            target = held.ctypes.data + WORD * slot
            self._runtime.memcpyAsync(target, value.data.ptr, value.itemsize, DEVICE_TO_HOST, stream.ptr)
        self._watch.read_back(sum(value.nbytes for value in there.values()))
        stream.synchronize()
        return super().read(
            *(
                held[slot : slot + 1].view(there[slot].dtype)[0] if slot in there else value
                for slot, value in enumerate(values)
            )
        )

    def _host_words(self, count: int) -> np.ndarray:
        """Pinned memory of this thread, which the GPU writes to without a wait."""
        if getattr(self._local, "words", np.empty(0)).size < count:
            words = max(count, FEWEST_WORDS)
            memory = self.xp.cuda.alloc_pinned_memory(WORD * words)
            self._local.words = np.frombuffer(memory, np.uint64, words)
        held: np.ndarray = self._local.words
        return held

    def memory_available(self) -> int:
        """Free device memory, counting what CuPy's pool holds unused."""
        return int(self.xp.cuda.Device().mem_info[0] + self.xp.get_default_memory_pool().free_bytes())

    @in_words
    def synchronize(self) -> None:
        """Wait for the device."""
        self.xp.cuda.get_current_stream().synchronize()


def _three(extent: Any) -> tuple[int, int, int]:
    return (*extent, 1, 1)[:3] if isinstance(extent, tuple) else (extent, 1, 1)


def unusable(runtime: Any, error: Exception) -> str:
    """Why there is no GPU to use, and what to do, from the versions that CuPy tells.

    Args:
        runtime: `cupy.cuda.runtime`.
        error: what CuPy raised.
    """
    try:
        driver, needed = runtime.driverGetVersion(), runtime.runtimeGetVersion()
    except Exception:  # not even that
        driver = needed = 0
    if driver == 0:
        found = "no NVIDIA driver"
        fix = "install it until nvidia-smi lists the GPU (in a container, start that with --gpus all)"
    elif driver // 1000 < needed // 1000:
        found = f"a driver for CUDA {_version(driver)}, but CuPy is built for CUDA {_version(needed)}"
        fix = (
            f"update the driver, or pip install 'groundspeed[cuda{driver // 1000}]' in place of what is there"
        )
    else:
        found = f"no usable NVIDIA GPU behind the driver for CUDA {_version(driver)}"
        fix = "see nvidia-smi, and whether CUDA_VISIBLE_DEVICES hides it"
    return f"engine 'cuda' found {found} ({error}); {fix}, or use engine='cpu'"


def _version(number: int) -> str:
    """As the driver tells it.

    >>> _version(12090)
    '12.9'
    """
    return f"{number // 1000}.{number % 1000 // 10}"
