"""Named columns as WKT rows, each a way in which columns go wrong; the simple ones come last."""

from __future__ import annotations

import numpy as np
import shapely

from groundspeed.geometry import GeometryColumn

SQUARE = "((0 0, 4 0, 4 4, 0 4, 0 0))"
DONUT = "((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1), (5 5, 5 6, 6 6, 5 5))"

ROWS: dict[str, list[str | None]] = {
    "nothing": [],
    "one null": [None],
    "nulls": [None, None, None],
    "empty point": ["POINT EMPTY"],
    "empty linestring": ["LINESTRING EMPTY"],
    "empty polygon": ["POLYGON EMPTY"],
    "empty multipoint": ["MULTIPOINT EMPTY"],
    "empty multilinestring": ["MULTILINESTRING EMPTY"],
    "empty multipolygon": ["MULTIPOLYGON EMPTY"],
    "points, nulls and empties": [
        None,
        "POINT (1 2)",
        "POINT EMPTY",
        None,
        "POINT (-0.0 1e-310)",
        "POINT EMPTY",
    ],
    "linestrings, nulls and empties": [
        "LINESTRING EMPTY",
        "LINESTRING (0 0, 1 1, 2 0)",
        None,
        "LINESTRING (1 1, 1 1)",
    ],
    "polygons, nulls and empties": [None, f"POLYGON {DONUT}", "POLYGON EMPTY", f"POLYGON {SQUARE}", None],
    "multipoints, nulls and empties": [
        "MULTIPOINT EMPTY",
        "MULTIPOINT ((1 2), (3 4))",
        None,
        "MULTIPOINT ((5 6))",
    ],
    "multilinestrings, nulls and empties": [
        None,
        "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 4))",
        "MULTILINESTRING EMPTY",
    ],
    "multipolygons, nulls and empties": [
        "MULTIPOLYGON EMPTY",
        f"MULTIPOLYGON ({DONUT}, ((20 0, 21 0, 21 1, 20 0)))",
        None,
    ],
    "multipoint with an empty member": ["MULTIPOINT (EMPTY, (1 2), EMPTY)", "MULTIPOINT ((3 4))"],
    "multilinestring with an empty member": [
        "MULTILINESTRING (EMPTY, (0 0, 1 1))",
        "MULTILINESTRING (EMPTY)",
    ],
    "multipolygon with an empty member": [
        f"MULTIPOLYGON (EMPTY, {SQUARE}, EMPTY)",
        f"MULTIPOLYGON ({DONUT})",
    ],
    "points among multipoints": [
        "POINT (1 2)",
        None,
        "MULTIPOINT ((3 4), (5 6))",
        "POINT EMPTY",
        "MULTIPOINT EMPTY",
    ],
    "linestrings among multilinestrings": [
        "LINESTRING (0 0, 1 1)",
        "MULTILINESTRING ((0 0, 1 1))",
        "LINESTRING EMPTY",
    ],
    "polygons among multipolygons": [
        f"POLYGON {DONUT}",
        f"MULTIPOLYGON ({SQUARE})",
        None,
        "POLYGON EMPTY",
        "MULTIPOLYGON EMPTY",
    ],
    "points": ["POINT (0 0)", "POINT (1 2)"],
    "linestrings": ["LINESTRING (0 0, 1 1)", "LINESTRING (0 0, 1 0, 1 1)"],
    "polygons": [f"POLYGON {SQUARE}", f"POLYGON {DONUT}"],
    "multipoints": ["MULTIPOINT ((1 2), (3 4))", "MULTIPOINT ((5 6))"],
    "multilinestrings": ["MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))", "MULTILINESTRING ((5 5, 6 6))"],
    "multipolygons": [f"MULTIPOLYGON ({DONUT}, ((20 0, 21 0, 21 1, 20 0)))", f"MULTIPOLYGON ({SQUARE})"],
}


def geometries(name: str) -> np.ndarray:
    """The sample as GEOS reads it."""
    return np.array([row if row is None else shapely.from_wkt(row) for row in ROWS[name]], dtype=object)


def column(name: str, crs: str | None = "EPSG:4326") -> GeometryColumn:
    """The sample as a column."""
    return GeometryColumn.from_wkt(ROWS[name], crs)


def wkb(rows: np.ndarray) -> list[bytes | None]:
    """What tells two geometries apart in every bit."""
    return [row if row is None else shapely.to_wkb(row) for row in rows]
