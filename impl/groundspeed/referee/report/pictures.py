"""Which figures a report has, and what each is called."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path

from groundspeed.referee.report import figures
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import slug
from groundspeed.referee.report.ladder import Ladder, ladder
from groundspeed.referee.report.scaling import Scaling, scalings
from groundspeed.referee.report.summary import AGGREGATED
from groundspeed.referee.report.table import OURS, Row


@dataclass
class Pictures:
    """What was drawn.

    Attributes:
        overview: name of the overview figure, "" when there is nothing to show.
        ladders: (operation, case) -> (figure name, ladder).
        scalings: (figure name, scaling, SVG element to stand in the page).
    """

    overview: str = ""
    ladders: dict[tuple[str, str], tuple[str, Ladder]] = field(default_factory=dict)
    scalings: list[tuple[str, Scaling, str]] = field(default_factory=list)


def ours(rows: list[Row]) -> list[Row]:
    """Groundspeed's own measured speed-ups in the aggregated lanes, as the overview shows them."""
    return [row for row in rows if row.record.library == OURS and row.lane in AGGREGATED and row.counts]


def by_case(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by (operation, case), in order."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.record.operation, row.record.case), []).append(row)
    return found


def draw_all(bundle: Bundle, folder: Path) -> Pictures:
    """Draw and save every figure of a report, in place of those of an earlier one."""
    for old in (*folder.glob("*.png"), *folder.glob("*.svg")):
        old.unlink()
    pictures = Pictures()
    shown = ours(bundle.rows)
    if shown:
        pictures.overview = "overview"
        figures.save(figures.overview(shown), folder, pictures.overview)
    for (operation, case), rows in by_case(bundle.rows).items():
        found, name = ladder(rows), slug("ladder", operation, case)
        if found.filled:
            figures.save(figures.ladder(found), folder, name)
        pictures.ladders[operation, case] = (name if found.filled else "", found)
    for scaling in scalings(bundle.rows):
        name = slug("scaling", scaling.operation, scaling.group)
        svg = figures.save(figures.scaling(scaling), folder, name)
        title = f"Time over records, {scaling.operation}, {scaling.group}"
        pictures.scalings.append((name, scaling, figures.inline(svg, name, html.escape(title))))
    return pictures
