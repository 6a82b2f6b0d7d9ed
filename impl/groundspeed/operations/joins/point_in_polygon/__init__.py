"""Which points lie in which polygons."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.dispatch import dispatch
from groundspeed.inputs import as_points, as_polygons, require_same_crs
from groundspeed.operations.joins.point_in_polygon import query
from groundspeed.operations.joins.point_in_polygon.rings import closed
from groundspeed.referee.comparison import ExactPairs
from groundspeed.referee.model import Case, Inputs, Operation

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
            with holes, overlapping each other or not. The CRS of the points.
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
        A grid of cells over the polygons, refined where edges crowd. A cell inside a polygon answers
        without an edge; in a cell on the boundary only the edges in the cell are looked at, on the way from
        the point to the cell's centre, whose side is stored: the cost of a point does not depend on the
        number of vertices. `cells` has the argument why this is exact. Orientation tests after J. R.
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
    left, right = as_points(points, "points"), as_polygons(polygons, "polygons")
    require_same_crs(points=left, polygons=right)
    call = dispatch(engine, left, right)
    if close_rings:
        right = closed(right)
    right.check_rings("polygons")
    right.check_finite("polygons")
    right = right.astype(np.result_type(left.dtype, right.dtype))
    return query.pairs(call, right, left, PREDICATES[predicate])


def _work(inputs: Inputs) -> dict[str, float]:
    """Every coordinate is read once, and a pair written for every point."""
    points, polygons = inputs["points"], inputs["polygons"]
    coordinates = 2 * (points.num_vertices + polygons.num_vertices)
    return {"bytes": float(coordinates * points.dtype.itemsize + 16 * len(points)), "flops": 0.0}


def _counters(inputs: Inputs) -> dict[str, float]:
    """What the join did with every point."""
    points, polygons = inputs["points"], inputs["polygons"]
    return query.counters(
        dispatch("cpu"), polygons.astype(np.result_type(points.dtype, polygons.dtype)), points
    )


def _first_points(inputs: Inputs, n: int) -> Inputs:
    return {**inputs, "points": inputs["points"][:n]}


def _stars(points: int, polygons: int, vertices: int, **options: Any) -> Case:
    name = f"stars_{points:.0e}x{polygons}x{vertices}".replace("+0", "")
    dtype = options.get("dtype", "float64")
    return Case(
        name=name if dtype == "float64" else f"{name}_{dtype}",
        title=f"{points:,} uniform points x {polygons:,} star polygons of {vertices:,} vertices",
        inputs={
            "points": f"uniform_points(n={points}, seed=1)",
            "polygons": f"star_polygons(n={polygons}, vertices={vertices}, seed=2)",
        },
        records=points,
        **options,
    )


def _tessellation(polygons: int, edge_vertices: int, **options: Any) -> Case:
    vertices = 4 * (edge_vertices + 1) + 1
    cover = f"{polygons:,} polygons of {vertices:,} vertices that cover the plane"
    return Case(
        name=f"tessellation_1e6x{polygons}x{vertices}",
        title=f"1,000,000 uniform points x {cover}",
        inputs={
            "points": "uniform_points(n=1_000_000, seed=1)",
            "polygons": f"tessellation(n={polygons}, seed=2, edge_vertices={edge_vertices})",
        },
        records=1_000_000,
        **options,
    )


OPERATION = Operation(
    name="point_in_polygon",
    function=point_in_polygon,
    oracle="shapely prepared contains xy",
    second_oracle="sedonadb spatial join",
    policy=ExactPairs(),
    cases=(
        Case(
            name="holes",
            title="2,000 clustered points x 20 star polygons with holes",
            inputs={
                "points": "thomas_points(n=2_000, seed=3)",
                "polygons": "star_polygons(n=20, vertices=40, holes=2, seed=4)",
            },
            records=2_000,
            profile="smoke",
            files=True,
        ),
        _stars(10_000, 1_000, 101, scaling="stars"),
        _stars(100_000, 1_000, 101, scaling="stars"),
        _stars(1_000_000, 1_000, 101, scaling="stars", profile="quick"),
        _stars(10_000_000, 1_000, 101, scaling="stars"),
        _stars(1_000_000, 1_000, 101, dtype="float32"),
        _stars(1_000_000, 31, 10_001),
        _tessellation(1_000, 24),
        _tessellation(32, 2_499),
        Case(
            name="flights_in_counties",
            title="3 M departures of flights x 3,233 US counties of 1.0 M vertices, 1:500,000",
            inputs={
                "points": "flights_bts_3m.origin",
                "polygons": "us_counties_states_500k.counties_wgs84",
            },
            records=3_000_000,
            real=True,
            files=True,
        ),
        Case(
            name="cities_in_counties",
            profile="quick",
            title="234,908 GeoNames places x 3,233 US counties of 1.0 M vertices, 1:500,000",
            inputs={
                "points": "geonames_cities500.geometry",
                "polygons": "us_counties_states_500k.counties_wgs84",
            },
            records=234_908,
            real=True,
            files=True,
        ),
    ),
    work=_work,
    slice=_first_points,
    counters=_counters,
)
