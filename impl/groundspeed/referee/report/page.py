"""The page: one self-contained HTML file that works offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from groundspeed.referee.report import archive, formatting, gpu
from groundspeed.referee.report.axis import LogAxis
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.figures import COLOURS
from groundspeed.referee.report.overall import TITLE, TOP, distances
from groundspeed.referee.report.pictures import Pictures
from groundspeed.referee.report.statistics import CONFIDENCE, LEAST
from groundspeed.referee.report.summary import IN_WORDS, TOTALS, gaps, headlines, scores
from groundspeed.referee.report.table import LANES, OURS, RANKINGS, engine
from groundspeed.referee.report.views import TITLES, operation_views, speedup_axis

RUNG_MARKS = {
    "naive": ("naive", "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z"),
    "vectorised": ("vectorised", "M-4-4H4V4H-4Z"),
    "indexed": ("indexed", "M0-5.5L5.5 0L0 5.5L-5.5 0Z"),
    "all cores": ("parallel", "M0-5.5L5.5 4.5H-5.5Z"),
    "compiled loop": ("compiled", "M0-5.5L5.5-1.5L3.4 5H-3.4L-5.5-1.5Z"),
    "groundspeed[cpu]": ("groundspeed[cpu]", "M7 0A7 7 0 1 1-7 0A7 7 0 1 1 7 0Z"),
    "groundspeed[cuda]": (
        "groundspeed[cuda]",
        "M0-9L2.5-3H9L4 1L5.6 8L0 4L-5.6 8L-4 1L-9-3H-2.5Z",
    ),
}
"""Colour and path of each rung in lane `run`, told apart by shape as well as by colour."""
TEMPLATES = Path(__file__).parent / "templates"
FILTERS = (
    formatting.seconds, formatting.factor, formatting.marked, formatting.bracket, formatting.count,
    formatting.short, formatting.size, formatting.percent, formatting.plural, formatting.slug, engine,
)  # fmt: skip


@cache
def environment() -> Environment:
    """Jinja as all pages use it: autoescaped, undefined names are errors, numbers in words as filters."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update({function.__name__: function for function in FILTERS})
    return found


def render(bundle: Bundle, pictures: Pictures) -> str:
    """The page of one machine."""
    found = scores(bundle.rows, bundle.declared)
    by_ranking = ([one for one in found if one.ranking == ranking] for ranking in RANKINGS)
    views = list(operation_views(bundle.rows, pictures))
    return (
        environment()
        .get_template("report.html")
        .render(
            bundle=bundle,
            scores=found,
            cards=list(zip(*by_ranking, strict=True)),
            gaps=gaps(found),
            headlines=headlines(found),
            lines=pictures.lines,
            title=TITLE,
            climb=LogAxis.over([1.0, TOP, *distances(pictures.lines)]),
            rungs=RUNG_MARKS,
            operations=views,
            axis=speedup_axis([row for row in bundle.rows if row.record.library == OURS and row.counts]),
            processes=sorted({len(record.processes) for record in bundle.records if record.processes}),
            totals=TOTALS,
            titles=TITLES,
            rankings=RANKINGS,
            least=LEAST,
            lanes=[lane for lane in LANES if lane in {row.lane for row in bundle.rows}],
            in_words=IN_WORDS,
            colours=COLOURS,
            styles=sorted({record.style for record in bundle.records}),
            confidence=CONFIDENCE,
            watched=list(gpu.watched(bundle.records)),
            gpu_head=gpu.HEAD,
            gpu_note=gpu.NOTE,
            formatting=formatting,
            records=archive.NAME,
            remarks=MarkdownIt("commonmark", {"html": False}).render(bundle.remarks),
        )
    )
