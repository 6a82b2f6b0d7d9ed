"""GeometryColumn: a column of geometries in GeoArrow layout with separated coordinates."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np


class GeometryType(enum.IntEnum):
    """OGC geometry types, numbered as in WKB."""

    POINT = 1
    LINESTRING = 2
    POLYGON = 3
    MULTIPOINT = 4
    MULTILINESTRING = 5
    MULTIPOLYGON = 6

    @property
    def levels(self) -> int:
        """How many offset arrays the type has: 0 for points to 3 for multipolygons."""
        return {1: 0, 2: 1, 3: 2, 4: 1, 5: 2, 6: 3}[int(self)]


@dataclass(frozen=True, eq=False)
class GeometryColumn:
    """Geometries of one type (singles among multis allowed), nulls included, over NumPy or CuPy arrays.

    Attributes:
        type: the type of all rows; POLYGON rows may be stored in a MULTIPOLYGON column (see `single`).
        x, y: (v,) float64 or float32 coordinates of all vertices, contiguous.
        offsets: int64 arrays from the geometries down to the vertices, each one longer than what it divides:
            () for points, (vertices,) for linestrings and multipoints, (rings, vertices) for polygons,
            (parts, vertices) for multilinestrings, (parts, rings, vertices) for multipolygons.
        validity: (n,) bool, False where a row is null; None when no row is.
        single: (n,) bool, True where a row of a multi column was a single geometry; None when none was.
        crs: pyproj.CRS or None.
    """

    type: GeometryType
    x: Any
    y: Any
    offsets: tuple[Any, ...] = ()
    validity: Any = None
    single: Any = None
    crs: Any = None

    def __len__(self) -> int:
        return len(self.offsets[0]) - 1 if self.offsets else len(self.x)
