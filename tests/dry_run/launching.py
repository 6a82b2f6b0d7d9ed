"""Run in a process over the counting driver: every kernel of every operation through the cuda engine.

CuPy's own arrays are used where it is installed, which needs no GPU for arrays over memory of others.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import json
import sys
import time
from statistics import median

import numpy as np
from fake_cupy import FakeCupy

from groundspeed.engines.emulator.arrays import DeviceArray
from groundspeed.engines.warm import kernels
from groundspeed.operations import kernel_modules

WARM, ROUNDS = 20, 9


@functools.cache
def driver():
    """The counting driver's own functions."""
    library = ctypes.CDLL("libcuda.so.1")
    library.last_launch.restype = ctypes.POINTER(ctypes.c_long)
    return library


def cupy():
    """The real one's arrays, if there is one, with a stand-in's CUDA."""
    fake = FakeCupy()
    if importlib.util.find_spec("cupy"):
        import cupy

        fake.ndarray = cupy.ndarray
    return fake


def there(value, module):
    """Arguments on the device."""
    if isinstance(value, tuple):
        return tuple(there(one, module) for one in value)
    if not isinstance(value, np.ndarray):
        return value
    if module.ndarray is DeviceArray:
        return DeviceArray(module._gpu, value)
    from cupy.cuda import MemoryPointer, UnownedMemory

    memory = UnownedMemory(value.ctypes.data, max(value.nbytes, 1), value, 0)
    return module.ndarray(value.shape, value.dtype, MemoryPointer(memory, 0))


def engine():
    """The cuda engine over the counting driver()."""
    sys.modules["cupy"] = cupy()
    from groundspeed.engines.cuda import CudaEngine

    return CudaEngine()


def once(launch):
    """Microseconds of one launch."""
    began = time.perf_counter()
    launch()
    return 1e6 * (time.perf_counter() - began)


def rows():
    """(kernel, milliseconds of the first launch, median microseconds of later ones, arrays, bytes)."""
    one = engine()
    for kernel in kernels(kernel_modules()):
        arguments = there(kernel.example, one.xp)

        def launch(kernel=kernel, arguments=arguments):
            if kernel.elementwise:
                one.for_each(kernel.function, 1 << 20, *arguments)
            else:
                one.launch(kernel.function, 132, kernel.block, *arguments)

        before = driver().kernels_launched()
        first = once(launch) / 1000
        warm = min(median(once(launch) for _ in range(WARM)) for _ in range(ROUNDS))
        yield {
            "kernel": kernel.name,
            "launched": driver().kernels_launched() - before,
            "first_ms": first,
            "warm_us": warm,
            "bytes": driver().bytes_of_parameters(),
            "grid": driver().last_launch()[0],
            "stream": driver().last_launch()[7],
        }


if __name__ == "__main__":
    told = {"rows": list(rows()), "modules": driver().modules_loaded(), "rounds": WARM * ROUNDS}
    print(json.dumps(told))
