"""Columns from whatever holds geometries."""

from __future__ import annotations

from typing import Any

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.inputs.forms import (
    POLYGONS,
    from_arrow,
    from_xy,
    geometries,
    is_ragged,
    kind_of,
    named,
    pairs,
    require_type,
)


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
        return from_xy(value, y, argument)
    column = geometries(value, argument, GeometryType.POINT)
    if column is None and isinstance(value, tuple) and len(value) == 2:
        column = from_xy(*value, argument)
    if column is None and hasattr(value, "x") and hasattr(value, "y"):
        column = from_xy(value.x, value.y, argument)
    if column is None:
        column = from_arrow(value, argument)
    if column is None:
        rows = pairs(value, argument)
        column = GeometryColumn.from_points(rows[:, 0], rows[:, 1])
    return require_type(column, argument, GeometryType.POINT)


def as_polygons(value: Any, argument: str) -> GeometryColumn:
    """A POLYGON or MULTIPOLYGON column from whatever holds polygons.

    Args:
        value: GeometryColumn, GeoSeries, GeoDataFrame, Shapely geometries or Arrow data; or an (x, y,
            polygon_offsets, ring_offsets) tuple of arrays, which may live on a GPU: polygon i has the rings
            polygon_offsets[i] to polygon_offsets[i + 1], ring j the vertices ring_offsets[j] to
            ring_offsets[j + 1].
        argument: its name in messages.

    Raises:
        TypeError: nothing that holds geometries.
        ValueError: geometries that are not polygons, or offsets that do not fit, naming the position.

    Examples:
        >>> from groundspeed.inputs import as_polygons
        >>> as_polygons(([0, 4, 4, 0], [0, 0, 4, 0], [0, 1], [0, 4]), "polygons")
        <GeometryColumn: 1 POLYGON of 4 vertices, float64>
    """
    if is_ragged(value, levels=2):
        x, y, *offsets = value
        return named(argument, lambda: GeometryColumn.from_ragged("polygon", x, y, tuple(offsets)))
    return require_type(
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
    column = geometries(value, argument, type)
    if column is None:
        column = from_arrow(value, argument)
    if column is None:
        raise TypeError(f"{argument} must be {POLYGONS}, got {kind_of(value)}")
    return column
