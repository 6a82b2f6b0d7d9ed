"""Kernels on arrays of a test."""

from __future__ import annotations

import numpy as np

from groundspeed.engines.emulator import EmulatorEngine
from groundspeed.engines.emulator.arrays import DeviceArray


class HostArrays(EmulatorEngine):
    """An emulator whose kernels work on arrays of the test, in place."""

    def for_each(self, body, n, *columns):
        super().for_each(body, n, *self._there(columns))

    def launch(self, kernel, grid, block, *arguments):
        super().launch(kernel, grid, block, *self._there(arguments))

    def _there(self, arguments):
        return tuple(map(self._moved, arguments))

    def _moved(self, value):
        if isinstance(value, tuple):
            return self._there(value)
        return DeviceArray(self.gpu, value) if isinstance(value, np.ndarray) else value
