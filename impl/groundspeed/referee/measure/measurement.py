"""One measurement: cold call, timed repetitions, peak memory, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np

from groundspeed.referee import case_inputs, machine, verify
from groundspeed.referee.measure import cold, extrapolation, gpu, memory, phases
from groundspeed.referee.measure.budget import Budget
from groundspeed.referee.measure.phases import Repetition
from groundspeed.referee.model import Case, Implementation, Inputs, Operation
from groundspeed.referee.records import PHASES, WHOLE, Process, Record

PREPARE_ONCE = 2.0  # seconds from which prepare is measured once, not in every repetition
REAL = ("float32", "float64")


@dataclass
class Measurement:
    """One implementation on one case within a budget."""

    operation: Operation
    case: Case
    one: Implementation
    budget: Budget

    def fill(self, record: Record) -> None:
        """Measure, judge, and write both into the record."""
        process = Process(phases={}, started_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        process.load_average = machine.load_average()
        inputs = case_inputs.resolve(self.case)
        limit = self.one.limit
        if limit is None or self.case.records <= limit:
            part, record.measured_records = inputs, self.case.records
            last = self._run(inputs, process)
        else:
            record.kind, record.measured_records = "extrapolated", limit
            part, last, record.extrapolation = self._run_parts(inputs, limit, process)
        self._peaks(part, last, process)
        record.processes = [process]
        dtype, measured = self.case.dtype, record.measured_records
        process.notes += widened(last.result, dtype)
        verdict = verify.judge(self.operation, self.one, part, dtype, measured, last.result)
        record.agreement = verdict.as_dict()
        # Last: counting runs our kernels, and it is the cold call that must compile them.
        record.work = self._work(inputs)

    def _work(self, inputs: Inputs) -> dict[str, float]:
        ours = self.operation.counters if self.one.library == "groundspeed" else None
        return {**self.operation.work(inputs), **(ours(inputs) if ours else {})}

    def _whole(self, repetition: Repetition) -> float:
        """Seconds of the phases that a caller pays for."""
        return sum(repetition.seconds[phase] for phase in WHOLE[self.one.lane])

    def _run_parts(
        self, inputs: Inputs, limit: int, process: Process
    ) -> tuple[Inputs, Repetition, dict[str, Any]]:
        counts = extrapolation.sizes(limit)
        seconds = []
        for count in counts:
            part = self.operation.slice(inputs, count)
            last = self._run(part, process)
            seconds.append(median(process.lane(self.one.lane)))
        return part, last, extrapolation.fit(counts, seconds)

    def _run(self, inputs: Inputs, process: Process) -> Repetition:
        """The cold call (once per process) and the timed repetitions, the last of which is returned."""
        device = gpu.device_for(self.one.cores)
        if process.cold is None:
            names = cold.modules(self.operation, self.one)
            process.import_seconds = cold.import_seconds(names)
            cold.import_here(names)
            first = phases.repeat_once(self.one, inputs, device)
            process.cold = process.import_seconds + self._whole(first)
        before = device.sample()
        all_timed = self._repeat(inputs, device)
        process.gpu = gpu.during(before, device.sample())
        process.phases = {phase: [each.seconds[phase] for each in all_timed] for phase in PHASES}
        process.cpu_seconds = sum(each.cpu_seconds for each in all_timed)
        process.wall_seconds = sum(process.lane("run"))
        last = all_timed[-1]
        if last.device_seconds is not None:
            process.device_seconds = [each.device_seconds or 0.0 for each in all_timed]
            process.transfer_bytes = nbytes(dict(inputs)) + nbytes(last.result)
        if last.seconds["prepare"] > PREPARE_ONCE:
            process.notes.append(f"prepare takes more than {PREPARE_ONCE:g} s and was measured once")
        return last

    def _repeat(self, inputs: Inputs, device: gpu.Device) -> list[Repetition]:
        timed: list[Repetition] = []
        while not self.budget.enough(list(map(self._whole, timed))):
            kept = None
            if timed:
                timed[-1].result = None  # memory of the last result is free again, as it was for the first
                kept = timed[-1] if timed[-1].seconds["prepare"] > PREPARE_ONCE else None
                if kept is None:
                    timed[-1].prepared = None
            timed.append(phases.repeat_once(self.one, inputs, device, kept))
        return timed

    def _peaks(self, inputs: Inputs, last: Repetition, process: Process) -> None:
        """Peak memory of build and run in a repetition of its own: looking must not disturb the clock."""
        if self._whole(last) > self.budget.slow:
            process.notes.append("too slow for a repetition of its own to see its peak memory")
            return
        device = gpu.device_for(self.one.cores)
        prepared = last.prepared if last.prepared is not None else self.one.prepare(inputs)
        device.reset_peak()
        process.peak_host_bytes = memory.peak_growth(lambda: self.one.run(**self.one.build(**prepared)))
        process.peak_device_bytes = device.peak_bytes()


def widened(result: Any, dtype: str) -> list[str]:
    """A note, where an array or a list of real values is of another precision than the coordinates.

    >>> widened([0.5, 1.5], "float32")
    ['gives float64 for float32 coordinates']
    >>> widened([0.5, 1.5], "float64"), widened(np.array([3, 7]), "float32")
    ([], [])
    """
    given = np.asarray(result[:1]).dtype if isinstance(result, list) else getattr(result, "dtype", None)
    return [f"gives {given} for {dtype} coordinates"] if given in REAL and given != dtype else []


def nbytes(value: Any) -> int:
    """Bytes of the arrays in a value: arrays, columns, and tuples, lists and dicts of them."""
    if isinstance(value, dict):
        return sum(map(nbytes, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(nbytes, value))
    return int(getattr(value, "nbytes", 0))
