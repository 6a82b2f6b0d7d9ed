"""The ladder of all operations: how far each rung is from the naive loop, one line per operation."""

from __future__ import annotations

from dataclasses import dataclass

from groundspeed.referee.records import Record
from groundspeed.referee.report.formatting import factor, marked
from groundspeed.referee.report.ladder import Ladder, Rung, ladder
from groundspeed.referee.report.table import OURS, Row

TITLE = "How far from the naive loop? The ladder of every operation"
TOP = 100_000.0


@dataclass(frozen=True)
class Line:
    """One operation, shown by one of its cases.

    Attributes:
        case: the rows of that case.
        ladder: its ladder.
    """

    case: list[Row]
    ladder: Ladder

    @property
    def record(self) -> Record:
        """Any record of the case."""
        return self.case[0].record

    @property
    def naive(self) -> Row | None:
        """The naive loop."""
        return self.ladder.rungs[0].row

    @property
    def marks(self) -> list[Rung]:
        """The rungs in lane `run` that have a distance from the naive loop, itself included."""
        rungs = (rung for rung in self.ladder.filled if rung.step.lane == "run")
        return [rung for rung in rungs if rung.over_naive is not None]

    @property
    def best(self) -> Row | None:
        """Groundspeed's highest rung."""
        own = [rung.row for rung in self.ladder.filled if rung.row and rung.row.record.library == OURS]
        return next((row for row in reversed(own) if row.lane == "run"), None)

    @property
    def note(self) -> str:
        """Where the naive loop comes from: measured, extrapolated how far, or why there is none."""
        if self.naive is None:
            return f"no naive loop to compare with: {self.ladder.rungs[0].empty}"
        measured = "" if self.naive.extrapolated else ", measured"
        return f"{self.naive.record.implementation} {self.naive.time}{measured}"

    @property
    def outcome(self) -> list[str]:
        """Groundspeed over naive and over both baselines, each named."""
        if self.best is None:
            return [f"Groundspeed: {self.ladder.rungs[5].empty}"]
        own = [row for row in self.case if row.lane == "run" and row.record is self.best.record]
        rung = next(one for one in self.ladder.filled if one.row is self.best)
        over = [f"{marked(rung.over_naive, rung.naive_inferred)} over naive"] if rung.over_naive else []
        return [*over, *(_over(row) for row in own if row.speedup is not None)]


def _over(row: Row) -> str:
    base = row.baseline.implementation if row.baseline else ""
    return f"{factor(row.speedup)} over {base}{', tuned' if row.ranking == 'tuned' else ''}"


def overall(cases: dict[tuple[str, str], list[Row]]) -> list[Line]:
    """One line per operation, by the case that tells most: the largest that has a naive loop and a time of
    ours, float64 before float32."""
    lines: dict[str, list[Line]] = {}
    for (operation, _), rows in cases.items():
        lines.setdefault(operation, []).append(Line(rows, ladder(rows)))
    return [max(own, key=_telling) for own in lines.values()]


def distances(lines: list[Line]) -> list[float]:
    """How many times as fast as the naive loop each mark is."""
    return [rung.over_naive for line in lines for rung in line.marks if rung.over_naive]


def _telling(line: Line) -> tuple[bool, bool, int, bool, str]:
    record, timed = line.record, line.best is not None
    naive = line.naive is not None
    return naive and timed, timed, record.records, record.dtype == "float64", record.case
