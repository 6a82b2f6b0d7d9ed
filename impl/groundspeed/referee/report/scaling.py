"""How time grows with records, and where Groundspeed overtakes the best FOSS4G implementation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from groundspeed.referee.report.formatting import count
from groundspeed.referee.report.table import OURS, RANKINGS, Row, ranked


@dataclass(frozen=True)
class Series:
    """One line of the plot.

    Attributes:
        implementation, style, library: whose; what is tuned says so.
        points: (records, seconds, extrapolated) by increasing records; only agreeing results.
    """

    implementation: str
    style: str
    library: str
    points: tuple[tuple[int, float, bool], ...]


@dataclass(frozen=True)
class Scaling:
    """One scaling plot: the cases of one operation that share a scaling group.

    Attributes:
        operation, group: which.
        series: lines, FOSS4G first.
        crossovers: engine and ranking -> where it overtakes, in words.
    """

    operation: str
    group: str
    series: tuple[Series, ...]
    crossovers: dict[str, str]


def scalings(rows: list[Row]) -> list[Scaling]:
    """Every scaling group with at least two sizes, in lane `run`."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.lane == "run" and row.record.scaling:
            groups[row.record.operation, row.record.scaling].append(row)
    return [
        _scaling(*key, group)
        for key, group in groups.items()
        if len({row.record.records for row in group}) > 1
    ]


def _scaling(operation: str, group: str, rows: list[Row]) -> Scaling:
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        drawn = row.record.library != OURS or row.ranking == RANKINGS[0]
        if drawn and row.seconds and row.record.verdict == "pass" and row.record.kind != "model":
            lines[row.record.implementation].append(row)
    series = [_series(line) for line in lines.values()]
    engines = sorted({row.record.implementation for row in rows if row.record.library == OURS})
    return Scaling(
        operation,
        group,
        tuple(sorted(series, key=lambda one: (one.library == OURS, one.implementation))),
        {
            f"{engine} against {ranking}": crossover(rows, engine, ranking)
            for engine in engines
            for ranking in RANKINGS
            if any(row.ranking == ranking for row in rows)
        },
    )


def _series(line: list[Row]) -> Series:
    record = line[0].record
    points = sorted((row.record.records, row.seconds or 0.0, row.extrapolated) for row in line)
    tuned = ", tuned" if record.division == "tuned" else ""
    return Series(record.implementation + tuned, record.style, record.library, tuple(points))


def crossover(rows: list[Row], engine: str, ranking: str = "default") -> str:
    """The smallest number of records from which an engine beats the baseline, in words.

    Only sizes count where both were measured and agree; between two sizes nothing is claimed.
    """
    ratios = sorted(
        (row.record.records, row.speedup)
        for row in ranked(rows, "run", ranking)
        if row.record.implementation == engine and row.counts and row.speedup
    )
    if not ratios:
        return "not measured"
    wins = [(records, ratio > 1) for records, ratio in ratios]
    span = f"from {count(wins[0][0])} to {count(wins[-1][0])} records"
    if all(won for _, won in wins):
        return f"always faster within range ({span})"
    if not any(won for _, won in wins):
        return f"never faster within range ({span})"
    first = next(records for records, won in wins if won)
    lost = [count(records) for records, won in wins if records > first and not won]
    but = f", but not at {', '.join(lost)}" if lost else ""
    return f"faster from {count(first)} records{but} (measured {span})"
