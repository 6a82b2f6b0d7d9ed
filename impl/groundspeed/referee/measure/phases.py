"""One repetition: prepare, build, run, collect, each by its own clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any, TypeVar

from groundspeed.referee.measure.gpu import Device
from groundspeed.referee.model import Implementation, Inputs

T = TypeVar("T")


class ClockError(RuntimeError):
    """The clock went backwards: no time of this process can be trusted."""


@dataclass
class Repetition:
    """What one pass through the four phases took and gave.

    Attributes:
        seconds: phase -> wall seconds, the device idle at both ends of each.
        cpu_seconds: user and system time of all threads during build and run.
        device_seconds: of run between two CUDA events, None without a GPU.
        result: the collected result.
        prepared: what prepare made, for repetitions that reuse it.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    device_seconds: float | None = None
    result: Any = None
    prepared: dict[str, Any] | None = None

    @property
    def wall(self) -> float:
        """Seconds of all phases."""
        return sum(self.seconds.values())


def repeat_once(
    one: Implementation, inputs: Inputs, device: Device, earlier: Repetition | None = None
) -> Repetition:
    """Run the phases once.

    Args:
        one: the implementation.
        inputs: in the neutral form.
        device: synchronised at the end of every phase.
        earlier: a repetition whose prepared inputs, and their time, are used again.
    """
    this = Repetition()

    def timed(phase: str, work: Callable[[], T]) -> T:
        start = perf_counter()
        value = work()
        device.synchronize()
        this.seconds[phase] = _since(start, phase)
        return value

    if earlier is None or earlier.prepared is None:
        prepared = timed("prepare", lambda: one.prepare(inputs))
    else:
        prepared, this.seconds["prepare"] = earlier.prepared, earlier.seconds["prepare"]
    device.flush()
    cpu = process_time()
    built = timed("build", lambda: one.build(**prepared))
    result = timed("run", lambda: device.between_events(lambda: one.run(**built)))
    this.cpu_seconds = process_time() - cpu
    this.device_seconds = device.event_seconds()
    this.result = timed("collect", lambda: one.collect(result))
    this.prepared = prepared
    return this


def _since(start: float, phase: str) -> float:
    seconds = perf_counter() - start
    if seconds < 0:
        raise ClockError(f"the clock went back by {-seconds:.3g} s during {phase}; measure again")
    return seconds
