"""The stopwatch: one process, one case, one implementation, one record.

In order: the inputs are loaded; the *cold* call (the import time of the implementation's modules in a new
interpreter, plus the first prepare..collect of this process, compilation included); the timed repetitions,
whose last result is the one that is judged; one more repetition, untimed, for peak memory; the verdict.
Whatever goes wrong becomes a verdict with its reason: there is always a record.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time

from groundspeed.datasets import DatasetError
from groundspeed.referee import code, discovery, machine, oracle, records, verify
from groundspeed.referee.comparison import Agreement
from groundspeed.referee.competitors import scratch
from groundspeed.referee.measure import checkout
from groundspeed.referee.measure.budget import BUDGETS, Budget
from groundspeed.referee.measure.measurement import Measurement
from groundspeed.referee.model import Case, Implementation, Operation
from groundspeed.referee.records import Record

LARGEST_STEP, SLEWED = 0.2, 0.001
"""Seconds, and share of the time passed, by which the wall clock may differ: it is slewed all the time."""


def shard() -> str:
    """Name of the record this process writes: GROUNDSPEED_SHARD, or the time and the process."""
    return os.environ.get("GROUNDSPEED_SHARD") or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"


def blank(operation: Operation, case: Case, one: Implementation) -> Record:
    """A record with everything but the measurement."""
    return Record(
        operation=operation.name,
        case=case.name,
        title=case.title,
        records=case.records,
        dtype=case.dtype,
        implementation=one.name,
        library=one.library,
        style=one.style,
        division=one.division,
        cores=one.cores,
        lane=one.lane,
        machine=machine.name(),
        dataset_inputs={name: str(value) for name, value in case.inputs.items()},
        scaling=case.scaling,
        real=case.real,
        library_version=oracle.library_version(one.library) or one.version(),
        caveat=one.caveat,
        caption=one.doc.partition("\n")[0],
        source=one.source,
        environment=machine.environment(checkout.find()),
        code=code.stamp(one),
    )


def measure(
    operation: str, case: str, implementation: str, budget: Budget, root: Path | None = None
) -> Record:
    """Measure and judge one implementation on one case.

    Args:
        operation, case, implementation: their names.
        budget: how long.
        root: where a process that runs out of time leaves its record before it ends; None: nowhere.

    Returns:
        A record with one process, or with none and a verdict that says why.

    Raises:
        KeyError: no such operation, case or implementation, or one that takes no part in the case.
    """
    machine.confine()
    what = discovery.operation(operation)
    on = {each.name: each for each in what.cases}[case]
    one = discovery.competitors(operation, on)[implementation]
    record = blank(what, on, one)
    reason = discovery.unavailable(one)
    if reason:
        record.agreement = Agreement(verdict="missing", oracle=what.oracle, reason=reason).as_dict()
        return record
    started, at = perf_counter(), time()
    with _watchdog(record, budget.limit, root):
        try:
            Measurement(what, on, one, budget).fill(record)
        except DatasetError as error:
            record.agreement = Agreement(verdict="missing", reason=f"n/a: {error}").as_dict()
        except Exception as error:
            record.processes.clear()
            record.agreement = replace(verify.failure(error), oracle=what.oracle).as_dict()
        finally:
            scratch.clear()
    for process in record.processes:
        process.elapsed_seconds = perf_counter() - started
        process.notes += _stepped(time() - at, process.elapsed_seconds)
    return record


def _stepped(wall: float, steady: float) -> list[str]:
    """A note where the clock on the wall was set meanwhile: times are by a steady one, dates are not."""
    step = wall - steady
    if abs(step) <= LARGEST_STEP + SLEWED * steady:
        return []
    return [f"the wall clock stepped by {step:+.1f} s meanwhile; started_at may be wrong, times are not"]


@contextmanager
def _watchdog(record: Record, limit: float, root: Path | None) -> Iterator[None]:
    """End the process with a `timeout` record when it takes too long; by a thread: the main one may hang."""

    def expire() -> None:
        if root is not None:
            reason = f"no result after {limit:g} s"
            agreement = Agreement(verdict="timeout", reason=reason).as_dict()
            records.write(root, replace(record, processes=[], agreement=agreement), shard())
        scratch.clear()
        os._exit(1)

    timer = threading.Timer(limit, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def main(operation: str, case: str, implementation: str, profile: str, root: str) -> int:
    """Without asv: `python -m groundspeed.referee.measure.stopwatch` and these arguments."""
    record = measure(operation, case, implementation, BUDGETS[profile], Path(root))
    print(records.write(Path(root), record, shard()))
    return 0 if record.verdict == "pass" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
