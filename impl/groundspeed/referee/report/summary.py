"""The headline: what all declared cases together say, losses and gaps included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from groundspeed.referee.report import table
from groundspeed.referee.report.declared import Declared
from groundspeed.referee.report.formatting import NOT_MEASURED, factor, plural
from groundspeed.referee.report.statistics import geometric_mean
from groundspeed.referee.report.table import RANKINGS, Row, ranked

ENGINES = ("groundspeed[cpu]", "groundspeed[cuda]")
TOTALS = ("run", "host_to_host", "cold")
"""Always all three: whoever leaves one out chooses the answer."""
IN_WORDS = {
    "run": "with prepared data",
    "host_to_host": "host to host",
    "cold": "on a first call",
    "file_to_file": "file to file",
}
NOT_RUN = "declared, not run on this machine"


@dataclass(frozen=True)
class Score:
    """One engine over all cases in one lane and one ranking.

    Attributes:
        engine, lane, ranking: which.
        ratios: speed-ups over the named baselines, measured and agreeing cases only.
        gaps: (operation, case, reason) of every case without such a speed-up.
        baselines: how often each baseline was the fastest.
        processes: the fewest and the most that stand behind a side of a ratio; (0, 0) without one.
        attempted: whether the engine ran at all.
    """

    engine: str
    lane: str
    ranking: str
    ratios: tuple[float, ...]
    gaps: tuple[tuple[str, str, str], ...]
    baselines: tuple[tuple[str, int], ...]
    processes: tuple[int, int]
    attempted: bool

    @property
    def mean(self) -> float | None:
        """Geometric mean of the speed-ups."""
        return geometric_mean(self.ratios)

    @property
    def cases(self) -> int:
        """Cases with and without a speed-up."""
        return len(self.ratios) + len(self.gaps)

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
        """The penalty mark: gaps, and what the mean becomes when each counts as no gain."""
        if not self.gaps or not self.ratios:
            return ""
        gaps = f"{len(self.gaps)} of {plural(self.cases, 'case')} without a speed-up"
        return f"{gaps}; {factor(self.penalised)} if each counts as {self.counted_as}"

    @property
    def counted_as(self) -> str:
        """What the penalty makes of a gap."""
        return "no gain" if min(self.ratios) >= 1 else "the worst case"

    @property
    def behind(self) -> str:
        """How many processes stand behind a side of each ratio."""
        few, many = self.processes
        return plural(few, "process") if few == many else f"{few} to {plural(many, 'process')}"


def score(
    rows: Iterable[Row],
    engine: str,
    lane: str,
    ranking: str = "default",
    declared: Iterable[Declared] = (),
) -> Score:
    """The score of one engine in one lane and ranking.

    A declared case without a record is a gap in the ranking `default`; in `tuned` only cases count in which a
    tuned competitor took part.

    Examples:
        >>> score([], "groundspeed[cuda]", "run").attempted
        False
    """
    here = list(ranked(rows, lane, ranking))
    own = {row.record.key[:2]: row for row in here if table.engine(row.record) == engine}
    counted = [row for row in own.values() if row.counts]
    wanted = [one.key for one in declared if ranking == RANKINGS[0] and one.has(lane)]
    cases = dict.fromkeys([*(row.record.key[:2] for row in here), *wanted])
    ran = {row.record.key[:2] for row in here}
    gaps = [(*case, _gap(own.get(case), case in ran)) for case in cases if not _counts(own.get(case))]
    names = Counter(row.baseline.implementation for row in counted if row.baseline)
    sides = [len(one.processes) for row in counted for one in (row.record, row.baseline) if one]
    return Score(
        engine,
        lane,
        ranking,
        tuple(row.speedup for row in counted if row.speedup is not None),
        tuple(gaps),
        tuple(sorted(names.items(), key=lambda item: (-item[1], item[0]))),
        (min(sides, default=0), max(sides, default=0)),
        any(row.record.verdict != "missing" for row in own.values()),
    )


def _counts(row: Row | None) -> bool:
    return row is not None and row.counts


def _gap(row: Row | None, ran: bool) -> str:
    if row is None:
        return "no record" if ran else NOT_RUN
    return row.withheld or "extrapolated: not in aggregates"


def scores(rows: list[Row], declared: Iterable[Declared] = ()) -> list[Score]:
    """Every engine in all three totals and both rankings; from file to file only where a case was measured
    so."""
    declared = list(declared)
    lanes = [*TOTALS, *(["file_to_file"] if any(row.lane == "file_to_file" for row in rows) else [])]
    return [
        score(rows, engine, lane, ranking, declared)
        for engine in ENGINES
        for lane in lanes
        for ranking in RANKINGS
    ]


@dataclass(frozen=True)
class Gap:
    """Cases that an engine has no speed-up for, for one reason, in the same lanes.

    Attributes:
        engine, why: which, and the reason.
        lanes: in which it holds.
        cases: (operation, case).
    """

    engine: str
    why: str
    lanes: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]

    @property
    def names(self) -> str:
        """The cases in words."""
        return ", ".join(f"{operation} / {case}" for operation, case in self.cases)


def gaps(found: list[Score]) -> list[Gap]:
    """Every gap against what is installed, of the engines that ran."""
    lanes: dict[tuple[str, str, str, str], list[str]] = {}
    for one in found:
        for operation, case, why in one.gaps if one.attempted and one.ranking == RANKINGS[0] else ():
            lanes.setdefault((one.engine, why, operation, case), []).append(one.lane)
    alike: dict[tuple[str, str, tuple[str, ...]], list[tuple[str, str]]] = {}
    for (engine, why, operation, case), own in lanes.items():
        alike.setdefault((engine, why, tuple(own)), []).append((operation, case))
    return [Gap(*key, tuple(cases)) for key, cases in alike.items()]


def headlines(found: list[Score]) -> list[str]:
    """What the scores say, engine by engine, in plain sentences."""
    return [" ".join(_sentences([one for one in found if one.engine == engine])) for engine in ENGINES]


def _sentences(own: list[Score]) -> Iterator[str]:
    """One engine: its means, their spread, its losses and its gaps, lane by lane, ranking by ranking."""
    engine = own[0].engine
    if not any(score.attempted for score in own):
        yield f"{engine}: {NOT_MEASURED} on this machine."
        return
    if all(score.mean is None for score in own):
        yield f"{engine}: no speed-up to report, {plural(len(own[0].gaps), 'case')} without one."
        return
    against = {"default": "agreeing FOSS4G implementation as installed", "tuned": "tuned one"}
    for ranking in RANKINGS:
        told = [one for one in own if one.ranking == ranking and (one.ratios or ranking == RANKINGS[0])]
        *first, last = [_mean(one) for one in told] or [""]
        means = f"{', '.join(first)} and {last}" if first else last
        if means and ranking == RANKINGS[0]:
            yield f"Against the fastest {against[ranking]}, {engine} is {means}."
        elif means:
            yield f"Against the fastest {against[ranking]}, where there is one, it is {means}."
    yield "Geometric means."


def _mean(score: Score) -> str:
    return f"{factor(score.mean)} as fast {IN_WORDS[score.lane]} ({_spread(score)})"


def _spread(score: Score) -> str:
    if not score.ratios:
        return "no case"
    ends = f"slower in {score.slower or 'none'}"
    if len(score.ratios) > 1:
        ends = f"{factor(min(score.ratios))} to {factor(max(score.ratios))}, {ends}"
    if not score.gaps:
        return f"{plural(len(score.ratios), 'case')}, {ends}"
    attempted = f"{len(score.ratios)} of {plural(score.cases, 'case')}"
    return (
        f"{attempted}, {ends}; {factor(score.penalised)} if each of the others counts as {score.counted_as}"
    )
