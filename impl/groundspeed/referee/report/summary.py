"""The headline: what all cases together say, losses and gaps included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from groundspeed.referee.report import table
from groundspeed.referee.report.formatting import NOT_MEASURED, factor, plural
from groundspeed.referee.report.statistics import geometric_mean
from groundspeed.referee.report.table import Row

ENGINES = ("groundspeed[cpu]", "groundspeed[cuda]")
AGGREGATED = ("run", "host_to_host", "file_to_file")
IN_WORDS = {
    "run": "with prepared data",
    "host_to_host": "host to host",
    "cold": "on a first call",
    "file_to_file": "file to file",
}


@dataclass(frozen=True)
class Score:
    """One engine over all cases in one lane.

    Attributes:
        engine, lane: which.
        ratios: speed-ups over the named baselines, measured and agreeing cases only.
        gaps: (operation, case, reason) of every case without such a speed-up.
        baselines: how often each baseline was the fastest.
        attempted: whether the engine ran at all.
    """

    engine: str
    lane: str
    ratios: tuple[float, ...]
    gaps: tuple[tuple[str, str, str], ...]
    baselines: tuple[tuple[str, int], ...]
    attempted: bool

    @property
    def mean(self) -> float | None:
        """Geometric mean of the speed-ups."""
        return geometric_mean(self.ratios)

    @property
    def penalised(self) -> float | None:
        """The mean with every gap counted as no gain (1), or as the worst case where that is below 1."""
        if not self.ratios:
            return None
        return geometric_mean([*self.ratios, *[min(1.0, *self.ratios)] * len(self.gaps)])

    @property
    def slower(self) -> int:
        """Cases in which the baseline wins."""
        return sum(ratio < 1 for ratio in self.ratios)

    @property
    def mark(self) -> str:
        """The penalty mark, e.g. `"2 of 14 cases without a speed-up; 3.1× if each counts as no gain"`."""
        if not self.gaps or not self.ratios:
            return ""
        cases = plural(len(self.ratios) + len(self.gaps), "case")
        gaps = f"{len(self.gaps)} of {cases} without a speed-up"
        return f"{gaps}; {factor(self.penalised)} if each counts as no gain"


def score(rows: Iterable[Row], engine: str, lane: str) -> Score:
    """The score of one engine in one lane.

    Examples:
        >>> score([], "groundspeed[cuda]", "run").attempted
        False
    """
    in_lane = [row for row in rows if row.lane == lane]
    cases = dict.fromkeys((row.record.operation, row.record.case) for row in in_lane)
    own = {
        (row.record.operation, row.record.case): row for row in in_lane if table.engine(row.record) == engine
    }
    counted = [row for row in own.values() if row.counts]
    gaps = [(*case, _gap(own.get(case))) for case in cases if case not in own or not own[case].counts]
    names = Counter(row.baseline.implementation for row in counted if row.baseline)
    return Score(
        engine,
        lane,
        tuple(row.speedup for row in counted if row.speedup is not None),
        tuple(gaps),
        tuple(sorted(names.items(), key=lambda item: (-item[1], item[0]))),
        any(row.record.verdict != "missing" for row in own.values()),
    )


def _gap(row: Row | None) -> str:
    if row is None:
        return "no record"
    return row.withheld or "extrapolated: not in aggregates"


def scores(rows: list[Row]) -> list[Score]:
    """Every engine in every aggregated lane; from file to file only where a case was measured so."""
    asked = {"run", "host_to_host", *(row.lane for row in rows)}
    return [score(rows, engine, lane) for engine in ENGINES for lane in AGGREGATED if lane in asked]


def headlines(found: list[Score]) -> list[str]:
    """What the scores say, engine by engine, in plain sentences."""
    return [_sentences([score for score in found if score.engine == engine]) for engine in ENGINES]


def _sentences(own: list[Score]) -> str:
    """One engine: its means, their spread, its losses and its gaps, lane by lane where they differ."""
    engine = own[0].engine
    if not any(score.attempted for score in own):
        return f"{engine}: {NOT_MEASURED} on this machine."
    if all(score.mean is None for score in own):
        return f"{engine}: no speed-up to report, {plural(len(own[0].gaps), 'case')} without one."
    *first, last = (
        f"{factor(score.mean)} as fast {IN_WORDS[score.lane]} ({_spread(score)})" for score in own
    )
    means = f"{', '.join(first)} and {last}"
    return f"Against the fastest agreeing FOSS4G implementation, {engine} is {means}; geometric means."


def _spread(score: Score) -> str:
    if not score.ratios:
        return "no case"
    ends = f"slower in {score.slower or 'none'}"
    if len(score.ratios) > 1:
        ends = f"{factor(min(score.ratios))} to {factor(max(score.ratios))}, {ends}"
    if not score.gaps:
        return f"{plural(len(score.ratios), 'case')}, {ends}"
    attempted = f"{len(score.ratios)} of {plural(len(score.ratios) + len(score.gaps), 'case')}"
    return f"{attempted}, {ends}; {factor(score.penalised)} if each of the others counts as no gain"
