"""Columns of geometries in GeoArrow layout, over NumPy or CuPy arrays, and their exchange with GEOS (Shapely,
WKB, WKT), GeoPandas and Arrow."""

from __future__ import annotations

from groundspeed.geometry.column import GeometryColumn
from groundspeed.geometry.types import GeometryType

__all__ = ["GeometryColumn", "GeometryType"]
