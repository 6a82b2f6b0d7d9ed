"""The GPU's side of a measurement: synchronisation, CUDA events, memory, clocks, power and energy.

`Device` is what a measurement without a GPU needs: nothing. `CudaDevice` is the same interface over CuPy and
NVML, both handed in, so that its logic is tested on machines without a GPU.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from groundspeed.engines.choice import get
from groundspeed.engines.counters import Counters

T = TypeVar("T")
COUNTED = ("launches", "read_backs", "copied_bytes")
"""What our engine counts on a GPU; what CuPy does inside its own functions it does not see."""
FLUSH_BYTES = 256 << 20  # larger than the L2 cache of any GPU on the market


class Device:
    """No GPU takes part: every question is answered by None."""

    def synchronize(self) -> None:
        """Wait until the device is idle."""

    def flush(self) -> None:
        """Evict the inputs from the device's cache where GROUNDSPEED_FLUSH_L2=1 asks for it."""

    def between_events(self, work: Callable[[], T]) -> T:
        """Run work between two device events."""
        return work()

    def event_seconds(self) -> float | None:
        """Seconds between the events of the last `between_events`; the device must be synchronised."""
        return None

    def reset_peak(self) -> None:
        """Start looking for the peak of device memory."""

    def peak_bytes(self) -> int | None:
        """Growth of device memory since `reset_peak`."""
        return None

    def sample(self) -> dict[str, Any] | None:
        """Clocks (MHz), power (W), temperature, throttle reasons and energy (J) now."""
        return None


class CudaDevice(Device):
    """The current CUDA device, through CuPy and NVML.

    Args:
        cupy: the cupy module.
        nvml: the pynvml module, or None where it is not installed.
    """

    def __init__(self, cupy: Any, nvml: Any = None):
        self._cupy = cupy
        self._nvml = nvml
        self._events = cupy.cuda.Event(), cupy.cuda.Event()
        self._base = 0
        self._eviction = None
        if os.environ.get("GROUNDSPEED_FLUSH_L2") == "1":
            self._eviction = cupy.empty(FLUSH_BYTES, dtype=cupy.uint8)
        if nvml is not None:
            try:
                nvml.nvmlInit()
                self._handle = nvml.nvmlDeviceGetHandleByPciBusId(cupy.cuda.Device().pci_bus_id)
            except nvml.NVMLError:  # a container without the library, a device it does not know by its bus
                self._nvml = None

    def synchronize(self) -> None:
        """Wait until the device is idle."""
        self._cupy.cuda.Device().synchronize()

    def flush(self) -> None:
        """Overwrite a buffer larger than the L2 cache, where asked for."""
        if self._eviction is not None:
            self._eviction.fill(0)
            self.synchronize()

    def between_events(self, work: Callable[[], T]) -> T:
        """Run work between two events on CuPy's current stream, where the engine launches."""
        first, last = self._events
        first.record()
        value = work()
        last.record()
        return value

    def event_seconds(self) -> float | None:
        """Seconds between the two events."""
        return float(self._cupy.cuda.get_elapsed_time(*self._events)) / 1000

    def reset_peak(self) -> None:
        """Empty CuPy's pool, so that what it holds afterwards was needed."""
        pool = self._cupy.get_default_memory_pool()
        pool.free_all_blocks()
        self._base = int(pool.total_bytes())

    def peak_bytes(self) -> int | None:
        """How far CuPy's pool grew: it gives nothing back by itself, so its size is its peak."""
        return int(self._cupy.get_default_memory_pool().total_bytes()) - self._base

    def sample(self) -> dict[str, Any] | None:
        """What NVML reads now, None where pynvml is not installed."""
        if self._nvml is None:
            return None
        nvml = self._nvml
        return {
            "sm_mhz": self._asked("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
            "memory_mhz": self._asked("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
            "watts": _thousandth(self._asked("nvmlDeviceGetPowerUsage")),
            "celsius": self._asked("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            "throttle_reasons": self._asked("nvmlDeviceGetCurrentClocksThrottleReasons"),
            "joules": _thousandth(self._asked("nvmlDeviceGetTotalEnergyConsumption")),
        }

    def _asked(self, query: str, *arguments: Any) -> Any:
        """What NVML answers; None where it refuses, as virtual machines and consumer cards do."""
        try:
            return getattr(self._nvml, query)(self._handle, *arguments)
        except self._nvml.NVMLError:
            return None


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000


def counting(library: str, cores: str) -> AbstractContextManager[Counters | None]:
    """Count what our engine does on a GPU inside a `with` block; None for anybody else."""
    if (library, cores) != ("groundspeed", "gpu"):
        return nullcontext()
    counting_engine: Any = get("cuda")
    counters: AbstractContextManager[Counters] = counting_engine.counting()
    return counters


def device_for(cores: str) -> Device:
    """The device that takes part in a measurement of an implementation with these `cores`."""
    if cores != "gpu":
        return Device()
    import cupy

    try:
        import pynvml
    except ImportError:
        return CudaDevice(cupy)
    return CudaDevice(cupy, pynvml)


def during(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any] | None:
    """What two samples around a timed loop say together: both, and the joules spent between them."""
    if before is None or after is None:
        return None
    spent = None if None in (before["joules"], after["joules"]) else after["joules"] - before["joules"]
    return {"before": before, "after": after, "joules": spent}
