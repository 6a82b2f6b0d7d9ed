"""How planar measures are judged: oracles, tolerances, cases, least work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from groundspeed.geometry import GeometryColumn
from groundspeed.operations.measurement import planar_measures
from groundspeed.referee.comparison import CloseValues, ExactValues, Policy
from groundspeed.referee.model import Case, Inputs, Operation

COMPETITORS = {
    "area": (
        "python area loop",
        "shapely area loop",
        "numpy area",
        "shapely area",
        "shapely area threads",
        "geopandas area",
        "duckdb st area",
        "sedonadb st area",
        "postgis st area",
    ),
    "length": (
        "python length loop",
        "shapely length loop",
        "numpy length",
        "shapely length",
        "shapely length threads",
        "geopandas length",
        "duckdb st length",
        "sedonadb st length",
        "postgis st length",
    ),
    "bounds": (
        "python bounds loop",
        "shapely bounds loop",
        "numpy bounds",
        "shapely bounds",
        "shapely bounds threads",
        "geopandas bounds",
        "duckdb st xmin",
        "sedonadb st xmin",
        "postgis st xmin",
    ),
    "num_points": (
        "python num points loop",
        "numpy num points",
        "shapely get num coordinates",
        "shapely get num coordinates threads",
        "geopandas count coordinates",
        "duckdb st npoints",
        "sedonadb st npoints",
        "postgis st npoints",
    ),
    "is_ccw": (
        "python is ccw loop",
        "numpy is ccw",
        "shapely is ccw",
        "shapely is ccw threads",
        "postgis st ispolygonccw",
    ),
}
SUMS = CloseValues(
    relative={"float64": 1e-12, "float32": 2.0**-23}, absolute={"float64": 0.0, "float32": 0.0}
)
"""A float32 result is a float64 sum rounded once; 1e-12 is what sums of thousands of edges in any order may
differ by where no digit is lost to the distance from the origin."""


def _rows(inputs: Inputs) -> GeometryColumn:
    column: GeometryColumn = inputs["geometry"]
    return column


def _first(inputs: Inputs, n: int) -> Inputs:
    return {**inputs, "geometry": _rows(inputs)[:n]}


def _counters(inputs: Inputs) -> dict[str, float]:
    return {"rows": float(len(_rows(inputs))), "vertices": float(_rows(inputs).num_vertices)}


def _work(coordinates: int, result: int, flops: float) -> Callable[[Inputs], dict[str, float]]:
    """Least work: coordinates of a vertex and results of a row, in numbers of the column's dtype, if any."""

    def work(inputs: Inputs) -> dict[str, float]:
        column = _rows(inputs)
        size, vertices, rows = column.dtype.itemsize, column.num_vertices, len(column)
        octets = coordinates * size * vertices + (8 + (result * size or 8)) * rows
        return {"bytes": float(octets), "flops": flops * vertices}

    return work


def _parcels(n: int, title: str, **options: Any) -> Case:
    dtype = options.get("dtype", "float64")
    return Case(
        name=f"parcels_{title.replace(' ', '').replace(',000', 'k').lower()}"
        + ("" if dtype == "float64" else f"_{dtype}"),
        title=f"{title} polygons of 5 to 500 vertices, 23 on average",
        inputs={"geometry": f"parcels(n={n}, seed=1)"},
        records=n,
        **options,
    )


EVERYWHERE = (
    Case(
        name="holes",
        title="200 star polygons of 20 vertices with 2 holes of 20",
        inputs={"geometry": "star_polygons(n=200, vertices=20, holes=2, seed=4)"},
        records=200,
        profile="smoke",
    ),
    Case(
        name="parcels_smoke",
        title="1,000 polygons of 5 to 500 vertices",
        inputs={"geometry": "parcels(n=1_000, seed=1)"},
        records=1_000,
        profile="smoke",
    ),
    _parcels(1_000, "1,000", scaling="parcels"),
    _parcels(10_000, "10,000", scaling="parcels"),
    _parcels(100_000, "100,000", scaling="parcels", profile="quick"),
    _parcels(1_000_000, "1 M", scaling="parcels"),
    _parcels(1_000_000, "1 M", dtype="float32"),
)
GIANTS = Case(
    name="stars_20x100001",
    title="20 star polygons of 100,001 vertices",
    inputs={"geometry": "star_polygons(n=20, vertices=100_001, seed=2)"},
    records=20,
)
COUNTIES = Case(
    name="counties",
    title="3,233 US counties of 1.0 M vertices, 1:500,000",
    inputs={"geometry": "us_counties_states_500k.counties_wgs84"},
    records=3_233,
    real=True,
)


def _operation(
    name: str, oracle: str, policy: Policy, work: Callable[[Inputs], dict[str, float]], *cases: Case
) -> Operation:
    return Operation(
        function=getattr(planar_measures, name),
        oracle=oracle,
        second_oracle=f"numpy {name.replace('_', ' ')}",
        policy=policy,
        competitors=COMPETITORS[name],
        cases=(*EVERYWHERE, *cases),
        work=work,
        slice=_first,
        counters=_counters,
    )


OPERATIONS = (
    _operation("area", "shapely area", SUMS, _work(2, 1, 4.0), GIANTS, replace(COUNTIES, profile="quick")),
    _operation("length", "shapely length", SUMS, _work(2, 1, 6.0), GIANTS, COUNTIES),
    _operation("bounds", "shapely bounds", ExactValues(), _work(2, 4, 4.0), GIANTS, COUNTIES),
    _operation("num_points", "shapely get num coordinates", ExactValues(), _work(0, 0, 0.0), COUNTIES),
    _operation("is_ccw", "shapely is ccw", ExactValues(), _work(1, 0, 2.0), GIANTS),
)
