"""How haversine distances are judged: oracle, tolerance, cases, least work."""

from __future__ import annotations

from typing import Any

from groundspeed.operations.distances.haversine_distance import EARTH_RADIUS, haversine_distance, kernels
from groundspeed.operations.distances.haversine_distance.tolerance import haversine_distances
from groundspeed.referee.case_inputs import spread
from groundspeed.referee.model import Case, Inputs, Operation


def _work(inputs: Inputs) -> dict[str, float]:
    n, dtype = len(inputs["a"]), inputs["a"].x.dtype
    return {"bytes": 5.0 * n * dtype.itemsize, "flops": float(n * kernels.FLOPS[str(dtype)])}


def _some(inputs: Inputs, n: int) -> Inputs:
    return {**inputs, "a": spread(inputs["a"], n), "b": spread(inputs["b"], n)}


def _counters(inputs: Inputs) -> dict[str, float]:
    return {"pairs": float(len(inputs["a"]))}


def _uniform(n: int, title: str, **options: Any) -> Case:
    sources = {"a": f"uniform_lonlat(n={n}, seed=1)", "b": f"uniform_lonlat(n={n}, seed=2)"}
    return Case(inputs=sources, records=n, title=f"{title} pairs of points, uniform on the sphere", **options)


OPERATIONS = (
    Operation(
        function=haversine_distance,
        oracle="numpy formula",
        second_oracle="pyproj geod",
        policy=haversine_distances(EARTH_RADIUS),
        competitors=(
            "python math loop",
            "pandas apply",
            "scikit-learn haversine distances loop",
            "numpy formula",
            "numpy chunked",
            "numpy chunked threads",
            "polars expression",
            "duckdb sql",
            "duckdb st distance sphere",
            "postgis st distancesphere",
            "sedonadb sql",
            "pyproj geod",
            "pyproj geod threads",
            "numba prange",
        ),
        cases=(
            _uniform(1_000, "1,000", name="uniform_smoke", profile="smoke"),
            _uniform(1_000, "1,000", name="uniform_1k", scaling="uniform"),
            _uniform(10_000, "10,000", name="uniform_10k", scaling="uniform"),
            _uniform(100_000, "100,000", name="uniform_100k", scaling="uniform"),
            _uniform(1_000_000, "1 M", name="uniform_1m", scaling="uniform", profile="quick"),
            _uniform(10_000_000, "10 M", name="uniform_10m", scaling="uniform"),
            _uniform(10_000_000, "10 M", name="uniform_10m_float32", dtype="float32"),
            Case(
                name="flights_3m",
                title="3 M US flights of 2001, origin to destination airport",
                inputs={"a": "flights_bts_3m.origin", "b": "flights_bts_3m.destination"},
                records=3_000_000,
                profile="quick",
                real=True,
            ),
        ),
        work=_work,
        slice=_some,
        counters=_counters,
    ),
)
