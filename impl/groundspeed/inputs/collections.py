"""Collections of points: multipoints, lines, and plain arrays that hold several points a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.geometry.arrays import namespace
from groundspeed.inputs.forms import (
    POLYGONS,
    from_arrow,
    geometries,
    is_ragged,
    kind_of,
    named,
    pairs,
    require_type,
)

COLLECTIONS = f"{POLYGONS}, a list of (k, 2) arrays or an (x, y, offsets) tuple"


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
    if is_ragged(value, levels=1):
        return named(argument, lambda: GeometryColumn.from_ragged("multipoint", *value))
    column = geometries(value, argument, GeometryType.MULTIPOINT)
    if column is None:
        column = from_arrow(value, argument)
    if column is None:
        return _from_lists(value, argument)
    point_like = (GeometryType.POINT, GeometryType.MULTIPOINT, GeometryType.LINESTRING)
    column = require_type(column, argument, *point_like)
    return _as_multipoints(column)


def _from_lists(value: Any, argument: str) -> GeometryColumn:
    if not isinstance(value, list | tuple) and getattr(value, "ndim", 0) != 3:
        raise TypeError(f"{argument} must be {COLLECTIONS}, got {kind_of(value)}")
    members = [pairs(member, f"{argument}[{position}]") for position, member in enumerate(value)]
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
