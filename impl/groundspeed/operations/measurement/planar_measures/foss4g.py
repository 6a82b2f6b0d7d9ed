"""Planar measures by others: the functions of libraries, formulas in NumPy, and loops as one writes them."""

from __future__ import annotations

import functools
import math
from itertools import pairwise
from typing import Any

import numpy as np

from groundspeed.referee.competitors import duckdb, frames, geos, nested, postgis, sedonadb
from groundspeed.referee.competitors.nested import reduced
from groundspeed.referee.competitors.threads import alone_and_together, over_chunks
from groundspeed.referee.cost import ROWS, VERTICES
from groundspeed.referee.model import implementation, naive

LIMIT = 100_000
"""Rows that a Python loop is measured on."""
DATABASES = duckdb, sedonadb, postgis
LENGTH = "ST_Length(geometry) + ST_Perimeter(geometry)"
BOX = tuple(f"{function}(geometry)" for function in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax"))
SHELL_IS_CCW = "ST_IsPolygonCCW(ST_MakePolygon(ST_ExteriorRing(geometry)))"
MADE_BEFORE = "GEOS computes a box when it makes a geometry, which is not timed here: this reads it"
LIBRARIES = (
    [geos.function(name) for name in ("area", "length", "get_num_coordinates")],
    [geos.loop(name, LIMIT) for name in ("area", "length")],
    [frames.attribute(name) for name in ("area", "length", "count_coordinates")],
    [geos.function("bounds", caveat=MADE_BEFORE), geos.loop("bounds", LIMIT, caveat=MADE_BEFORE)],
    frames.attribute("bounds", caveat=MADE_BEFORE),
    [each.select("ST_Area(geometry)") for each in DATABASES],
    [each.select(LENGTH) for each in DATABASES],
    [each.select(*BOX) for each in DATABASES],
    [each.select("ST_NPoints(geometry)") for each in DATABASES],
    postgis.select(SHELL_IS_CCW),
)

loop = functools.partial(naive, "python", prepare=nested.lists, requires=(), limit=LIMIT, cost=VERTICES)
vectorised = functools.partial(
    implementation, "numpy", style="vectorised", cores="one", prepare=nested.arrays
)


@alone_and_together("shapely", prepare=geos.geometries)
def is_ccw(geometry: np.ndarray, threads: int) -> np.ndarray:
    """shapely.is_ccw of the exterior rings of all parts, which must all be so."""
    out = np.empty(len(geometry), bool)

    def work(some: slice) -> None:
        import shapely

        parts, row = shapely.get_parts(geometry[some], return_index=True)
        right = ~shapely.is_ccw(shapely.get_exterior_ring(parts))
        out[some] = np.bincount(row[right], minlength=len(out[some])) == 0
        out[some] &= np.bincount(row, minlength=len(out[some])) > 0

    over_chunks(work, len(out), geos.CHUNK if threads > 1 else max(1, len(out)), threads)
    return out


def twice_area(ring: list[Any]) -> float:
    """Signed, relative to the first vertex."""
    x0, y0 = ring[0]
    return sum((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in pairwise(ring))


@loop()
def area_loop(rows: list[Any]) -> list[float]:
    """A Python loop over lists of coordinates: the shoelace formula, shells less holes."""
    areas = [[[abs(twice_area(ring)) for ring in part] for part in row] for row in rows]
    return [sum(2 * part[0] - sum(part) for part in row if part) / 2 for row in areas]


@loop()
def length_loop(rows: list[Any]) -> list[float]:
    """A Python loop over lists of coordinates: the sum of math.dist."""
    return [sum(math.dist(a, b) for part in row for ring in part for a, b in pairwise(ring)) for row in rows]


@loop()
def bounds_loop(rows: list[Any]) -> list[tuple[float, ...]]:
    """A Python loop over lists of coordinates: min and max of each."""
    columns = [
        list(zip(*(pair for part in row for ring in part for pair in ring), strict=True)) for row in rows
    ]
    return [(min(x), min(y), max(x), max(y)) for x, y in columns]


@loop(cost=ROWS)
def num_points_loop(rows: list[Any]) -> list[int]:
    """A Python loop over lists of coordinates: the sum of len."""
    return [sum(len(ring) for part in row for ring in part) for row in rows]


@loop(caveat="rounds: the thinnest rings fall either way")
def is_ccw_loop(rows: list[Any]) -> list[bool]:
    """A Python loop over lists of coordinates: the sign of the shells' areas."""
    return [all(twice_area(part[0]) > 0 for part in row) for row in rows]


def twice_areas(x: np.ndarray, y: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """Signed, of all rings, relative to their first vertices."""
    first, counts = vertices[:-1], np.diff(vertices)
    x, y = (values - np.repeat(values[first], counts) for values in (x, y))
    return reduced(np.add, np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0), vertices)


@vectorised()
def area(x: Any, y: Any, parts: Any, rings: Any, vertices: Any) -> np.ndarray:
    """The shoelace formula on whole arrays, then add.reduceat; rings relative to their first vertices."""
    areas = np.abs(twice_areas(x, y, vertices)) / 2
    areas[rings[:-1][rings[1:] > rings[:-1]]] *= -1  # shells
    return -reduced(np.add, areas, rings[parts])


@vectorised()
def length(x: Any, y: Any, parts: Any, rings: Any, vertices: Any) -> np.ndarray:
    """hypot of whole arrays, then add.reduceat."""
    edges = np.append(np.hypot(np.diff(x), np.diff(y)), 0.0)
    edges[vertices[1:] - 1] = 0.0  # from one ring to the next
    return reduced(np.add, edges, vertices[rings[parts]])


@vectorised()
def bounds(x: Any, y: Any, parts: Any, rings: Any, vertices: Any) -> np.ndarray:
    """minimum.reduceat and maximum.reduceat."""
    rows = vertices[rings[parts]]
    ways = (np.minimum, x), (np.minimum, y), (np.maximum, x), (np.maximum, y)
    return np.column_stack([reduced(ufunc, values, rows, np.nan) for ufunc, values in ways])


@vectorised()
def num_points(x: Any, y: Any, parts: Any, rings: Any, vertices: Any) -> np.ndarray:
    """Differences of offsets."""
    return np.diff(vertices[rings[parts]])


@vectorised(name="numpy is ccw", caveat="rounds: the thinnest rings fall either way")
def sign_of_area(x: Any, y: Any, parts: Any, rings: Any, vertices: Any) -> np.ndarray:
    """The sign of the shells' areas, by the shoelace formula on whole arrays."""
    left = twice_areas(x, y, vertices)[rings[:-1]] > 0
    return reduced(np.logical_and, left, parts, False)
