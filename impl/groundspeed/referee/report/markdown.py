"""The same report as Markdown, for code hosting sites and pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from groundspeed.referee.report import gpu
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import (
    ESTIMATE,
    bracket,
    count,
    factor,
    marked,
    percent,
    seconds,
)
from groundspeed.referee.report.ladder import Rung
from groundspeed.referee.report.pictures import LADDER, Pictures
from groundspeed.referee.report.statistics import LEAST
from groundspeed.referee.report.summary import IN_WORDS, Score, gaps, headlines, scores
from groundspeed.referee.report.table import Row
from groundspeed.referee.report.views import TITLES, CaseView, Competitor, OperationView, operation_views


def render(bundle: Bundle, pictures: Pictures) -> str:
    """The report of one machine."""
    return "\n".join(_lines(bundle, pictures)) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A pipe table.

    Examples:
        >>> table(["a", "b"], [["1", "x|y"]])
        ['| a | b |', '|---|---|', '| 1 | x\\\\|y |']
    """
    lines = [head, *rows]
    text = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    ]
    return [text[0], "|" + "---|" * len(head), *text[1:]]


def _lines(bundle: Bundle, pictures: Pictures) -> Iterator[str]:
    found = scores(bundle.rows, bundle.declared)
    yield f"# Groundspeed on {bundle.machine}\n"
    if any(line.marks for line in pictures.lines):
        yield f'<picture><source media="(prefers-color-scheme: dark)" srcset="figures/{LADDER}-dark.svg">'
        yield f'<img alt="The ladder of every operation" src="figures/{LADDER}.svg"></picture>\n'
    yield from (f"{sentence}\n" for sentence in (bundle.rules, *headlines(found)) if sentence)
    yield (
        f"{ESTIMATE} marks what rests on an extrapolation. Brackets hold 95 % intervals, printed from "
        f"{LEAST} processes on each side; (6:7) are the processes behind the baseline and behind the row.\n"
    )
    head = ["engine", "lane", "against the fastest", "geometric mean", "cases", "slower in", "penalty mark"]
    yield from table([*head, "processes", "baselines"], map(_score, found))
    yield from _gaps(found)
    yield from _remarks(bundle)
    for operation in operation_views(bundle.rows, pictures):
        yield from _operation(operation)
    yield from _gpu(bundle)
    yield from _machine(bundle)


def _score(one: Score) -> list[str]:
    return [
        one.engine,
        IN_WORDS[one.lane],
        TITLES[one.ranking],
        factor(one.mean) if one.attempted else "not measured",
        f"{len(one.ratios)} of {one.cases}",
        str(one.slower),
        one.mark,
        one.behind if one.ratios else "–",
        ", ".join(f"{name} ({times})" for name, times in one.baselines),
    ]


def _gaps(found: list[Score]) -> Iterator[str]:
    """What is counted as no gain, case by case."""
    told = gaps(found)
    if told:
        yield "\nCases without a speed-up, each counted as no gain (as the worst case, if a loss):\n"
        lines = ([gap.engine, gap.why, ", ".join(gap.lanes), gap.names] for gap in told)
        yield from table(["engine", "why", "lanes", "cases"], lines)


def _remarks(bundle: Bundle) -> Iterator[str]:
    if bundle.remarks:
        yield f"\n## Remarks on these runs\n\n{bundle.remarks.strip()}"


def _operation(operation: OperationView) -> Iterator[str]:
    yield f"\n## {operation.name}\n"
    if operation.rule:
        yield f"{operation.rule}\n"
    for name, scaling, _ in operation.scalings:
        yield f"![Time over records, {scaling.group}](figures/{name}.svg)\n"
        yield from (f"- {engine}: {words}" for engine, words in scaling.crossovers.items())
    for case in operation.cases:
        yield from _case(case)


def _case(case: CaseView) -> Iterator[str]:
    record = case.record
    yield f"\n### {record.title or record.case}\n"
    yield f"`{record.case}`, {count(record.records)} records, {record.dtype}\n"
    head = [
        "rung",
        "implementation",
        "time",
        "processes",
        "what changed",
        "over the rung before",
        "over naive",
    ]
    yield from table([*head, "over the baseline"], map(_rung, case.ladder.rungs))
    yield f"\n{case.ladder.sentence}.\n" if case.ladder.sentence else ""
    yield f"{case.ladder.cores_sentence}.\n"
    for ranking, own in case.rankings("run"):
        yield f"Ranking {TITLES[ranking]}:\n"
        head = ["implementation", "cores", "time (run)", "speed-up or verdict", "host to host", "cold"]
        yield from table(*_with_commits(case, head, own, ([*_competitor(one.lanes)] for one in own)))
        yield ""
    for ranking, own in case.rankings("file_to_file"):
        yield f"From file to file (read, join, write), ranking {TITLES[ranking]}:\n"
        head = ["implementation", "cores", "time (file to file)", "speed-up or verdict", "first call"]
        yield from table(*_with_commits(case, head, own, map(_from_file, own)))
        yield ""


def _with_commits(
    case: CaseView, head: list[str], own: list[Competitor], lines: Iterable[list[str]]
) -> tuple[list[str], Iterable[list[str]]]:
    """A table's head and lines, with the commit of each where those of a case are mixed."""
    if not case.mixed:
        return head, lines
    return [*head, "commit"], ([*line, one.row.commit] for line, one in zip(lines, own, strict=True))


def _rung(rung: Rung) -> list[str]:
    if rung.row is None:
        return [rung.step.name, "–", rung.empty, "–", "–", "–", "–", "–"]
    factors = marked(rung.factor, rung.inferred), marked(rung.over_naive, rung.naive_inferred)
    over = marked(rung.row.speedup, rung.row.extrapolated)
    name, processes = rung.row.record.implementation, str(rung.row.processes)
    changed = rung.cause if rung.factor is not None else "–"
    return [rung.step.name, name, rung.row.time, processes, changed, *factors, over]


def _competitor(lanes: dict[str, Row]) -> Iterator[str]:
    run = lanes["run"]
    yield run.record.implementation
    yield run.record.cores
    yield run.time
    yield outcome(run)
    yield f"{lanes['host_to_host'].time}, {outcome(lanes['host_to_host'])}"
    yield f"{seconds(lanes['cold'].seconds)}, {outcome(lanes['cold'])}"


def _from_file(one: Competitor) -> list[str]:
    record, row = one.record, one.row
    times = row.time, seconds(record.seconds("cold"))
    return [record.implementation, record.cores, times[0], outcome(row), times[1]]


def outcome(row: Row) -> str:
    """The speed-up with interval and processes, or the verdict in its place."""
    if row.speedup is None or row.baseline is None:
        return row.withheld
    if row.is_baseline:
        return f"the baseline ({row.behind})"
    return f"{ratio(row)} over {row.baseline.implementation}"


def ratio(row: Row) -> str:
    """A speed-up with its interval, where there is one, and the processes behind it."""
    parts = [marked(row.speedup, row.extrapolated), bracket(row.speedup_interval), f"({row.behind})"]
    return " ".join(filter(None, parts))


def _gpu(bundle: Bundle) -> Iterator[str]:
    found = list(gpu.watched(bundle.records))
    if found:
        yield "\n## GPU while measured\n"
        yield f"{gpu.NOTE}\n"
        yield from table(gpu.HEAD, (one.cells() for one in found))


def _machine(bundle: Bundle) -> Iterator[str]:
    yield "\n## Machine and versions\n"
    yield from table(["item", "value"], bundle.environment.items())
    floor = "not measured" if bundle.floor is None else percent(bundle.floor)
    yield f"\nNoise floor (95th percentile of equal code measured twice): {floor}."
    yield (
        "Speed-up = baseline time / time; baseline: the fastest agreeing FOSS4G implementation in that lane "
        "and of its division: as installed, or tuned."
    )
