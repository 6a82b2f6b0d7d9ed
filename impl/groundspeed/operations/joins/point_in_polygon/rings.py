# mypy: allow-untyped-defs, no-check-untyped-defs
"""Rings: checked on the engine, and closed on request, as cuSpatial does unasked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit

from groundspeed.dispatch import Call
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import namespace
from groundspeed.operations.joins.point_in_polygon.cells import INLINE


def closed(polygons: GeometryColumn) -> GeometryColumn:
    """The column with the first vertex of a ring repeated at its end where it is not there.

    Examples:
        >>> from groundspeed.geometry import GeometryColumn
        >>> triangle = GeometryColumn.from_ragged("polygon", [0, 1, 1], [0, 0, 1], ([0, 1], [0, 3]))
        >>> closed(triangle).x
        array([0., 1., 1., 0.])
    """
    xp = namespace(polygons.x)
    x, y, offsets = polygons.x, polygons.y, polygons.offsets[-1]
    filled = offsets[1:] > offsets[:-1]
    first, last = xp.where(filled, offsets[:-1], 0), xp.where(filled, offsets[1:] - 1, 0)
    open_rings = (x[first] != x[last]) | (y[first] != y[last]) if len(x) else filled
    if not bool(open_rings.any()):
        return polygons
    added = xp.zeros(len(offsets), np.int64)
    xp.cumsum(open_rings, out=added[1:])
    target = offsets + added
    position = xp.arange(int(target[-1]), dtype=np.int64)
    ring = xp.searchsorted(target[1:], position, side="right")
    source = position - added[ring]
    source = xp.where(source == offsets[ring + 1], offsets[ring], source)
    return replace(polygons, x=x[source], y=y[source], offsets=(*polygons.offsets[:-1], target))


def checked(call: Call, polygons: GeometryColumn, close_rings: bool) -> GeometryColumn:
    """The polygons on the engine, if their rings are closed and their coordinates finite.

    Raises:
        ValueError: naming the row that is not so.
    """
    polygons = call.bring(closed(polygons) if close_rings else polygons)
    engine, starts, x, y = call.engine, polygons.offsets[-1], polygons.x, polygons.y
    flaws = engine.xp.zeros(1, np.int32)
    engine.for_each(check_ring, len(starts) - 1, starts, (x, y), flaws)
    engine.for_each(check_vertex, len(x), (x, y), flaws)
    if engine.read(flaws[0]) != (0,):
        polygons.check_rings("polygons")
        polygons.check_finite("polygons")
    return polygons


@njit(**INLINE)
def check_ring(i, starts, vertices, flaws):
    """One thread notes a flaw if a ring has fewer than four vertices or does not end where it begins."""
    x, y = vertices
    first, last = starts[i], starts[i + 1] - 1
    if last - first < 3 or x[first] != x[last] or y[first] != y[last]:
        flaws[0] = 1


@njit(**INLINE)
def check_vertex(i, vertices, flaws):
    """One thread notes a flaw if a coordinate is not finite. Bounded by memory."""
    if not (vertices[0][i] - vertices[0][i] == 0 and vertices[1][i] - vertices[1][i] == 0):
        flaws[0] = 1
