"""Loading and launching machine code through the CUDA driver, and the driver's errors in words.

Source: NVIDIA, "CUDA Driver API", cuLaunchKernel: all parameters of a kernel go as one buffer.
"""

from __future__ import annotations

import ctypes
import struct
import threading
from collections.abc import Sequence
from typing import Any

BUFFER_POINTER, BUFFER_SIZE, END = 1, 2, 0  # CU_LAUNCH_PARAM_..., see cuda.h
MOST_BYTES = 32_764
"""Of a kernel's parameters, since compute capability 7.0 and CUDA 12.1."""

STICKY = frozenset({214, 700, 702, 710, 714, 715, 716, 717, 718, 719})
"""Results after which the driver refuses everything until the process ends."""
OUT_OF_MEMORY, INVALID_CONTEXT = 2, 201
UNLOADABLE = frozenset({200, 209, 218, 222, 223})
"""Results of loading code that the driver is too old for, or that is for another GPU."""

FAULT = (
    "a kernel failed on the GPU, and the driver refuses all further work of this process: start a new one. "
    "The call with engine='emulator' names the line that did it; please report it"
)
FULL = (
    "the memory of the GPU is full, maybe by another process (see nvidia-smi): end that, free arrays and "
    "cupy.get_default_memory_pool().free_all_blocks(), or work in smaller pieces with "
    "groundspeed.use(memory_budget=...)"
)
TOO_OLD = (
    "the driver cannot run code of the CUDA compiler that is installed: update the driver (nvidia-smi shows "
    "the newest CUDA it knows), or install the compiler for it, groundspeed[cuda12] or [cuda13]"
)


class DeviceError(RuntimeError):
    """The driver refused; the message says what to do."""


class _Parameters(threading.local):
    """The buffer that a thread's launches pass their parameters in; the driver copies it at once."""

    def __init__(self) -> None:
        self.buffer = ctypes.create_string_buffer(MOST_BYTES)
        self.size = ctypes.c_size_t(0)
        pointers = (BUFFER_POINTER, ctypes.addressof(self.buffer), BUFFER_SIZE, ctypes.addressof(self.size))
        self._extra = (ctypes.c_void_p * 5)(*pointers, END)
        self.extra = ctypes.addressof(self._extra)


_parameters = _Parameters()


class Function:
    """A kernel in the memory of one GPU.

    Args:
        image: machine code, or PTX that ends with a zero, which the driver compiles.
        name: of the kernel in it.
        packer: of its parameters.

    Raises:
        DeviceError: the driver does not take it.
    """

    def __init__(self, image: bytes, name: str, packer: struct.Struct):
        from cuda.bindings import driver

        self._launch = driver.cuLaunchKernel
        self._module = check(driver.cuModuleLoadData(image))
        self._handle = check(driver.cuModuleGetFunction(self._module, name.encode()))
        self._packer = packer

    def launch(
        self, grid: tuple[int, int, int], block: tuple[int, int, int], stream: int, values: Sequence[Any]
    ) -> None:
        """Launch it with these parameters; does not wait.

        Raises:
            DeviceError: the driver refuses this launch, or an earlier one has failed.
        """
        parameters = _parameters
        self._packer.pack_into(parameters.buffer, 0, *values)
        parameters.size.value = self._packer.size
        (result,) = self._launch(self._handle, *grid, *block, 0, stream, 0, parameters.extra)
        if result:
            check((result,))


def check(answer: tuple[Any, ...]) -> Any:
    """The value that the driver returned with its result.

    Raises:
        MemoryError: the GPU's memory is full.
        DeviceError: another result than success, in words.
    """
    result = int(answer[0])
    if result:
        raise error(result, getattr(answer[0], "name", str(answer[0])))
    return answer[1] if len(answer) > 1 else None


def error(result: int, name: str) -> Exception:
    """The exception for a result of the driver or of the CUDA runtime, which number these alike."""
    if result == OUT_OF_MEMORY:
        return MemoryError(f"{FULL} ({name})")
    if result in STICKY:
        return DeviceError(f"{FAULT} ({name})")
    if result in UNLOADABLE:
        return DeviceError(f"{TOO_OLD} ({name})")
    return DeviceError(f"CUDA refused: {name} ({result})")
