"""OpTime: an asv benchmark type whose process is one measurement by our stopwatch."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from asv_runner.benchmarks._base import Benchmark, _get_first_attr
from asv_runner.benchmarks.mark import SkipNotImplemented


class DisagreementError(RuntimeError):
    """No agreement with the oracle, so no time: asv shows the benchmark as failed, the record says why."""


class OpTime(Benchmark):
    """One operation, one case, one implementation; the time of every repetition is that of the lane `run`, or
    `file_to_file` where that is what it is measured for.

    asv_runner re-runs `setup` before every sample and cannot carry phases or verdicts, so this type's `run`
    is called once in its process, measures everything, writes the record and hands asv the samples. A time
    that is extrapolated is no sample: it is in the records, and `n/a` here.
    """

    name_regex = re.compile("^optime_")

    def __init__(self, name: str, func: Any, attr_sources: list[Any]):
        super().__init__(name, func, attr_sources)
        self.type = "optime"
        self.unit = "seconds"

    def run(self, *params: str) -> dict[str, Any]:
        """Measure and record; `asv run --quick` repeats once and records nothing."""
        from groundspeed.referee import records
        from groundspeed.referee.measure import budget, stopwatch

        quick = _get_first_attr(self._attr_sources, "repeat", 0) == 1
        profile = os.environ.get("GROUNDSPEED_PROFILE", "quick")
        allowed = budget.ONCE if quick else budget.BUDGETS[profile]
        root = None if quick else records_folder()
        operation, case, implementation = self.func(*params)
        record = stopwatch.measure(operation, case, implementation, allowed, root)
        if root is not None:
            records.write(root, record, stopwatch.shard())
        if record.verdict != "pass":
            raise DisagreementError(
                f"{' '.join(params)}: {record.verdict}: {record.agreement.get('reason', '')}"
            )
        if record.kind != "measured":
            raise SkipNotImplemented(f"extrapolated from {record.measured_records:,} records")
        return {"samples": record.processes[0].lane(record.lane), "number": 1}


def records_folder() -> Path:
    """GROUNDSPEED_RECORDS, or `records` in the checkout."""
    return Path(os.environ.get("GROUNDSPEED_RECORDS") or Path(__file__).parent.parent / "records")
