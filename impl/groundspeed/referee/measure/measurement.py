"""One measurement: cold call, timed repetitions, peak memory, verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import fmean, median
from typing import Any

import numpy as np

from groundspeed.referee import case_inputs, extrapolation, machine, verify
from groundspeed.referee.cost import Cost
from groundspeed.referee.measure import cold, gpu, memory, phases
from groundspeed.referee.measure.budget import Budget
from groundspeed.referee.measure.phases import Repetition
from groundspeed.referee.model import Case, Implementation, Inputs, Operation
from groundspeed.referee.records import PHASES, WHOLE, Process, Record

PREPARE_ONCE = 2.0  # seconds from which prepare is measured once, not in every repetition
FARTHEST_JUMP = 64  # times: what takes less than this share of the time wanted is tried again, larger
REAL = ("float32", "float64")


Pair = tuple[Inputs, Inputs]
"""The inputs of a case, whose answer is judged, and others that are as hard."""


@dataclass
class Measurement:
    """One implementation on one case within a budget."""

    operation: Operation
    case: Case
    one: Implementation
    budget: Budget

    def fill(self, record: Record) -> None:
        """Measure, judge, and write both into the record."""
        process = self._process(record)
        pair = case_inputs.resolve(self.case), case_inputs.second(self.case)
        record.inputs_hash = dict(zip(("first", "second"), map(case_inputs.content_hash, pair), strict=True))
        part, record.measured_records, last = self._time(pair, process)
        if process.parts:
            self._extrapolate(pair[0], process, record)
        calls = self._peaks(part, last, process)
        record.processes = [process]
        dtype, measured = self.case.dtype, record.measured_records
        process.notes += widened(last.result, dtype)
        verdict = verify.judge(self.operation, self.one, part, dtype, measured, last.result)
        record.agreement = verdict.as_dict()
        # Last: counting runs our kernels, and it is the cold call that must compile them.
        record.work = {**self._work(pair[0]), **calls}

    def _process(self, record: Record) -> Process:
        return Process(
            phases={},
            started_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            load_average=machine.load_average(),
            commit=record.environment.get("commit") or "",
            profile=self.budget.profile,
            budget=asdict(self.budget),
            cores=machine.cores(),
        )

    def _work(self, inputs: Inputs) -> dict[str, float]:
        ours = self.operation.counters if self.one.library == "groundspeed" else None
        return {**self.operation.work(inputs), **(ours(inputs) if ours else {})}

    def _whole(self, repetition: Repetition) -> float:
        """Seconds of the phases that a caller pays for."""
        return sum(repetition.seconds[phase] for phase in WHOLE[self.one.lane])

    def _time(self, pair: Pair, process: Process) -> tuple[Inputs, int, Repetition]:
        """What was judged of the case, how many records that is, and the last repetition on it."""
        cost, records = self.one.cost, self.case.records
        if self.one.limit is None or cost is None or records <= self.one.limit:
            return pair[0], records, self._run(pair, process)
        largest = self._largest(pair, self.one.limit, cost, process)
        if largest >= records:
            process.cold = None
            process.notes.append("no cold call: it was tried on a part of the case first")
            return pair[0], records, self._run(pair, process)
        for count in extrapolation.sizes(largest):
            part = self._slice(pair, count)
            last = self._run(part, process)
            seconds = process.lane(self.one.lane)
            works = [cost.of(inputs) for inputs in part]
            work = fmean(works[turn % 2] for turn in range(len(seconds)))
            process.parts.append({"records": count, "work": work, "seconds": median(seconds)})
        return part[0], largest, last

    def _slice(self, pair: Pair, count: int) -> Pair:
        first, second = (self.operation.slice(inputs, count) for inputs in pair)
        return first, second

    def _largest(self, pair: Pair, limit: int, cost: Cost, process: Process) -> int:
        """How many records the largest part has: it takes as long as the budget wants, or is all there is."""
        count, work, device = limit, cost.of(pair[0]), gpu.device_for(self.one.cores)
        while count < self.case.records:
            part = self._slice(pair, count)
            self._cold(part[1], process, device)
            seconds = phases.repeat_once(self.one, part[0], device).wall
            if seconds * work / cost.of(part[0]) <= self.budget.slow:
                return self.case.records
            enough = seconds * FARTHEST_JUMP >= self.budget.part
            count = extrapolation.doubled(count, seconds, self.budget.part, self.case.records)
            if enough:
                break
        return count

    def _extrapolate(self, inputs: Inputs, process: Process, record: Record) -> None:
        assert self.one.cost is not None
        work = self.one.cost.of(inputs)
        record.kind = "extrapolated"
        record.extrapolation = extrapolation.estimate(self.one.cost.unit, work, [process.parts])
        refused = record.extrapolation["refused"]
        process.scale = None if refused else extrapolation.scale(work, process.parts)

    def _cold(self, inputs: Inputs, process: Process, device: gpu.Device) -> None:
        """The first call in this process, once; on the other inputs, so that its answer is no use later."""
        if process.import_seconds is not None:
            return
        names = cold.modules(self.operation, self.one)
        process.import_seconds = cold.import_seconds(names)
        cold.import_here(names)
        first = phases.repeat_once(self.one, inputs, device)
        process.cold = process.import_seconds + self._whole(first)

    def _run(self, pair: Pair, process: Process) -> Repetition:
        """The cold call (once per process) and the timed repetitions, the last of which is returned."""
        device = gpu.device_for(self.one.cores)
        self._cold(pair[1], process, device)
        before = device.sample()
        all_timed = self._repeat(pair, device, process)
        process.gpu = gpu.during(before, device.sample())
        process.phases = {phase: [each.seconds[phase] for each in all_timed] for phase in PHASES}
        process.cpu_seconds = sum(each.cpu_seconds for each in all_timed)
        process.wall_seconds = sum(process.lane("run"))
        last = all_timed[-1]
        if last.device_seconds is not None:
            process.device_seconds = [each.device_seconds or 0.0 for each in all_timed]
            process.transfer_bytes = nbytes(dict(pair[0])) + nbytes(last.result)
        if last.seconds["prepare"] > PREPARE_ONCE:
            process.notes.append(f"prepare takes more than {PREPARE_ONCE:g} s and was measured once")
        return last

    def _repeat(self, pair: Pair, device: gpu.Device, process: Process) -> list[Repetition]:
        """Repetitions on both inputs by turns; the last one is on those of the case, and is judged."""
        timed: list[Repetition] = []
        kept: dict[int, Repetition] = {}
        turns, before = len(pair), memory.resident()
        while len(timed) % turns != 1 % turns or not self.budget.enough(list(map(self._whole, timed))):
            turn = len(timed) % turns
            if timed:
                _let_go(timed[-1])
            timed.append(phases.repeat_once(self.one, pair[turn], device, kept.get(turn)))
            if timed[-1].seconds["prepare"] > PREPARE_ONCE:
                kept.setdefault(turn, timed[-1])
                if turns > 1 and not memory.room_for(memory.resident() - before):
                    turns = 1
                    process.notes.append("repeated on one input: two prepared ones do not fit into memory")
        return timed

    def _peaks(self, inputs: Inputs, last: Repetition, process: Process) -> dict[str, float]:
        """Peak memory of build and run in a repetition of its own: looking must not disturb the clock.

        Returns:
            What our engine on a GPU counted meanwhile, by the names in `gpu.COUNTED`; {} without one.
        """
        if self._whole(last) > self.budget.slow:
            process.notes.append("too slow for a repetition of its own to see its peak memory")
            return {}
        device = gpu.device_for(self.one.cores)
        prepared = last.prepared if last.prepared is not None else self.one.prepare(inputs)
        device.reset_peak()
        with gpu.counting(self.one.library, self.one.cores) as counted:
            process.peak_host_bytes = memory.peak_growth(lambda: self.one.run(**self.one.build(**prepared)))
        process.peak_device_bytes = device.peak_bytes()
        return {name: float(getattr(counted, name)) for name in gpu.COUNTED} if counted else {}


def _let_go(one: Repetition) -> None:
    """Memory of the last result is free again, as it was for the first, and what was quick to prepare."""
    one.result = None
    if one.seconds["prepare"] <= PREPARE_ONCE:
        one.prepared = None


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
