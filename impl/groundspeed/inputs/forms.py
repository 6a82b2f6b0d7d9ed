"""The forms in which geometries come: recognised, and made columns."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.geometry.as_array import as_array

POINTS = (
    "a GeometryColumn, GeoSeries or Shapely points, an (x, y) tuple of arrays, an (n, 2) array or Arrow data"
)
POLYGONS = "a GeometryColumn, GeoSeries, Shapely geometries or Arrow data"


def geometries(value: Any, argument: str, type: GeometryType | None) -> GeometryColumn | None:
    """A column from the kinds of geometry objects, None for anything else."""
    if isinstance(value, GeometryColumn):
        return value
    if _is_geopandas(value):
        return GeometryColumn.from_geopandas(value, type=type, argument=argument)
    if _is_shapely(value):
        return GeometryColumn.from_shapely(value, type=type, argument=argument)
    return None


def is_ragged(value: Any, levels: int) -> bool:
    """Whether it is an (x, y, offsets, ...) tuple of flat arrays, with so many levels of offsets."""
    if not isinstance(value, tuple) or len(value) != 2 + levels or getattr(value[0], "ndim", 1) != 1:
        return False
    return not _is_shapely(value) and all(as_array(offsets).ndim == 1 for offsets in value[2:])


def _is_geopandas(value: Any) -> bool:
    geopandas = sys.modules.get("geopandas")
    if geopandas is None:
        return False
    return isinstance(value, geopandas.GeoSeries | geopandas.GeoDataFrame | geopandas.array.GeometryArray)


def _is_shapely(value: Any) -> bool:
    import shapely

    if isinstance(value, shapely.Geometry):
        return True
    if isinstance(value, list | tuple):
        return isinstance(next((row for row in value if row is not None), None), shapely.Geometry)
    return getattr(value, "dtype", None) == np.object_ and getattr(value, "ndim", 0) == 1


def from_arrow(value: Any, argument: str) -> GeometryColumn | None:
    """A column from Arrow data, None for anything else."""
    if isinstance(value, np.ndarray) or not (
        hasattr(value, "__arrow_c_array__") or hasattr(value, "__arrow_c_stream__")
    ):
        return None
    return named(argument, lambda: GeometryColumn.from_arrow(value))


def from_xy(x: Any, y: Any, argument: str) -> GeometryColumn:
    """Points from two arrays."""
    return named(argument, lambda: GeometryColumn.from_points(x, y))


def named(argument: str, make: Any) -> GeometryColumn:
    """What `make` returns; its TypeError or ValueError gets the name of the argument in front."""
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise type(error)(f"{argument}: {error}") from error


def pairs(value: Any, argument: str) -> Any:
    """An (n, 2) array of coordinates.

    Raises:
        TypeError: not numbers.
        ValueError: another shape.
    """
    try:
        array = as_array(value)
    except ValueError as error:
        raise ValueError(f"{argument} must be {POINTS}, got rows of different lengths") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{argument} must be {POINTS}, got {kind_of(value)}")
    if array.size == 0:
        return array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(
            f"{argument} must be an array of shape (n, 2), got {array.shape}; "
            "pass separate coordinates as a tuple: (x, y)"
        )
    return array


def require_type(column: GeometryColumn, argument: str, *types: GeometryType) -> GeometryColumn:
    """The column, if it is of one of the types.

    Raises:
        ValueError: it is of another.
    """
    if column.type not in types:
        wanted = " or ".join(type.name for type in types)
        raise ValueError(f"{argument} must hold {wanted} geometries, got {column.type.name}")
    return column


def kind_of(value: Any) -> str:
    """What to call a value in a message: module and name of its type."""
    return f"{type(value).__module__}.{type(value).__qualname__}"
