"""One row per implementation, lane and ranking: its time, its baseline, its speed-up or why there is none."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from groundspeed.referee.records import Record
from groundspeed.referee.report.formatting import ESTIMATE, factor
from groundspeed.referee.report.formatting import seconds as in_words
from groundspeed.referee.report.rules import refused, seconds
from groundspeed.referee.report.statistics import LEAST, Interval, ratio_interval, spread

LANES = ("run", "host_to_host", "cold", "file_to_file")
RANKINGS = ("default", "tuned")
"""The divisions: each has its own baseline, and Groundspeed, called as users call it, stands in both."""
OURS = "groundspeed"
COLUMNS = (
    "operation", "dataset", "records", "dtype", "ranking", "implementation", "library", "style", "cores",
    "lane", "kind", "reach", "processes", "seconds", "seconds_low", "seconds_high", "baseline",
    "baseline_processes", "speedup", "speedup_low", "speedup_high", "agreement", "commit", "rules",
)  # fmt: skip


def engine(record: Record) -> str:
    """The engine of a record of ours, whichever lane it was measured for; the name of all others."""
    name = record.implementation
    return name.partition(" ")[0] if record.library == OURS else name


@dataclass(frozen=True)
class Row:
    """One implementation on one case in one lane and one ranking.

    Attributes:
        record: what was measured.
        lane: one of LANES.
        ranking: one of RANKINGS.
        seconds: median over processes, None when nothing was measured.
        spread: the fastest and the slowest process, None with one; of an extrapolated time the interval that
            its record states in the lane it was measured for.
        baseline: what `speedup` divides by; None when no FOSS4G implementation agrees in this lane.
        speedup: baseline seconds / seconds, None where `withheld` says why.
        speedup_interval: None unless enough processes stand on both sides, see `statistics`.
        withheld: why there is no speed-up, "" when there is one.
    """

    record: Record
    lane: str
    ranking: str
    seconds: float | None
    spread: Interval | None
    baseline: Record | None
    speedup: float | None
    speedup_interval: Interval | None
    withheld: str

    @property
    def extrapolated(self) -> bool:
        """Whether the time was not measured at this size."""
        return self.record.kind == "extrapolated"

    @property
    def reach(self) -> float:
        """How far the extrapolation reaches, 1 where there is none."""
        return self.record.reach

    @property
    def time(self) -> str:
        """The time, with how far it reaches and how sure it is where it is extrapolated."""
        if not self.extrapolated or not self.seconds:
            return in_words(self.seconds)
        ends = f", {in_words(self.spread.low)} to {in_words(self.spread.high)}" if self.spread else ""
        return f"{ESTIMATE} {in_words(self.seconds)} (extrapolated, reach {factor(self.reach)}{ends})"

    @property
    def commit(self) -> str:
        """Of the checkouts that its processes ran in, short, "" where that is not known."""
        return ", ".join(commit[:8] for commit in self.record.commits)

    @property
    def counts(self) -> bool:
        """Whether the speed-up may enter an aggregate: measured and agreeing."""
        return self.speedup is not None and self.record.kind == "measured"

    @property
    def is_baseline(self) -> bool:
        """Whether it is what the others are divided by."""
        return self.baseline is self.record

    @property
    def processes(self) -> int:
        """How many processes stand behind the time."""
        return len(self.record.processes) if self.seconds is not None else 0

    @property
    def behind(self) -> str:
        """How many processes stand behind the speed-up: the baseline's, then its own, e.g. `"6:7"`."""
        if self.speedup is None or self.baseline is None:
            return ""
        own = str(self.processes)
        return own if self.is_baseline else f"{len(self.baseline.processes)}:{own}"

    @property
    def uncertainty(self) -> str:
        """Why a speed-up has no interval, "" when it has one or there is no speed-up."""
        if self.speedup is None or self.speedup_interval:
            return ""
        if self.extrapolated:
            return f"extrapolated, reach {factor(self.reach)}"
        return f"no interval below {LEAST} processes"

    def cells(self) -> dict[str, str | int]:
        """The row of speedups.csv; numbers have six significant digits, what is unknown is empty."""
        record, range_, ratio = self.record, self.spread, self.speedup_interval
        return {
            **{name: getattr(record, name) for name in ("operation", "records", "dtype", "implementation")},
            **{name: getattr(record, name) for name in ("library", "style", "cores")},
            "kind": "" if self.seconds is None else record.kind,
            "dataset": record.case,
            "lane": self.lane,
            "ranking": self.ranking,
            "reach": _number(self.reach) if self.extrapolated else "",
            "processes": self.processes,
            "seconds": _number(self.seconds),
            "seconds_low": _number(range_ and range_.low),
            "seconds_high": _number(range_ and range_.high),
            "baseline": self.baseline.implementation if self.baseline else "",
            "baseline_processes": len(self.baseline.processes) if self.baseline else "",
            "speedup": _number(self.speedup),
            "speedup_low": _number(ratio and ratio.low),
            "speedup_high": _number(ratio and ratio.high),
            "agreement": record.verdict,
            "commit": self.commit,
            "rules": "old" if record.old_rules else "",
        }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def baseline(records: Iterable[Record], lane: str, ranking: str = "default") -> Record | None:
    """The fastest agreeing FOSS4G implementation of a case in a lane and a division, or None.

    Eligible is what is not ours, agrees with the oracle, was measured (not extrapolated or modelled) and runs
    on the CPU. The division `default` is what is installed, on all cores where the library can; `tuned` is
    anything documented.
    """
    eligible = [
        record for record in records if _eligible(record, ranking) and record.seconds(lane) is not None
    ]
    return min(eligible, key=lambda record: (record.seconds(lane), record.implementation), default=None)


def _eligible(record: Record, ranking: str) -> bool:
    theirs_on_cpu = record.library != OURS and record.cores != "gpu"
    agrees = record.verdict == "pass" and record.kind == "measured"
    return theirs_on_cpu and agrees and record.division == ranking


def case_rows(records: list[Record]) -> list[Row]:
    """Every row of one case, lane by lane, ranking by ranking, the fastest first.

    Without a competitor of a division there is no ranking of it; in `default` there always is one.
    """
    return [row for lane in LANES for ranking in RANKINGS for row in _ranked(records, lane, ranking)]


def _ranked(records: list[Record], lane: str, ranking: str) -> list[Row]:
    here = [record for record in records if lane in record.lanes]
    own = [record for record in here if record.library == OURS]
    others = [record for record in here if record.library != OURS and record.division == ranking]
    if ranking != RANKINGS[0] and not others:
        return []
    base = baseline(others, lane, ranking)
    found = [_row(record, lane, ranking, base) for record in (*own, *others)]
    return sorted(found, key=lambda row: (row.seconds is None, row.seconds or 0.0, row.record.implementation))


def _row(record: Record, lane: str, ranking: str, base: Record | None) -> Row:
    time = seconds(record, lane)
    samples = record.samples(lane) if time is not None and record.kind == "measured" else []
    withheld = _withheld(record, time, base)
    quotient, interval = None, None
    if time and base and not withheld:
        quotient = (base.seconds(lane) or 0.0) / time
        # The ratio of a thing to itself is 1, however its processes scatter.
        interval = ratio_interval(base.samples(lane), samples) if base is not record else Interval(1.0, 1.0)
    ends = spread(samples)
    if record.kind == "extrapolated" and record.interval and time and lane == record.lane:
        ends = Interval(*record.interval)
    return Row(record, lane, ranking, time, ends, base, quotient, interval, withheld)


def _withheld(record: Record, time: float | None, base: Record | None) -> str:
    if record.verdict != "pass":
        reason = record.agreement.get("reason")
        return f"{record.verdict}: {reason}" if reason else record.verdict
    if record.kind == "model":
        return "model: not measured"
    if not time:
        return refused(record) or "not measured in this lane"
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


def ranked(table: Iterable[Row], lane: str, ranking: str = "default") -> Iterator[Row]:
    """The rows of one lane and ranking."""
    return (row for row in table if row.lane == lane and row.ranking == ranking)


def write_csv(table: Iterable[Row], path: Path) -> None:
    """Write speedups.csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells() for row in table)
