"""A module `cupy` for machines without one: strict arrays, and what the cuda engine asks of CUDA."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

from groundspeed.engines.emulator.gpu import Gpu
from groundspeed.engines.emulator.namespace import Namespace

MULTIPROCESSORS = 4
STREAM = 77


class CUDARuntimeError(RuntimeError):
    """As CuPy's."""

    def __init__(self, status):
        super().__init__(f"cudaError {status}")
        self.status = status


class OutOfMemoryError(MemoryError):
    """As CuPy's."""


class FakeCupy(Namespace):
    """CuPy on one GPU of compute capability 9.0.

    Attributes:
        stream: its current stream; others: how many GPUs there are besides.
    """

    def __init__(self, gpu=None, stream=STREAM, driver=13000, runtime=13000):
        super().__init__(gpu or Gpu())
        self.bound = []
        self.cuda = SimpleNamespace(
            Device=self._device,
            get_current_stream=lambda: SimpleNamespace(ptr=stream, synchronize=self._wait),
            alloc_pinned_memory=bytearray,
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            runtime=SimpleNamespace(
                CUDARuntimeError=CUDARuntimeError,
                getDevice=lambda: 0,
                setDevice=self.bound.append,
                free=lambda address: None,
                deviceGetAttribute=lambda attribute, device: MULTIPROCESSORS,
                memcpyAsync=self._copy,
                driverGetVersion=lambda: driver,
                runtimeGetVersion=lambda: runtime,
            ),
        )

    def _device(self, number=0):
        return SimpleNamespace(compute_capability="90", mem_info=(1000, 9000))

    def _wait(self):
        self._gpu.read_back(0)

    def _copy(self, target, source, size, kind, stream):
        self._gpu.count("copied_bytes", size)
        ctypes.memmove(target, source, size)

    def get_default_memory_pool(self):
        """Holds 24 bytes."""
        return SimpleNamespace(free_bytes=lambda: 24)
