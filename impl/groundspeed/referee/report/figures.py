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

from groundspeed.referee.report.formatting import decade, seconds, short, times
from groundspeed.referee.report.ladder import Ladder, Rung
from groundspeed.referee.report.scaling import Scaling, Series
from groundspeed.referee.report.table import OURS, Row, engine

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
LANE_MARKS = {"run": "o", "host_to_host": "s", "file_to_file": "^"}
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


def save(figure: Figure, folder: Path, name: str) -> str:
    """Write `name.png` and `name.svg`; return the SVG text. Equal figures give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(folder / f"{name}.png", dpi=160, facecolor=PAPER)
        figure.savefig(buffer, format="svg", metadata={"Date": None}, facecolor=PAPER)
    (folder / f"{name}.svg").write_text(buffer.getvalue(), encoding="utf-8")
    return buffer.getvalue()


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


def overview(rows: list[Row]) -> Figure:
    """Speed-ups with their intervals over a line at 1: one line per case and engine, one mark per lane."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        record = row.record
        lines.setdefault(f"{record.operation} / {record.case}, {engine(record)}", []).append(row)

    def plot(axes: Axes) -> None:
        for index, row in ((index, row) for index, line in enumerate(lines.values()) for row in line):
            ink = colour(engine(row.record), row.record.style)
            if row.speedup_interval:
                axes.plot(row.speedup_interval, (index, index), color=ink, linewidth=1.2)
            axes.plot([row.speedup or 1], index, marker=LANE_MARKS[row.lane], color=ink, markersize=5)
        axes.axvline(1, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(lines)), list(lines), fontsize=8)
        axes.set(
            xscale="log",
            xlabel="speed-up over the named baseline\n● prepared data  ■ host to host  ▲ file to file",
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: times(value)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.invert_yaxis()
        axes.grid(axis="x", alpha=0.25, linewidth=0.5)

    return draw(plot, 7.2, 1.0 + 0.25 * len(lines))


def _time_axis(axis: mpl.axis.Axis) -> None:
    axis.set_major_locator(LogLocator(numticks=7))
    axis.set_major_formatter(FuncFormatter(lambda value, _: decade(value)))
    axis.set_minor_formatter(NullFormatter())
