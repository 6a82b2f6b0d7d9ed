"""The module `cupy` over arrays of the emulator, of what the committed table says that CuPy has."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from groundspeed.engines.emulator import cupy_table
from groundspeed.engines.emulator.arrays import DeviceArray, plain, plain_options, wrap
from groundspeed.engines.emulator.gpu import Gpu

WAITING = {"flatnonzero": 1, "nonzero": 1, "argwhere": 1, "unique": 1, "bincount": 2}
"""Functions whose result has a size that the host has to wait for, and how often."""
SIZED = frozenset({"arange", "empty", "eye", "full", "linspace", "ones", "zeros"})
"""Functions that need numbers of the host: a number on the device is waited for."""
UFUNC_OPTIONS = frozenset({"out", "dtype", "casting"})


class Namespace:
    """The module `cupy`, of what the committed table says that it has."""

    ndarray = DeviceArray

    def __init__(self, gpu: Gpu):
        self._gpu = gpu

    def __getattr__(self, name: str) -> Any:
        known = cupy_table.table()
        if name in known["functions"] or name in known["ufuncs"]:
            return functools.partial(self._call, name)
        value = getattr(np, name, None)
        if isinstance(value, type | float):  # dtypes and constants
            return value
        raise AttributeError(f"module 'cupy' {known['version']} has no attribute {name!r}")

    def _call(self, name: str, *arguments: Any, **options: Any) -> Any:
        """NumPy's function of that name, on the device."""
        _check(name, arguments, options)
        self._gpu.count("read_backs", WAITING.get(name, 0) or int(name == "where" and len(arguments) == 1))
        number = _number if name in SIZED else plain
        with np.errstate(all="ignore"):
            result = getattr(np, name)(*map(number, arguments), **plain_options(options))
        self._gpu.count("array_calls", name != "empty")
        out = options.get("out")
        return wrap(self._gpu, result, arguments) if out is None else out

    def asarray(self, a: Any, dtype: Any = None, **options: Any) -> DeviceArray:
        """On the device: the array itself if it is there, else a copy of what the host has."""
        _check("asarray", (a,), options)
        if isinstance(a, DeviceArray):
            return a if dtype is None or a.dtype == dtype else a.astype(dtype)
        held = np.array(plain(a) if isinstance(a, list | tuple) else a, dtype)
        if held.dtype.kind not in "biufc":
            raise ValueError(f"Unsupported dtype {held.dtype}")
        self._gpu.count("copied_bytes", held.nbytes)
        return DeviceArray(self._gpu, held)

    def array(self, obj: Any, dtype: Any = None, **options: Any) -> DeviceArray:
        """A copy on the device."""
        _check("array", (obj,), options)
        there = self.asarray(obj, dtype)
        return there.copy() if there is obj and options.get("copy", True) else there

    def ascontiguousarray(self, a: Any, dtype: Any = None) -> DeviceArray:
        """As `asarray`, in the order of C."""
        there = self.asarray(a, dtype)
        return there if there.flags.c_contiguous else there.copy()

    def asnumpy(self, a: Any) -> np.ndarray:
        """On the host."""
        return a.get() if isinstance(a, DeviceArray) else np.asarray(a)

    def get_array_module(self, *arrays: Any) -> Any:
        """This namespace if one of the arrays is on the device, else NumPy."""
        return self if any(isinstance(array, DeviceArray) for array in arrays) else np


def _check(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Raise for what CuPy refuses and NumPy does not."""
    if name in cupy_table.table()["ufuncs"]:
        strange = options.keys() - UFUNC_OPTIONS
        if strange:
            raise TypeError(f"CuPy's {name} does not take {', '.join(sorted(strange))}")
        return
    cupy_table.known("functions", name, arguments, options)
    if name == "searchsorted" and not isinstance(arguments[1], DeviceArray | int | float):
        raise NotImplementedError("Only python scalars or ndarrays are supported for v")
    if name == "repeat" and isinstance(arguments[1], DeviceArray):
        raise ValueError("repeats must be numbers of the host")


def _number(value: Any) -> Any:
    """A size for a function of `SIZED`, or whatever else it takes."""
    if isinstance(value, tuple):
        return tuple(map(_number, value))
    return value.item() if isinstance(value, DeviceArray) else value
