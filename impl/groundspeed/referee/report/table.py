"""One row per implementation and lane: its time, its baseline, and its speed-up or why there is none."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from groundspeed.referee.records import Record
from groundspeed.referee.report.statistics import Interval, median_interval, ratio_interval

LANES = ("run", "host_to_host", "cold", "file_to_file")
OURS = "groundspeed"
COLUMNS = (
    "operation", "dataset", "records", "dtype", "implementation", "library", "style", "division",
    "cores", "lane", "kind", "seconds", "low", "high", "baseline", "speedup", "speedup_low",
    "speedup_high", "agreement",
)  # fmt: skip


def engine(record: Record) -> str:
    """The engine of a record of ours, whichever lane it was measured for; the name of all others."""
    name = record.implementation
    return name.partition(" ")[0] if record.library == OURS else name


@dataclass(frozen=True)
class Row:
    """One implementation on one case in one lane.

    Attributes:
        record: what was measured.
        lane: one of LANES.
        seconds: median over processes, None when nothing was measured.
        interval: of `seconds`; None with one process, or when extrapolated.
        baseline: what `speedup` divides by; None when no FOSS4G implementation agrees in this lane.
        speedup: baseline seconds / seconds, None where `withheld` says why.
        speedup_interval: None unless both sides ran in two processes or more.
        withheld: why there is no speed-up, "" when there is one.
    """

    record: Record
    lane: str
    seconds: float | None
    interval: Interval | None
    baseline: Record | None
    speedup: float | None
    speedup_interval: Interval | None
    withheld: str

    @property
    def extrapolated(self) -> bool:
        """Whether the time was not measured at this size."""
        return self.record.kind == "extrapolated"

    @property
    def counts(self) -> bool:
        """Whether the speed-up may enter an aggregate: measured and agreeing."""
        return self.speedup is not None and self.record.kind == "measured"

    @property
    def uncertainty(self) -> str:
        """Why a speed-up has no interval, "" when it has one or there is no speed-up."""
        if self.speedup is None or self.speedup_interval:
            return ""
        return "extrapolated: no interval" if self.extrapolated else "1 process: no interval"

    def cells(self) -> dict[str, str | int]:
        """The row of speedups.csv; numbers have six significant digits, what is unknown is empty."""
        record, low_high, ratio = self.record, self.interval, self.speedup_interval
        return {
            **{name: getattr(record, name) for name in ("operation", "records", "dtype", "implementation")},
            **{name: getattr(record, name) for name in ("library", "style", "division", "cores")},
            "kind": "" if self.seconds is None else record.kind,
            "dataset": record.case,
            "lane": self.lane,
            "seconds": _number(self.seconds),
            "low": _number(low_high and low_high.low),
            "high": _number(low_high and low_high.high),
            "baseline": self.baseline.implementation if self.baseline else "",
            "speedup": _number(self.speedup),
            "speedup_low": _number(ratio and ratio.low),
            "speedup_high": _number(ratio and ratio.high),
            "agreement": record.verdict,
        }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def baseline(records: Iterable[Record], lane: str) -> Record | None:
    """The fastest agreeing FOSS4G implementation of a case in a lane, or None.

    Eligible is what is not ours, agrees with the oracle, was measured (not extrapolated or modelled), is in
    the `default` division (as installed, on all cores where the library can) and runs on the CPU.
    """
    eligible = [record for record in records if _eligible(record) and record.seconds(lane) is not None]
    return min(eligible, key=lambda record: (record.seconds(lane), record.implementation), default=None)


def _eligible(record: Record) -> bool:
    theirs_on_cpu = record.library != OURS and record.cores != "gpu"
    return (
        theirs_on_cpu
        and record.verdict == "pass"
        and record.kind == "measured"
        and record.division == "default"
    )


def case_rows(records: list[Record]) -> list[Row]:
    """Every row of one case, the fastest first within a lane."""
    rows = []
    for lane in LANES:
        here = [record for record in records if lane in record.lanes]
        base = baseline(here, lane)
        in_lane = [_row(record, lane, base) for record in here]
        rows += sorted(
            in_lane, key=lambda row: (row.seconds is None, row.seconds or 0.0, row.record.implementation)
        )
    return rows


def _row(record: Record, lane: str, base: Record | None) -> Row:
    seconds = record.seconds(lane)
    samples = record.samples(lane) if seconds is not None and record.kind == "measured" else []
    withheld = _withheld(record, seconds, base)
    quotient, interval = None, None
    if seconds and base and not withheld:
        quotient = (base.seconds(lane) or 0.0) / seconds
        # The ratio of a thing to itself is 1, however its processes scatter.
        interval = ratio_interval(base.samples(lane), samples) if base is not record else Interval(1.0, 1.0)
        interval = interval if len(samples) > 1 else None
    return Row(record, lane, seconds, median_interval(samples), base, quotient, interval, withheld)


def _withheld(record: Record, seconds: float | None, base: Record | None) -> str:
    if record.verdict != "pass":
        reason = record.agreement.get("reason")
        return f"{record.verdict}: {reason}" if reason else record.verdict
    if record.kind == "model":
        return "model: not measured"
    if not seconds:
        return "not measured in this lane"
    return "" if base else "no baseline: no FOSS4G implementation was measured and agrees"


def cases(records: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    """Records by (operation, case), operations in alphabetical order, cases by number of records."""
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda one: (one.operation, one.records, one.case, one.implementation)):
        found[record.operation, record.case].append(record)
    return dict(found)


def rows(records: Iterable[Record]) -> list[Row]:
    """Every row of every case."""
    return [row for group in cases(records).values() for row in case_rows(group)]


def write_csv(table: Iterable[Row], path: Path) -> None:
    """Write speedups.csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells() for row in table)
