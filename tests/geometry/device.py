"""A GPU made of NumPy: arrays that say they are on a device, and a `cupy` module that makes them."""

from __future__ import annotations

import types
from typing import Any

import numpy as np


class DeviceArray(np.ndarray):
    """Looks like a CuPy array; NumPy refuses to take it for one of its own, as it does with CuPy's."""

    __cuda_array_interface__ = {"version": 3}  # noqa: RUF012

    def get(self) -> np.ndarray:
        """Copy to the host."""
        return np.array(self.view(np.ndarray))


class FakeCupy(types.ModuleType):
    """NumPy's functions, results on the device."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name)
        if not callable(function) or isinstance(function, type):
            return function

        def on_device(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            return result.view(DeviceArray) if isinstance(result, np.ndarray) else result

        return on_device

    def get_array_module(self, *arrays: Any) -> Any:
        """This module for device arrays, NumPy for others."""
        return self if any(isinstance(array, DeviceArray) for array in arrays) else np


def to_device(values: Any) -> DeviceArray:
    """A device array of these values."""
    return np.asarray(values).view(DeviceArray)
