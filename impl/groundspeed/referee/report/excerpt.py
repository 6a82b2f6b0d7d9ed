"""The table that a README quotes from a report: one row per case, made from the records and never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from groundspeed.referee.records import Record
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import bracket, factor, seconds
from groundspeed.referee.report.ladder import ladder
from groundspeed.referee.report.markdown import table
from groundspeed.referee.report.pictures import by_case
from groundspeed.referee.report.summary import ENGINES
from groundspeed.referee.report.table import Row

BEGIN = "<!-- results: begin, by groundspeed bench report --readme -->"
END = "<!-- results: end -->"


def excerpt(bundle: Bundle) -> str:
    """A Markdown table of lane `run`: naive, baseline, Groundspeed, speed-up with interval.

    Of cases that make up a scaling plot the largest stands for all. Engines that were not measured have no
    column.
    """
    cases = [rows for key, rows in by_case(bundle.rows).items() if key in _chosen(bundle.records)]
    own = [{row.record.implementation: row for row in rows if row.lane == "run"} for rows in cases]
    engines = [name for name in ENGINES if any(name in rows and rows[name].record.processes for rows in own)]
    head = ["case", "naive", "fastest FOSS4G", *(part for name in engines for part in (name, "speed-up"))]
    lines = (
        [_title(rows[0].record), _naive(rows), _baseline(rows), *_ours(found, engines)]
        for rows, found in zip(cases, own, strict=True)
    )
    return "\n".join(table(head, lines)) + "\n"


def quote(document: Path, text: str) -> None:
    """Replace what stands between the lines BEGIN and END of a document.

    Raises:
        ValueError: the document does not have each of these lines once, in this order.
    """
    content = document.read_text(encoding="utf-8")
    old, new = (f"{BEGIN}\n{inside}{END}\n" for inside in (quoted(content), text))
    document.write_text(content.replace(old, new), encoding="utf-8")


def quoted(content: str) -> str:
    """What stands between the lines BEGIN and END.

    Examples:
        >>> quoted(f"# Title\\n{BEGIN}\\n| a |\\n{END}\\n")
        '| a |\\n'

    Raises:
        ValueError: see `quote`.
    """
    before, begin, rest = content.partition(f"{BEGIN}\n")
    inside, end, after = rest.partition(f"{END}\n")
    if not begin or not end or BEGIN in rest or END in before + after:
        raise ValueError(f"the document must have the lines {BEGIN!r} and {END!r}, once each, in this order")
    return inside


def _chosen(records: Iterable[Record]) -> set[tuple[str, str]]:
    """(operation, case) of everything but the smaller sizes of scaling plots."""
    largest: dict[tuple[str, str], Record] = {}
    for record in records:
        group = record.operation, record.scaling or f"case {record.case}"
        if group not in largest or record.records > largest[group].records:
            largest[group] = record
    return {(record.operation, record.case) for record in largest.values()}


def _title(record: Record) -> str:
    dtype = "" if record.dtype == "float64" else f", {record.dtype}"
    return f"`{record.operation}`: {record.title or record.case}{dtype}"


def _naive(rows: list[Row]) -> str:
    row = ladder(rows).rungs[0].row
    if row is None:
        return "–"
    return seconds(row.seconds) + (" (extrapolated)" if row.extrapolated else "")


def _baseline(rows: list[Row]) -> str:
    base = rows[0].baseline
    return f"{base.implementation}, {seconds(base.seconds('run'))}" if base else "none agrees"


def _ours(rows: dict[str, Row], engines: list[str]) -> list[str]:
    cells = []
    for name in engines:
        row = rows.get(name)
        cells += [seconds(row.seconds if row else None), _speedup(row)]
    return cells


def _speedup(row: Row | None) -> str:
    if row is None or row.speedup is None:
        return row.withheld if row else "–"
    slower = " (slower)" if row.speedup < 1 else ""
    return f"**{factor(row.speedup)}**{slower} {bracket(row.speedup_interval)}".rstrip()
