"""Which figures a report has, and what each is called."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path

from groundspeed.referee.report import figures
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import slug
from groundspeed.referee.report.ladder import Ladder, ladder
from groundspeed.referee.report.overall import Line, overall
from groundspeed.referee.report.scaling import Scaling, scalings
from groundspeed.referee.report.table import Row

LADDER = "ladder"
"""Name of the picture that heads the report and a README; on dark pages with `-dark`."""


@dataclass
class Pictures:
    """What was drawn.

    Attributes:
        lines: what the ladder of all operations shows.
        ladders: (operation, case) -> ladder.
        scalings: (figure name, scaling, SVG element to stand in the page).
    """

    lines: list[Line] = field(default_factory=list)
    ladders: dict[tuple[str, str], Ladder] = field(default_factory=dict)
    scalings: list[tuple[str, Scaling, str]] = field(default_factory=list)


def by_case(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by (operation, case), in order."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault(row.record.key[:2], []).append(row)
    return found


def draw_all(bundle: Bundle, folder: Path, every: bool = False) -> Pictures:
    """Draw and save the figures of a report, in place of those of an earlier one.

    Args:
        bundle: what to draw.
        folder: of the figures.
        every: also a ladder of each case, and PNG beside SVG: for publications.
    """
    for old in (*folder.glob("*.png"), *folder.glob("*.svg")):
        old.unlink()
    save = figures.save_for_print if every else figures.save
    cases = by_case(bundle.rows)
    pictures = Pictures(overall(cases), {case: ladder(rows) for case, rows in cases.items()})
    if any(line.marks for line in pictures.lines):
        text = figures.save(figures.overall(pictures.lines), folder, LADDER)
        (folder / f"{LADDER}-dark.svg").write_text(figures.dark(text), encoding="utf-8")
    for case, found in pictures.ladders.items() if every else ():
        if found.filled:
            save(figures.ladder(found), folder, slug("ladder", *case))
    for scaling in scalings(bundle.rows):
        name = slug("scaling", scaling.operation, scaling.group)
        figure = figures.scaling(scaling)
        save(figure, folder, name)
        title = f"Time over records, {scaling.operation}, {scaling.group}"
        inside = figures.inline(figures.svg(figure), name, html.escape(title))
        pictures.scalings.append((name, scaling, inside))
    return pictures
