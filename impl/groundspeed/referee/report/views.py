"""What the page shows of an operation, a case and an implementation; templates only lay it out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from statistics import median

from groundspeed import operations
from groundspeed.referee.records import WHOLE, Record
from groundspeed.referee.report.axis import ROOM, LogAxis
from groundspeed.referee.report.formatting import count, slug
from groundspeed.referee.report.gpu import Watched
from groundspeed.referee.report.ladder import Ladder
from groundspeed.referee.report.pictures import Pictures, by_case
from groundspeed.referee.report.rules import extrapolated
from groundspeed.referee.report.scaling import Scaling
from groundspeed.referee.report.summary import ENGINES, Score, score
from groundspeed.referee.report.table import OURS, RANKINGS, Row, engine, ranked

FILES = "file_to_file"
TITLES = {"default": "as installed (default)", "tuned": "tuned (anything documented)"}
"""What the rankings are called."""


@dataclass(frozen=True)
class Competitor:
    """One implementation on one case, with its rows by lane."""

    record: Record
    lanes: dict[str, Row]

    @property
    def row(self) -> Row:
        """Its row in the lane it was measured for."""
        return self.lanes[self.record.lane]

    @property
    def code(self) -> str:
        """Anchor of the code that was timed."""
        return slug("code", self.record.operation, self.record.implementation)

    @property
    def phases(self) -> list[tuple[str, float, float]]:
        """(phase, seconds, share in percent) of the phases a caller pays for: median over processes of the
        median over repetitions."""
        measured = [one.phases for one in self.record.processes if any(one.phases.values())]
        times = (
            [(phase, median(median(one[phase]) for one in measured)) for phase in WHOLE[self.record.lane]]
            if measured
            else []
        )
        total = sum(time for _, time in times)
        return [(phase, time, round(100 * time / total, 2) if total else 0.0) for phase, time in times]

    @property
    def peak_host(self) -> int | None:
        """Largest growth of host memory in bytes."""
        return max(
            (one.peak_host_bytes for one in self.record.processes if one.peak_host_bytes is not None),
            default=None,
        )

    @property
    def peak_device(self) -> int | None:
        """Largest growth of device memory in bytes."""
        peaks = [one.peak_device_bytes for one in self.record.processes if one.peak_device_bytes is not None]
        return max(peaks, default=None)

    @property
    def device_seconds(self) -> float | None:
        """Median of the run phase by CUDA events."""
        return Watched(self.record).events

    @property
    def extrapolated(self) -> str:
        """From what, how, how far and how surely an extrapolated time was inferred, "" for a measured one."""
        return extrapolated(self.record)

    @property
    def rules(self) -> str:
        """That it was measured under the old rules, "" otherwise."""
        return "measured under the old rules" if self.record.old_rules and self.record.processes else ""

    @property
    def notes(self) -> list[str]:
        """The caveat, and what the stopwatch noted, each once."""
        notes = chain([self.record.caveat], *(one.notes for one in self.record.processes))
        return [note for note in dict.fromkeys(notes) if note]

    @property
    def verdict(self) -> str:
        """The agreement with its counts and largest errors, in words."""
        agreement = self.record.agreement
        if not agreement.get("compared"):
            return agreement.get("reason") or "nothing was compared"
        reference = agreement.get("oracle") or "the oracle"
        compared, differing = count(agreement["compared"]), count(agreement["differing"])
        counts = f"{compared} values compared with {reference}, {differing} differ"
        errors = f"{agreement['max_absolute']:.2g} absolute, {agreement['max_relative']:.2g} relative"
        return f"{counts}; largest difference {errors}; tolerance: {agreement['tolerance'] or 'not stated'}"


@dataclass(frozen=True)
class CaseView:
    """One case: its ladder and its competitors, the fastest first."""

    rows: list[Row]
    ladder: Ladder

    @property
    def record(self) -> Record:
        """Any record of the case: what they have in common is read from it."""
        return self.rows[0].record

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return slug("case", self.record.operation, self.record.case)

    @cached_property
    def competitors(self) -> dict[str, list[Competitor]]:
        """Everybody by ranking, the fastest first within the lane it was measured for."""
        return {ranking: self._ranking(ranking) for ranking in RANKINGS}

    def _ranking(self, ranking: str) -> list[Competitor]:
        lanes: dict[str, dict[str, Row]] = {}
        for row in self.rows:
            if row.ranking == ranking:
                lanes.setdefault(row.record.implementation, {})[row.lane] = row
        return [Competitor(next(iter(own.values())).record, own) for own in lanes.values()]

    def rankings(self, lane: str) -> Iterator[tuple[str, list[Competitor]]]:
        """(ranking, those measured for a lane), rankings without anybody left out."""
        for ranking, everybody in self.competitors.items():
            own = [one for one in everybody if one.record.lane == lane]
            if own:
                yield ranking, own

    @property
    def mixed(self) -> bool:
        """Whether its rows are of different commits, so that each has to say its own."""
        return len({row.commit for row in self.rows if row.processes}) > 1

    @property
    def file_axis(self) -> LogAxis:
        """Time axis of the bars from file to file."""
        return LogAxis.over((row.seconds for row in self.rows if row.lane == FILES and row.seconds), ROOM)

    @property
    def axis(self) -> LogAxis:
        """Time axis shared by the bars of the case."""
        in_lane = (row for row in self.rows if row.lane == "run")
        rungs = (rung.row for rung in self.ladder.filled if rung.row)
        return LogAxis.over((row.seconds for row in (*in_lane, *rungs) if row.seconds), ROOM)

    @property
    def ours(self) -> list[Row]:
        """Groundspeed's rows in lane `run` against what is installed, engines in order."""
        own = [row for row in ranked(self.rows, "run") if row.record.library == OURS]
        return sorted(own, key=lambda row: row.record.implementation)

    def beside(self, row: Row) -> list[Row]:
        """The same engine's rows in all lanes and both rankings."""
        return [one for one in self.rows if engine(one.record) == engine(row.record)]

    @property
    def opened(self) -> bool:
        """Whether it is shown at once: sizes that only make up a scaling plot are folded."""
        return not self.record.scaling


@dataclass(frozen=True)
class OperationView:
    """One operation: scores, scaling plots, cases, and the code that was timed."""

    name: str
    cases: list[CaseView]
    scalings: list[tuple[str, Scaling, str]]
    scores: list[Score]

    @property
    def rule(self) -> str:
        """First line of the written rule, "" for an operation this version does not have."""
        return rule(self.name)

    @property
    def inks(self) -> set[str]:
        """Names of the colours that its bars have: engines and the styles of others."""
        records = [one.record for one in self._everybody if one.record.processes]
        return {engine(one) if one.library == OURS else one.style for one in records}

    @property
    def sources(self) -> list[Competitor]:
        """Every implementation once, with its code."""
        return list({one.record.implementation: one for one in self._everybody if one.record.source}.values())

    @property
    def _everybody(self) -> Iterator[Competitor]:
        return (one for case in self.cases for own in case.competitors.values() for one in own)


def rule(operation: str) -> str:
    """First line of the docstring of an operation's function, read without importing anything."""
    if operation not in operations.names():
        return ""
    module = operations.folder(operations.names()[operation]) / "__init__.py"
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == operation]
    return (ast.get_docstring(functions[0]) or "").partition("\n")[0] if functions else ""


def operation_views(rows: list[Row], pictures: Pictures) -> Iterator[OperationView]:
    """Every operation in order."""
    views = [CaseView(own, pictures.ladders[case]) for case, own in by_case(rows).items()]
    for name in dict.fromkeys(view.record.operation for view in views):
        own = [row for row in rows if row.record.operation == name]
        yield OperationView(
            name,
            sorted(
                (view for view in views if view.record.operation == name), key=lambda view: not view.opened
            ),
            [one for one in pictures.scalings if one[1].operation == name],
            [score(own, engine, "run", ranking) for engine in ENGINES for ranking in RANKINGS],
        )


def speedup_axis(rows: list[Row]) -> LogAxis:
    """The axis of the overview: every speed-up, every interval, and 1."""
    ends = chain.from_iterable(row.speedup_interval or () for row in rows)
    return LogAxis.over([1.0, *(row.speedup for row in rows if row.speedup), *ends])
