"""Columns of geometries in GeoArrow layout, over NumPy or CuPy arrays."""

from __future__ import annotations

from groundspeed.columns.column import GeometryColumn
from groundspeed.columns.types import GeometryType

__all__ = ["GeometryColumn", "GeometryType"]
