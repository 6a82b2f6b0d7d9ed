"""Which points lie in which polygons."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.dispatch import dispatch
from groundspeed.geometry import GeometryColumn
from groundspeed.inputs import as_points, as_polygons, require_same_crs
from groundspeed.operations.joins.point_in_polygon import query
from groundspeed.operations.joins.point_in_polygon.prepared import Prepared
from groundspeed.operations.joins.point_in_polygon.rings import checked

__all__ = ["point_in_polygon"]

INSIDE, ON_BOUNDARY = 2, 4
PREDICATES = {
    "within": INSIDE,
    "intersects": INSIDE | ON_BOUNDARY,
    "covered_by": INSIDE | ON_BOUNDARY,
    "touches": ON_BOUNDARY,
}
"""Where a point must lie."""


def point_in_polygon(
    points: Any,
    polygons: Any,
    predicate: str = "within",
    *,
    close_rings: bool = False,
    engine: str | None = None,
) -> tuple[Any, Any]:
    """All pairs of a point and a polygon that it lies in.

    Args:
        points: n points: a GeometryColumn, GeoSeries, Shapely points, (x, y) tuple of arrays, (n, 2) array or
            Arrow data; see `groundspeed.inputs.as_points`. float64 or float32, any unit, on a plane.
        polygons: Polygons or MultiPolygons as a GeometryColumn, GeoSeries, Shapely geometries or Arrow data,
            with holes, overlapping each other or not, or what `groundspeed.prepare` made of them. The CRS
            of the points.
        predicate: `"within"` (inside, not on the boundary), `"intersects"` or `"covered_by"` (inside or on
            the boundary, the same for points), `"touches"` (on the boundary).
        close_rings: close rings whose last vertex differs from the first, as cuSpatial does, and do not
            refuse them.
        engine: `"cpu"`, `"cuda"`, `"emulator"`, or None for the rule in `groundspeed.engines.choice`.

    Returns:
        (left, right), int64: row numbers of points and polygons, sorted by left, then right. CuPy if the
        coordinates were on a GPU, else NumPy.

    Rule:
        A point is inside a polygon if a ray from it crosses the rings an odd number of times, whatever the
        direction of the rings; for valid polygons that is the OGC rule. It is on the boundary if it lies
        exactly on an edge of any ring, holes included. Both are decided exactly: coordinates are taken as
        the binary fractions they are, and no rounding enters. GEOS, which decides in double-double
        arithmetic, gives the same answers but where its products underflow (points within 1e-300 of a
        vertex of a polygon 1e-100 across; rational arithmetic confirms ours). Null and empty rows and
        points of NaN match nothing. If one side is float32 and the other float64, both are used as float64,
        which changes no coordinate.

    Raises:
        ValueError: unknown predicate; an infinite point or a polygon that is not finite, naming the row; a
            ring that is not closed or has fewer than four vertices, naming row and ring; two CRSs that
            differ; polygon coordinates beyond 2.9e135 (float32: none).
        TypeError: nothing that holds points, or polygons.
        EngineUnavailable: the engine cannot run on this machine.

    Algorithm:
        Small polygons, where they are many, are found by their boxes, which are hashed into grids without
        bounds, one for boxes of about one size, and asked edge by edge (`boxes`). For the others there is a
        grid of cells, refined where edges crowd. A cell inside a polygon answers without an edge; in a cell
        on the boundary only the edges in the cell are looked at, on the way from the point to the cell's
        centre, whose side is stored: the cost of a point does not depend on the number of vertices
        (`cells`). Both modules have the argument why they are exact. Orientation tests after J. R.
        Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates, DCG 18
        (1997) 305.

    cuSpatial:
        `cuspatial.point_in_polygon` returned a Boolean table of at most 31 polygons,
        `quadtree_point_in_polygon` pairs (polygon, point) that index points in quadtree order; both are
        `predicate="within", close_rings=True` here, with any number of polygons, and points numbered as
        given.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> squares = [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]
        >>> left, right = gs.point_in_polygon([(0.5, 0.5), (1.5, 1.5), (2.0, 1.0)], squares)
        >>> left, right
        (array([0, 1, 1]), array([0, 0, 1]))
        >>> gs.point_in_polygon([(2.0, 1.0)], squares, predicate="touches")[1]
        array([0, 1])
    """
    if predicate not in PREDICATES:
        raise ValueError(f"predicate must be one of {', '.join(map(repr, PREDICATES))}, got {predicate!r}")
    left = as_points(points, "points")
    if isinstance(polygons, Prepared):
        require_same_crs(points=left, polygons=polygons)
        _require_fit(left, polygons, engine)
        return query.pairs(dispatch(polygons.engine, left), polygons, left, PREDICATES[predicate])
    right = as_polygons(polygons, "polygons")
    require_same_crs(points=left, polygons=right)
    call = dispatch(engine, left, right)
    right = checked(call, right, close_rings).astype(np.result_type(left.dtype, right.dtype))
    return query.pairs(call, right, left, PREDICATES[predicate])


def _require_fit(points: GeometryColumn, polygons: Prepared, engine: str | None) -> None:
    if engine not in (None, polygons.engine):
        raise ValueError(
            f"polygons were prepared on engine {polygons.engine!r}, not on {engine!r}; prepare them there, "
            "or leave engine out"
        )
    if np.result_type(points.dtype, polygons.dtype) != polygons.dtype:
        raise ValueError(
            f"polygons were prepared as {polygons.dtype}, points are {points.dtype}; prepare "
            f"polygons.astype({str(points.dtype)!r})"
        )
