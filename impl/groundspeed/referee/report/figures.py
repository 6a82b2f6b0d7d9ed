"""Figures for publication, PNG and SVG: overview, ladders, scaling."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from groundspeed.referee.report.formatting import decade, seconds, short
from groundspeed.referee.report.ladder import STEPS, Ladder, Rung
from groundspeed.referee.report.overall import TOP, Line, distances
from groundspeed.referee.report.scaling import Scaling, Series
from groundspeed.referee.report.table import OURS, Row

INK = "#20262d"
PAPER = "#ffffff"
COLOURS = {
    "naive": "#8b929b",
    "vectorised": "#b9852f",
    "indexed": "#8172b8",
    "parallel": "#4a80b5",
    "compiled": "#5f9160",
    "gpu": "#a05c8f",
    "groundspeed[cpu]": "#0f8f86",
    "groundspeed[cuda]": "#d1495b",
}
"""One colour per style; Groundspeed's engines have their own. All are legible on white and on near-black."""
MARKERS = "osD^vP<>Xph*"
DARK = {INK: "#e6edf3", PAPER: "#0d1117"}
"""The same picture on a dark page."""
RUNGS = {
    "naive": ("o", COLOURS["naive"], 7.0),
    "vectorised": ("s", COLOURS["vectorised"], 6.5),
    "indexed": ("D", COLOURS["indexed"], 6.5),
    "all cores": ("^", COLOURS["parallel"], 7.5),
    "compiled loop": ("p", COLOURS["compiled"], 8.0),
    "groundspeed[cpu]": ("o", COLOURS["groundspeed[cpu]"], 11.0),
    "groundspeed[cuda]": ("*", COLOURS["groundspeed[cuda]"], 14.0),
}
"""Marker, colour and size of each rung in lane `run`: told apart by shape as well as by colour."""
STYLE: Any = {
    "font.size": 9,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "svg.hashsalt": "groundspeed",
    "axes.spines.top": False,
    "axes.spines.right": False,
    **{f"{part}color": INK for part in ("text.", "axes.edge", "axes.label", "xtick.", "ytick.")},
}


def colour(implementation: str, style: str) -> str:
    """The colour of an implementation.

    Examples:
        >>> colour("groundspeed[cpu]", "compiled") == colour("numba loop", "compiled")
        False
    """
    return COLOURS.get(implementation, COLOURS[style])


def draw(plot: Callable[[Axes], None], width: float, height: float) -> Figure:
    """A figure of one pair of axes, in inches, in the house style."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        plot(figure.add_subplot())
    return figure


def svg(figure: Figure) -> str:
    """A figure as SVG text; equal figures give equal text."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, facecolor=PAPER)
    return buffer.getvalue()


def save(figure: Figure, folder: Path, name: str) -> str:
    """Write `name.svg`; return the text."""
    folder.mkdir(parents=True, exist_ok=True)
    text = svg(figure)
    (folder / f"{name}.svg").write_text(text, encoding="utf-8")
    return text


def save_for_print(figure: Figure, folder: Path, name: str) -> None:
    """Write `name.png` and `name.svg`."""
    save(figure, folder, name)
    with mpl.rc_context(STYLE):
        figure.savefig(folder / f"{name}.png", dpi=160, facecolor=PAPER)


def dark(text: str) -> str:
    """A picture for dark pages.

    Examples:
        >>> dark('<path style="stroke: #20262d"/>')
        '<path style="stroke: #e6edf3"/>'
    """
    for light, other in DARK.items():
        text = text.replace(light, other)
    return text


def inline(svg: str, name: str, title: str) -> str:
    """The SVG element as a page wants it: unique ids, the page's own ink and paper, and a title."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(url\(#|href="#)', rf"\1{name}-", body)
    body = body.replace(INK, "currentColor").replace(PAPER, "var(--paper)")
    body = re.sub(r' xmlns(:xlink)?="[^"]*"', "", body).replace("xlink:href", "href")
    opening = f'<svg role="img" aria-labelledby="{name}-title"'
    head, _, rest = re.sub(r' (width|height)="[^"]*pt"', "", body, count=2).partition(">")
    return f'{head.replace("<svg", opening, 1)}><title id="{name}-title">{title}</title>{rest}'


def scaling(found: Scaling) -> Figure:
    """Time over records, log-log; hollow markers are extrapolated."""

    def plot(axes: Axes) -> None:
        for index, series in enumerate(found.series):
            _line(axes, series, MARKERS[index % len(MARKERS)])
        axes.set(xscale="log", yscale="log", xlabel="records", ylabel="time, lane run")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        _time_axis(axes.yaxis)
        axes.grid(alpha=0.25, linewidth=0.5)
        axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.16), ncols=2, frameon=False, fontsize=8)

    return draw(plot, 4.6, 3.2 + 0.1 * len(found.series))


def _line(axes: Axes, series: Series, marker: str) -> None:
    look: Any = {"color": colour(series.implementation, series.style), "marker": marker, "markersize": 5}
    records, times, extrapolated = zip(*series.points, strict=True)
    measured = [index for index, inferred in enumerate(extrapolated) if not inferred]
    hollow = [index for index, inferred in enumerate(extrapolated) if inferred]
    width = 2.2 if series.library == OURS else 1.1
    axes.plot(records, times, linewidth=width, markevery=measured, label=series.implementation, **look)
    if hollow:
        axes.plot(records, times, linewidth=0, markevery=hollow, markerfacecolor=PAPER, **look)


def ladder(found: Ladder) -> Figure:
    """Horizontal bars on a log axis, naive at the top; dashed hollow bars are extrapolated, gaps say why."""
    times = [rung.row.seconds for rung in found.filled if rung.row and rung.row.seconds]
    left, right = min(times) / 3, max(times) * 8

    def plot(axes: Axes) -> None:
        for index, rung in enumerate(found.rungs):
            if rung.row and rung.row.seconds:
                _bar(axes, index, rung.row, rung.row.seconds)
            else:
                axes.text(left * 1.1, index, rung.empty, va="center", fontsize=8, fontstyle="italic")
        axes.set_yticks(range(len(found.rungs)), map(_label, found.rungs), fontsize=8)
        axes.set(xscale="log", xlabel="time, log scale", xlim=(left, right))
        axes.invert_yaxis()
        _time_axis(axes.xaxis)

    return draw(plot, 6.4, 0.7 + 0.42 * len(found.rungs))


def _bar(axes: Axes, index: int, row: Row, time: float) -> None:
    ink = colour(row.record.implementation, row.record.style)
    look: Any = {"color": "none", "edgecolor": ink, "linestyle": "--"} if row.extrapolated else {"color": ink}
    axes.barh(index, time, height=0.62, **look)
    note = f" {seconds(time)}{' (extrapolated)' if row.extrapolated else ''}"
    axes.text(time, index, note, va="center", fontsize=8)


def _label(rung: Rung) -> str:
    return f"{rung.step.name}\n{rung.by}" if rung.by else rung.step.name


def overall(lines: list[Line]) -> Figure:
    """One line per operation, one mark per rung, by how many times as fast as the naive loop it is; a hollow
    mark is an extrapolated time, and where the naive one is hollow every distance rests on it."""
    places = distances(lines)
    left, right = min([1.0, *places]) / 1.6, max([TOP, *places]) * 1.6
    shown = [step for step in STEPS if any(rung.step is step for line in lines for rung in line.marks)]

    def plot(axes: Axes) -> None:
        for index, line in enumerate(lines):
            _climb(axes, index, line, left, right)
        for step in shown:
            marker, ink, size = RUNGS[step.name]
            axes.plot([], [], marker, color=ink, markersize=size, label=step.name)
        axes.plot([], [], "o", color=INK, markerfacecolor=PAPER, markersize=7, label="hollow: extrapolated")
        axes.set_yticks(range(len(lines)), [line.record.operation for line in lines], fontsize=9)
        axes.set(xscale="log", xlim=(left, right), ylim=(len(lines) - 0.35, -0.75))
        axes.xaxis.tick_top()
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}×"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        axes.grid(axis="x", alpha=0.3, linewidth=0.5)
        axes.set_title("times as fast as the naive loop, log scale", fontsize=9)
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.4, 0),
            ncols=4,
            frameon=False,
            fontsize=8.5,
            handletextpad=0.2,
        )

    return draw(plot, 9.6, 1.5 + 0.62 * len(lines))


def _climb(axes: Axes, index: int, line: Line, left: float, right: float) -> None:
    record = line.record
    size = f"{record.case}: {short(record.records)} records, {record.dtype}. {line.note}"
    axes.text(left * 1.1, index + 0.4, size, fontsize=7, alpha=0.75, va="center")
    axes.text(right * 1.15, index, "\n".join(line.outcome), fontsize=8, va="center")
    if not line.marks:
        return
    places = [rung.over_naive for rung in line.marks if rung.over_naive]
    axes.plot((min(places), max(places)), (index, index), color=INK, linewidth=0.8, alpha=0.5, zorder=1)
    for rung, place in zip(line.marks, places, strict=True):
        marker, ink, size_ = RUNGS[rung.step.name]
        hollow: Any = (
            {"markerfacecolor": PAPER, "markeredgewidth": 1.4} if rung.row and rung.row.extrapolated else {}
        )
        axes.plot([place], [index], marker, color=ink, markersize=size_, **hollow)


def _time_axis(axis: mpl.axis.Axis) -> None:
    axis.set_major_locator(LogLocator(numticks=7))
    axis.set_major_formatter(FuncFormatter(lambda value, _: decade(value)))
    axis.set_minor_formatter(NullFormatter())
