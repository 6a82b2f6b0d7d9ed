"""Rows whose coordinates no operation can use, found in whole columns at once."""

from __future__ import annotations

import numpy as np
import shapely

from groundspeed.columns import GeometryColumn, GeometryType
from groundspeed.columns.arrays import compose
from groundspeed.io.problems import Problem, shortened


def problems(column: GeometryColumn, name: str, *, require_valid: bool) -> list[Problem]:
    """What is wrong with the geometry of rows; null and empty ones are right.

    Args:
        column: on the host.
        name: of the column in the file.
        require_valid: also refuse what GEOS calls invalid, e.g. a polygon that crosses itself.
    """
    found = _not_finite(column, name) + _bad_rings(column, name)
    return found + _invalid(column, name, {one.row for one in found}) if require_valid else found


def _not_finite(column: GeometryColumn, name: str) -> list[Problem]:
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(np.einsum("i,i", column.x, column.y)):  # then so is every factor; one pass, one core
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
