"""Columns from whatever holds geometries."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn, GeometryType
from groundspeed.columns.arrays import namespace
from groundspeed.columns.build import as_array

POINTS = (
    "a GeometryColumn, GeoSeries or Shapely points, an (x, y) tuple of arrays, an (n, 2) array or Arrow data"
)
POLYGONS = "a GeometryColumn, GeoSeries, Shapely geometries or Arrow data"
COLLECTIONS = f"{POLYGONS}, a list of (k, 2) arrays or an (x, y, offsets) tuple"


def as_points(value: Any, argument: str, *, y: Any = None) -> GeometryColumn:
    """A column of points from whatever holds points.

    Args:
        value: GeometryColumn, GeoSeries, GeoDataFrame, Shapely points, (x, y) tuple of arrays, (n, 2) array,
            table with columns x and y, or Arrow data; the x coordinates if `y` is given.
        argument: its name in messages.
        y: the y coordinates.

    Raises:
        TypeError: nothing of these.
        ValueError: geometries that are not points, or lengths that differ.

    Examples:
        >>> from groundspeed.inputs import as_points
        >>> as_points([[0.0, 1.0], [2.0, 3.0]], "points").y
        array([1., 3.])
    """
    if y is not None:
        return _from_xy(value, y, argument)
    column = _geometries(value, argument, GeometryType.POINT)
    if column is None and isinstance(value, tuple) and len(value) == 2:
        column = _from_xy(*value, argument)
    if column is None and hasattr(value, "x") and hasattr(value, "y"):
        column = _from_xy(value.x, value.y, argument)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        pairs = _pairs(value, argument)
        column = GeometryColumn.from_points(pairs[:, 0], pairs[:, 1])
    return _require_type(column, argument, GeometryType.POINT)


def as_polygons(value: Any, argument: str) -> GeometryColumn:
    """A POLYGON or MULTIPOLYGON column from whatever holds polygons.

    Raises:
        TypeError: nothing that holds geometries.
        ValueError: geometries that are not polygons.
    """
    return _require_type(
        as_geometries(value, argument, GeometryType.POLYGON),
        argument,
        GeometryType.POLYGON,
        GeometryType.MULTIPOLYGON,
    )


def as_geometries(value: Any, argument: str, type: GeometryType | None = None) -> GeometryColumn:
    """A column of any type from whatever holds geometries.

    Args:
        value: GeometryColumn, GeoSeries, GeoDataFrame, Shapely geometries or Arrow data.
        argument: its name in messages.
        type: of a column without any geometry.

    Raises:
        TypeError: nothing that holds geometries.
    """
    column = _geometries(value, argument, type)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        raise TypeError(f"{argument} must be {POLYGONS}, got {_kind(value)}")
    return column


def as_collections(value: Any, argument: str) -> GeometryColumn:
    """A MULTIPOINT column, one row per collection of points, from multipoints, linestrings or plain arrays.

    Args:
        value: MultiPoint, LineString or Point geometries as `as_geometries` takes them; a list of (k, 2)
            arrays; an (n, k, 2) array; or an (x, y, offsets) tuple with n + 1 offsets.
        argument: its name in messages.

    Raises:
        TypeError: nothing of these.
        ValueError: polygons, arrays of the wrong shape, or offsets that do not fit, naming the position.

    Examples:
        >>> from groundspeed.inputs import as_collections
        >>> as_collections([[[0, 0], [1, 1]], [[5, 5]]], "collections").offsets
        (array([0, 2, 3]),)
    """
    if (
        isinstance(value, tuple)
        and len(value) == 3
        and getattr(value[0], "ndim", 1) == 1
        and np.ndim(value[2]) == 1
    ):
        return _named(argument, lambda: GeometryColumn.from_ragged("multipoint", *value))
    column = _geometries(value, argument, GeometryType.MULTIPOINT)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        return _from_lists(value, argument)
    point_like = (GeometryType.POINT, GeometryType.MULTIPOINT, GeometryType.LINESTRING)
    column = _require_type(column, argument, *point_like)
    return _as_multipoints(column)


def _geometries(value: Any, argument: str, type: GeometryType | None) -> GeometryColumn | None:
    """A column from the kinds of geometry objects, None for anything else."""
    if isinstance(value, GeometryColumn):
        return value
    if _is_geopandas(value):
        return GeometryColumn.from_geopandas(value, type=type, argument=argument)
    if _is_shapely(value):
        return GeometryColumn.from_shapely(value, type=type, argument=argument)
    return None


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


def _from_arrow(value: Any, argument: str) -> GeometryColumn | None:
    if isinstance(value, np.ndarray) or not (
        hasattr(value, "__arrow_c_array__") or hasattr(value, "__arrow_c_stream__")
    ):
        return None
    return _named(argument, lambda: GeometryColumn.from_arrow(value))


def _from_xy(x: Any, y: Any, argument: str) -> GeometryColumn:
    return _named(argument, lambda: GeometryColumn.from_points(x, y))


def _named(argument: str, make: Any) -> GeometryColumn:
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise type(error)(f"{argument}: {error}") from error


def _pairs(value: Any, argument: str) -> Any:
    try:
        array = as_array(value)
    except ValueError as error:
        raise ValueError(f"{argument} must be {POINTS}, got rows of different lengths") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{argument} must be {POINTS}, got {_kind(value)}")
    if array.size == 0:
        return array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(
            f"{argument} must be an array of shape (n, 2), got {array.shape}; "
            "pass separate coordinates as a tuple: (x, y)"
        )
    return array


def _from_lists(value: Any, argument: str) -> GeometryColumn:
    if not isinstance(value, list | tuple) and getattr(value, "ndim", 0) != 3:
        raise TypeError(f"{argument} must be {COLLECTIONS}, got {_kind(value)}")
    members = [_pairs(member, f"{argument}[{position}]") for position, member in enumerate(value)]
    offsets = np.zeros(len(members) + 1, dtype=np.int64)
    np.cumsum([len(member) for member in members], out=offsets[1:])
    xp = namespace(members[0]) if members else np
    vertices = xp.concatenate(members) if members else np.empty((0, 2))
    return GeometryColumn.from_ragged("multipoint", vertices[:, 0], vertices[:, 1], xp.asarray(offsets))


def _as_multipoints(column: GeometryColumn) -> GeometryColumn:
    x, y, offsets = column.x, column.y, column.vertex_offsets
    if column.type is GeometryType.POINT:
        xp = namespace(x)
        there = ~(xp.isnan(x) & xp.isnan(y))  # null and empty points are NaN: they hold no point
        if not bool(there.all()):
            offsets = xp.concatenate([offsets[:1], xp.cumsum(there, dtype=np.int64)])
            x, y = x[there], y[there]
    return GeometryColumn(GeometryType.MULTIPOINT, x, y, (offsets,), column.validity, None, column.crs)


def _require_type(column: GeometryColumn, argument: str, *types: GeometryType) -> GeometryColumn:
    if column.type not in types:
        wanted = " or ".join(type.name for type in types)
        raise ValueError(f"{argument} must hold {wanted} geometries, got {column.type.name}")
    return column


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
