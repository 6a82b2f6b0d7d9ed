"""The same report as Markdown, for code hosting sites and pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from groundspeed.referee.report import gpu
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import bracket, count, factor, percent, seconds
from groundspeed.referee.report.ladder import Rung
from groundspeed.referee.report.pictures import Pictures
from groundspeed.referee.report.summary import IN_WORDS, headlines, scores
from groundspeed.referee.report.table import Row
from groundspeed.referee.report.views import CaseView, Competitor, OperationView, operation_views


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
    found = scores(bundle.rows)
    yield f"# Groundspeed on {bundle.machine}\n"
    yield from (f"{sentence}\n" for sentence in headlines(found))
    yield from table(
        ["engine", "lane", "geometric mean", "cases", "slower in", "penalty mark", "baselines"],
        [
            [
                one.engine,
                IN_WORDS[one.lane],
                factor(one.mean) if one.attempted else "not measured",
                str(len(one.ratios)),
                str(one.slower),
                one.mark,
                ", ".join(f"{name} ({times})" for name, times in one.baselines),
            ]
            for one in found
        ],
    )
    if pictures.overview:
        yield f"\n![Speed-ups with intervals, case by case](figures/{pictures.overview}.png)"
    for operation in operation_views(bundle.rows, pictures):
        yield from _operation(operation, pictures)
    yield from _gpu(bundle)
    yield from _machine(bundle)


def _operation(operation: OperationView, pictures: Pictures) -> Iterator[str]:
    yield f"\n## {operation.name}\n"
    if operation.rule:
        yield f"{operation.rule}\n"
    for name, scaling, _ in operation.scalings:
        yield f"![Time over records, {scaling.group}](figures/{name}.png)\n"
        yield from (f"- {engine}: {words}" for engine, words in scaling.crossovers.items())
    for case in operation.cases:
        yield from _case(case, pictures.ladders[operation.name, case.record.case][0])


def _case(case: CaseView, figure: str) -> Iterator[str]:
    record = case.record
    yield f"\n### {record.title or record.case}\n"
    yield f"`{record.case}`, {count(record.records)} records, {record.dtype}\n"
    if figure:
        yield f"![Ladder of {record.case}](figures/{figure}.png)\n"
    head = ["rung", "implementation", "time", "over the rung before", "over naive", "over the baseline"]
    yield from table(head, map(_rung, case.ladder.rungs))
    yield f"\n{case.ladder.sentence}.\n" if case.ladder.sentence else ""
    head = ["implementation", "cores", "time (run)", "speed-up or verdict", "host to host", "cold"]
    yield from table(head, ([*_competitor(one.lanes)] for one in case.measured_for("run")))
    from_files = case.measured_for("file_to_file")
    if from_files:
        yield "\nFrom file to file: read, join, write.\n"
        head = ["implementation", "cores", "time (file to file)", "speed-up or verdict", "first call"]
        yield from table(head, map(_from_file, from_files))


def _rung(rung: Rung) -> list[str]:
    if rung.row is None:
        return [rung.step.name, "–", rung.empty, "–", "–", "–"]
    time = seconds(rung.row.seconds) + (" (extrapolated)" if rung.row.extrapolated else "")
    factors = [factor(value) for value in (rung.factor, rung.over_naive, rung.row.speedup)]
    return [rung.step.name, rung.row.record.implementation, time, *factors]


def _competitor(lanes: dict[str, Row]) -> Iterator[str]:
    run = lanes["run"]
    kind = "" if run.record.kind == "measured" else f" ({run.record.kind})"
    yield run.record.implementation
    yield run.record.cores
    yield seconds(run.seconds) + (kind if run.seconds else "")
    yield outcome(run)
    yield f"{seconds(lanes['host_to_host'].seconds)}, {outcome(lanes['host_to_host'])}"
    yield seconds(lanes["cold"].seconds)


def _from_file(one: Competitor) -> list[str]:
    record, row = one.record, one.row
    times = seconds(row.seconds), seconds(record.seconds("cold"))
    return [record.implementation, record.cores, times[0], outcome(row), times[1]]


def outcome(row: Row) -> str:
    """The speed-up with interval and baseline, or the verdict in its place."""
    if row.speedup is None or row.baseline is None:
        return row.withheld
    certainty = bracket(row.speedup_interval) or row.uncertainty
    return f"{factor(row.speedup)} {certainty} over {row.baseline.implementation}"


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
    yield "Speed-up = baseline time / time; baseline: fastest agreeing FOSS4G implementation in that lane."
