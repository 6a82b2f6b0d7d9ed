"""What NVML saw while a GPU was measured: clocks, power, throttling, energy; and its time by CUDA events."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from groundspeed.referee.records import Process, Record
from groundspeed.referee.report.formatting import NOT_MEASURED, seconds, significant, size

HEAD = (
    "operation", "case", "implementation", "run (wall)", "run (events)", "energy per billion records",
    "throttled by", "power", "SM clock", "memory clock", "temperature", "launches", "waits", "copied",
)  # fmt: skip
NOTE = (
    "Clocks, power, temperature and throttle reasons were sampled right before and right after the timed "
    "repetitions. Energy is the whole board's over all phases of these repetitions. Launches, waits and "
    "bytes copied between host and device are those of Groundspeed's engine in one untimed repetition of "
    "build and run; what CuPy does inside its own functions is not among them."
)
IDLE = 0x1
REASONS = {
    0x2: "clock setting",
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "software thermal limit",
    0x40: "hardware thermal limit",
    0x80: "power brake",
    0x100: "display clocks",
}
"""Bits of nvmlDeviceGetCurrentClocksThrottleReasons, as nvml.h names them; being idle is none."""


@dataclass(frozen=True)
class Watched:
    """One record measured on a GPU."""

    record: Record

    @property
    def processes(self) -> list[Process]:
        """Those that NVML watched."""
        return [process for process in self.record.processes if process.gpu]

    @property
    def samples(self) -> list[dict[str, Any]]:
        """Every sample, before and after."""
        found = (process.gpu or {} for process in self.processes)
        return [sample for one in found for sample in (one["before"], one["after"])]

    @property
    def wall(self) -> float | None:
        """Seconds of the run phase by the wall clock, the device synchronised."""
        times = [median(one.phases["run"]) for one in self.record.processes if one.phases.get("run")]
        return median(times) if times else None

    @property
    def events(self) -> float | None:
        """Seconds of the run phase by CUDA events; the rest of `wall` is launching and waiting."""
        times = [median(one.device_seconds) for one in self.record.processes if one.device_seconds]
        return median(times) if times else None

    @property
    def throttled(self) -> str:
        """Why clocks were held back, "none" when they were not, "not measured" where nobody knows."""
        told = [sample["throttle_reasons"] for sample in self.samples]
        if not told or None in told:
            return NOT_MEASURED
        bits = functools.reduce(operator.or_, map(int, told))
        unknown = bits & ~(IDLE | sum(REASONS))
        names = [name for bit, name in REASONS.items() if bits & bit]
        return ", ".join([*names, *([f"unknown {unknown:#x}"] if unknown else [])]) or "none"

    @property
    def joules_per_billion(self) -> float | None:
        """Energy of a billion records; None where the GPU does not count it."""
        told = [one for one in self.processes if one.gpu and one.gpu["joules"] is not None]
        repetitions = sum(len(one.phases["run"]) for one in told)
        records = repetitions * (self.record.measured_records or self.record.records)
        return 1e9 * sum((one.gpu or {})["joules"] for one in told) / records if records else None

    def cells(self) -> list[str]:
        """What stands under HEAD."""
        energy = self.joules_per_billion
        return [
            *self.record.key,
            seconds(self.wall),
            seconds(self.events),
            NOT_MEASURED if energy is None else f"{significant(energy)} J",
            self.throttled,
            self._range("watts", "W"),
            self._range("sm_mhz", "MHz"),
            self._range("memory_mhz", "MHz"),
            self._range("celsius", "°C"),
            *(self._counted(name) for name in ("launches", "read_backs", "copied_bytes")),
        ]

    def _counted(self, name: str) -> str:
        """A counter of our engine, "not measured" where another library ran."""
        value = self.record.work.get(name)
        if value is None:
            return NOT_MEASURED
        return size(value) if name.endswith("bytes") else f"{value:,.0f}"

    def _range(self, name: str, unit: str) -> str:
        """Smallest and largest sample, "not measured" where there is none."""
        values = [sample[name] for sample in self.samples if sample.get(name) is not None]
        if not values:
            return NOT_MEASURED
        ends = dict.fromkeys(f"{value:,.0f}" for value in (min(values), max(values)))
        return f"{' to '.join(ends)} {unit}"


def watched(records: Iterable[Record]) -> Iterator[Watched]:
    """Every record that ran on a GPU: with event times, or with samples."""
    for record in records:
        if any(process.gpu or process.device_seconds for process in record.processes):
            yield Watched(record)
