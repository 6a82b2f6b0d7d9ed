"""How point in polygon is judged: oracle, cases, least work."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.dispatch import dispatch
from groundspeed.operations.joins.point_in_polygon import point_in_polygon, query
from groundspeed.referee.case_inputs import spread
from groundspeed.referee.comparison import ExactPairs
from groundspeed.referee.model import Case, Inputs, Operation


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


def _some_points(inputs: Inputs, n: int) -> Inputs:
    return {**inputs, "points": spread(inputs["points"], n)}


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


def _footprints(points: int, polygons: int, **options: Any) -> Case:
    return Case(
        name=f"footprints_{points:.0e}x{polygons:.0e}".replace("+0", ""),
        title=f"{points:,} addresses x {polygons:,} footprints of buildings, in towns in countries",
        inputs={
            "points": f"addresses(n={points}, buildings={polygons}, seed=3)",
            "polygons": f"footprints(n={polygons}, seed=3)",
        },
        records=points,
        **options,
    )


OPERATIONS = (
    Operation(
        function=point_in_polygon,
        oracle="shapely prepared contains xy",
        second_oracle="sedonadb spatial join",
        policy=ExactPairs(),
        competitors=(
            "shapely double loop",
            "shapely loop with strtree",
            "numpy ray casting",
            "numpy ray casting threads",
            "shapely strtree of points",
            "shapely strtree of polygons",
            "shapely strtree then prepared",
            "shapely prepared contains xy",
            "shapely prepared contains xy threads",
            "geopandas sjoin",
            "spatialpandas sjoin",
            "duckdb spatial join",
            "sedonadb spatial join",
            "postgis gist of points",
            "postgis st subdivide",
            "geopandas sjoin files",
            "duckdb copy files",
            "sedonadb sql files",
            "shapely threads files",
            "groundspeed[cpu] files",
            "groundspeed[cuda] files",
        ),
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
            _footprints(2_000, 3_000, profile="smoke"),
            _footprints(10_000, 10_000, scaling="footprints"),
            _footprints(100_000, 100_000, scaling="footprints", profile="quick"),
            _footprints(1_000_000, 1_000_000, scaling="footprints"),
            _footprints(5_000_000, 1_000_000),
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
        slice=_some_points,
        counters=_counters,
    ),
)
