"""The page: one self-contained HTML file that works offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from groundspeed.referee.report import formatting, gpu
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.figures import COLOURS
from groundspeed.referee.report.pictures import Pictures, ours
from groundspeed.referee.report.statistics import CONFIDENCE, RESAMPLES
from groundspeed.referee.report.summary import AGGREGATED, ENGINES, IN_WORDS, headlines, scores
from groundspeed.referee.report.table import LANES, engine
from groundspeed.referee.report.views import operation_views, speedup_axis

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = (
    formatting.seconds, formatting.factor, formatting.bracket, formatting.count, formatting.short,
    formatting.size, formatting.percent, formatting.plural, formatting.slug, engine,
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
    found = scores(bundle.rows)
    views = list(operation_views(bundle.rows, pictures))
    return (
        environment()
        .get_template("report.html")
        .render(
            bundle=bundle,
            scores=found,
            headlines=headlines(found),
            operations=views,
            axis=speedup_axis(ours(bundle.rows)),
            processes=sorted({len(record.processes) for record in bundle.records if record.processes}),
            engines=ENGINES,
            aggregated=AGGREGATED,
            lanes=[lane for lane in LANES if lane in {row.lane for row in bundle.rows}],
            in_words=IN_WORDS,
            colours=COLOURS,
            styles=sorted({record.style for record in bundle.records}),
            confidence=CONFIDENCE,
            resamples=RESAMPLES,
            watched=list(gpu.watched(bundle.records)),
            gpu_head=gpu.HEAD,
            gpu_note=gpu.NOTE,
            formatting=formatting,
        )
    )
