"""Rows whose coordinates no operation can use, found in whole columns at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from groundspeed.engines import settings, threads
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.geometry.arrays import compose
from groundspeed.io.problems import Problem, shortened

PIECE = 1 << 16  # vertices


def problems(
    column: GeometryColumn, name: str, *, require_valid: bool, finite: bool = False
) -> list[Problem]:
    """What is wrong with the geometry of rows; null and empty ones are right.

    Args:
        column: on the host.
        name: of the column in the file.
        require_valid: also refuse what GEOS calls invalid, e.g. a polygon that crosses itself.
        finite: whether all coordinates are known to be finite.
    """
    found = ([] if finite else _not_finite(column, name)) + _bad_rings(column, name)
    return found + _invalid(column, name, {one.row for one in found}) if require_valid else found


def all_finite(x: np.ndarray, y: np.ndarray) -> bool:
    """True only if every coordinate is finite, False perhaps even then: one pass that stores nothing."""
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.isfinite(np.einsum("i,i", x, y)))  # then so is every factor


def _all_finite(column: GeometryColumn) -> bool:
    """As `all_finite`, by all cores, each of which brings other pages of a mapped file into memory."""
    pieces = [slice(start, start + PIECE) for start in range(0, len(column.x), PIECE)]
    finite = []

    def look(todo: Iterator[slice]) -> None:
        finite.append(all(all_finite(column.x[piece], column.y[piece]) for piece in todo))

    threads.share(look, pieces, settings().threads)
    return all(finite)


def _not_finite(column: GeometryColumn, name: str) -> list[Problem]:
    if _all_finite(column):
        return []
    finite = np.isfinite(column.x) & np.isfinite(column.y)
    if finite.all():
        return []
    if column.type.part is GeometryType.POINT:
        finite |= np.isnan(column.x) & np.isnan(column.y)
    vertices = np.flatnonzero(~finite)
    rows = np.searchsorted(column.vertex_offsets, vertices, side="right") - 1
    rows, at = np.unique(rows, return_index=True)
    return [
        Problem(int(row), name, "a coordinate is not finite", f"({column.x[vertex]}, {column.y[vertex]})")
        for row, vertex in zip(rows, vertices[at], strict=True)
    ]


def _bad_rings(column: GeometryColumn, name: str) -> list[Problem]:
    """Rings of fewer than four vertices, or that do not end where they start."""
    if column.type.part is not GeometryType.POLYGON or len(column.offsets[-1]) == 1:
        return []
    starts, ends = column.offsets[-1][:-1], column.offsets[-1][1:]
    short = (ends - starts < 4) & (ends > starts)
    last = np.maximum(ends - 1, starts)
    there = np.flatnonzero(ends > starts)
    unclosed = np.zeros(len(starts), dtype=bool)
    unclosed[there] = (column.x[starts[there]] != column.x[last[there]]) | (
        column.y[starts[there]] != column.y[last[there]]
    )
    rings = np.flatnonzero(short | unclosed)
    of_rows = compose(column.offsets[:-1])
    rows, at = np.unique(np.searchsorted(of_rows, rings, side="right") - 1, return_index=True)
    return [
        Problem(
            int(row),
            name,
            f"ring {ring - of_rows[row]} "
            + ("has fewer than four vertices" if short[ring] else "does not end where it starts"),
        )
        for row, ring in zip(rows, rings[at], strict=True)
    ]


def _invalid(column: GeometryColumn, name: str, known: set[int]) -> list[Problem]:
    sound = np.setdiff1d(np.arange(len(column)), sorted(known))
    geometries = column.take(sound).to_shapely()
    bad = np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries))
    return [
        Problem(
            int(sound[at]),
            name,
            f"invalid: {shapely.is_valid_reason(geometries[at])}",
            shortened(geometries[at].wkt),
        )
        for at, reason in zip(bad, shapely.is_valid_reason(geometries[bad]), strict=True)
    ]
