"""Haversine distance by others, who get four columns of degrees in the form the library likes best.

scikit-learn's haversine makes all n x n pairs and has no paired form: it can only be called pair by pair.
SedonaDB 0.5 has no spherical distance, and computes the formula.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numba
import numpy as np

from groundspeed.operations.distances.haversine_distance import EARTH_RADIUS
from groundspeed.referee.competitors import duckdb, postgis, sedonadb
from groundspeed.referee.competitors.tables import values
from groundspeed.referee.competitors.threads import alone_and_together, over_chunks
from groundspeed.referee.cost import ROWS
from groundspeed.referee.model import Inputs, compiled, naive, parallel, vectorised

CHUNK = 16_384
"""Pairs: the temporaries of one chunk stay in the L2 cache."""

SQL = f"""
    select {2 * EARTH_RADIUS} * asin(sqrt(
        power(sin(radians(lat2 - lat1) / 2), 2)
        + cos(radians(lat1)) * cos(radians(lat2)) * power(sin(radians(lon2 - lon1) / 2), 2))) as km
    from rows"""

DUCKDB_RADIUS = 6371.0
"""km, of ST_Distance_Sphere."""


def arrays(inputs: Inputs) -> dict[str, np.ndarray]:
    """The coordinates as four arrays."""
    a, b = inputs["a"], inputs["b"]
    return {"lon1": a.x, "lat1": a.y, "lon2": b.x, "lat2": b.y}


def lists(inputs: Inputs) -> dict[str, list[float]]:
    """The coordinates as four Python lists."""
    return {name: values.tolist() for name, values in arrays(inputs).items()}


def pandas_frame(inputs: Inputs) -> dict[str, Any]:
    """A pandas DataFrame of four columns."""
    import pandas as pd

    return {"frame": pd.DataFrame(arrays(inputs))}


def polars_frame(inputs: Inputs) -> dict[str, Any]:
    """A polars DataFrame of four columns."""
    import polars as pl

    return {"frame": pl.DataFrame(arrays(inputs))}


def duckdb_table(inputs: Inputs) -> dict[str, Any]:
    """A DuckDB table of four columns in memory."""
    return duckdb.table(arrays(inputs))


def duckdb_points(inputs: Inputs) -> dict[str, Any]:
    """A DuckDB table of two POINT_2D columns; ST_Distance_Sphere wants x = latitude, y = longitude."""
    prepared = duckdb.table(arrays(inputs))
    prepared["connection"].execute(
        "create table pairs as"
        " select ST_Point(lat1, lon1)::POINT_2D as a, ST_Point(lat2, lon2)::POINT_2D as b from rows"
    )
    return prepared


def postgis_points(inputs: Inputs) -> dict[str, Any]:
    """A PostGIS table of two columns of points, with row numbers: parallel plans keep no order."""
    prepared = postgis.table({name: values.astype(np.float64) for name, values in arrays(inputs).items()})
    postgis.execute(
        prepared["connection"],
        "create unlogged table pairs as"
        " select i, ST_MakePoint(lon1, lat1) as a, ST_MakePoint(lon2, lat2) as b from rows",
        "analyze pairs",
    )
    return prepared


def sedona_view(inputs: Inputs) -> dict[str, Any]:
    """A SedonaDB view of four columns in memory, with row numbers: partitions keep no order."""
    return sedonadb.table(arrays(inputs))


def kilometres(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """The usual formula, on arrays."""
    lon1, lat1, lon2, lat2 = np.radians(lon1), np.radians(lat1), np.radians(lon2), np.radians(lat2)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(h))


def kilometres_of_pair(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The formula on four numbers."""
    lon1, lat1, lon2, lat2 = map(math.radians, (lon1, lat1, lon2, lat2))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(h))


@naive("python", prepare=lists, requires=(), limit=300_000, cost=ROWS)
def math_loop(lon1: list[float], lat1: list[float], lon2: list[float], lat2: list[float]) -> list[float]:
    """A Python loop over the pairs with the math module."""
    return [kilometres_of_pair(*pair) for pair in zip(lon1, lat1, lon2, lat2, strict=True)]


@naive("pandas", prepare=pandas_frame, limit=30_000, cost=ROWS)
def apply(frame: Any) -> Any:
    """DataFrame.apply(axis=1) with the math module."""
    return frame.apply(lambda row: kilometres_of_pair(row.lon1, row.lat1, row.lon2, row.lat2), axis=1)


@naive("scikit-learn", prepare=arrays, requires=("sklearn",), limit=3_000, cost=ROWS)
def haversine_distances_loop(
    lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray
) -> np.ndarray:
    """A Python loop over sklearn's haversine_distances of one pair, for it has no paired form."""
    from sklearn.metrics.pairwise import haversine_distances

    a = np.radians(np.column_stack([lat1, lon1]).astype(np.float64))
    b = np.radians(np.column_stack([lat2, lon2]).astype(np.float64))
    angles = [haversine_distances(a[i : i + 1], b[i : i + 1])[0, 0] for i in range(len(a))]
    return EARTH_RADIUS * np.array(angles)


@vectorised("numpy", prepare=arrays)
def formula(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """The formula on whole arrays, a temporary for every step."""
    return kilometres(lon1, lat1, lon2, lat2)


@alone_and_together("numpy", prepare=arrays, division="tuned")
def chunked(threads: int, **columns: np.ndarray) -> np.ndarray:
    """The formula in chunks of 16,384 pairs, so that temporaries stay in the cache.

    NumPy frees the GIL.
    """
    out = np.empty_like(columns["lon1"])

    def work(piece: slice) -> None:
        out[piece] = kilometres(**{name: values[piece] for name, values in columns.items()})

    over_chunks(work, len(out), CHUNK, threads)
    return out


@parallel("polars", prepare=polars_frame, collect=lambda result: result.to_numpy())
def expression(frame: Any) -> Any:
    """The formula as a polars expression."""
    import polars as pl

    lon1, lat1, lon2, lat2 = (pl.col(name).radians() for name in ("lon1", "lat1", "lon2", "lat2"))
    h = ((lat2 - lat1) / 2).sin() ** 2 + lat1.cos() * lat2.cos() * ((lon2 - lon1) / 2).sin() ** 2
    return frame.lazy().select(km=2 * EARTH_RADIUS * h.sqrt().arcsin()).collect()["km"]


@duckdb.competitor(prepare=duckdb_table)
def sql(connection: Any) -> np.ndarray:
    """The formula in SQL on a table in memory."""
    return connection.execute(SQL).fetchnumpy()["km"]


@duckdb.competitor(
    prepare=duckdb_points,
    collect=lambda km: km * (EARTH_RADIUS / DUCKDB_RADIUS),
    caveat="its sphere has a radius of 6371.0 km; its distances are compared after scaling to 6371.0088 km",
)
def st_distance_sphere(connection: Any) -> np.ndarray:
    """ST_Distance_Sphere of DuckDB's spatial extension on POINT_2D columns."""
    return connection.execute("select ST_Distance_Sphere(a, b) / 1000 as km from pairs").fetchnumpy()["km"]


@postgis.competitor(prepare=postgis_points, collect=values, limit=1_000_000, cost=ROWS)
def st_distancesphere(connection: Any) -> Any:
    """ST_DistanceSphere of two columns of points, told our radius (its own is 6371.0088 km to ten digits)."""
    return postgis.get(
        connection, f"select i, ST_DistanceSphere(a, b, {EARTH_RADIUS * 1000}) / 1000 as km from pairs"
    )


@sedonadb.competitor(prepare=sedona_view, collect=values, name="sedonadb sql")
def sedona_sql(connection: Any) -> Any:
    """The formula in SQL on a view in memory."""
    return sedonadb.get(connection, SQL.replace("select", "select i,", 1))


@functools.cache
def sphere() -> Any:
    """pyproj's geodesic solver on a sphere of our radius."""
    from pyproj import Geod

    return Geod(a=EARTH_RADIUS * 1000, b=EARTH_RADIUS * 1000)


@vectorised("pyproj", prepare=arrays)
def geod(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Geod.inv on a sphere: Karney's geodesic, which needs no special case near antipodes."""
    return sphere().inv(lon1, lat1, lon2, lat2)[2] / 1000


@parallel("pyproj", prepare=arrays, division="tuned")
def geod_threads(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Geod.inv on a sphere, in chunks on a pool of threads: pyproj frees the GIL."""
    out = np.empty(len(lon1))

    def work(piece: slice) -> None:
        out[piece] = sphere().inv(lon1[piece], lat1[piece], lon2[piece], lat2[piece])[2]

    over_chunks(work, len(out), CHUNK)
    return out / 1000


@compiled("numba", prepare=arrays)
@numba.njit(parallel=True, error_model="numpy")
def prange(lon1, lat1, lon2, lat2):  # type: ignore[no-untyped-def]
    """The formula in a `prange` loop: one libm call after the other, on all cores."""
    out = np.empty_like(lon1)
    for i in numba.prange(lon1.size):
        phi1, phi2 = math.radians(lat1[i]), math.radians(lat2[i])
        h = (
            math.sin((phi2 - phi1) / 2) ** 2
            + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2[i] - lon1[i]) / 2) ** 2
        )
        out[i] = 2 * EARTH_RADIUS * math.asin(math.sqrt(h))
    return out
