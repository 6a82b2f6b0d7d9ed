"""How large, how long, where and which way round: planar measures of every geometry of a column."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from groundspeed.dispatch import Call, dispatch
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.geometry.arrays import compose
from groundspeed.inputs import as_geometries, like
from groundspeed.operations.measurement.planar_measures import kernels
from groundspeed.operations.measurement.planar_measures.segmented import Reduction, reduce

LINEAR = GeometryType.LINESTRING, GeometryType.POLYGON
BOUNDS = ("minx", "miny", "maxx", "maxy")


def area(geometry: Any, *, engine: str | None = None) -> Any:
    """Area of each geometry on a plane: that of the shells less that of the holes.

    Args:
        geometry: n geometries of any type: a GeometryColumn, GeoSeries, Shapely geometries or Arrow data; see
            `groundspeed.inputs.as_geometries`. float64 or float32, any unit, on a plane.
        engine: `"cpu"`, `"cuda"`, `"emulator"`, or None for the rule in `groundspeed.engines.choice`.

    Returns:
        (n,) areas in the square of the unit of the coordinates, float32 if these are, else float64; a Series
        with the index of a Series or frame. CuPy if the coordinates were on a GPU, else NumPy.

    Rule:
        As `shapely.area`: the direction of rings does not matter, parts are added up though they overlap,
        points and lines have area 0, and so have empty geometries. A null row is NaN, and so is a polygon
        with a coordinate that is NaN.

    Error:
        x counts from the first vertex of its ring and y from the vertices next to it, as in GEOS: nothing is
        lost far from the origin. With u = 2^-53 and a ring of k vertices the error is below (k + 3) u times
        the sum of |x_i - x_0| |y_(i-1) - y_(i+1)| / 2. float32 coordinates are subtracted and summed up as
        float64, so that a float32 area is off by half a unit in its last place, as a rule.

    Raises:
        ValueError: a ring that is not closed or has fewer than four vertices, naming row and ring.
        TypeError: nothing that holds geometries.
        EngineUnavailable: the engine cannot run on this machine.

    Examples:
        A square of side 4 with a hole of side 1:

        >>> import groundspeed as gs, shapely
        >>> square = shapely.Polygon(shapely.box(0, 0, 4, 4).exterior, [shapely.box(1, 1, 2, 2).exterior])
        >>> gs.area([square, shapely.Polygon(), None])
        array([15.,  0., nan])
    """
    column, call = _brought(geometry, engine)
    return like(geometry, call.give_back(_area(call, column)))


def length(geometry: Any, *, engine: str | None = None) -> Any:
    """Length of each geometry on a plane: of all its lines, and of all its rings, holes included.

    Args:
        geometry: n geometries of any type, as for `area`.
        engine: as for `area`.

    Returns:
        (n,) lengths in the unit of the coordinates; dtype and form as for `area`.

    Rule:
        As `shapely.length`: a polygon has its perimeter, points and empty geometries 0. A null row is NaN,
        and so is a geometry with a coordinate that is NaN. Edges beyond 1e154 overflow to inf.

    Error:
        With u = 2^-53 and k edges below (k + 3) u times the length. float32 coordinates are subtracted and
        summed up as float64, so that a float32 length is off by half a unit in its last place, as a rule.

    Raises:
        ValueError: a ring that is not closed or has fewer than four vertices, naming row and ring.
        TypeError: nothing that holds geometries.
        EngineUnavailable: the engine cannot run on this machine.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> gs.length([shapely.LineString([(0, 0), (3, 4)]), shapely.MultiLineString()])
        array([5., 0.])
        >>> gs.length([shapely.box(0, 0, 2, 1)])
        array([6.])
    """
    column, call = _brought(geometry, engine)
    return like(geometry, call.give_back(_length(call, column)))


def bounds(geometry: Any, expand: float = 0, *, engine: str | None = None) -> Any:
    """The box around each geometry, in the order min x, min y, max x, max y.

    Args:
        geometry: n geometries of any type, as for `area`.
        expand: by how much the box is larger on every side, in the unit of the coordinates, not below 0.
        engine: as for `area`.

    Returns:
        (n, 4) array of the dtype of the coordinates; of a Series or frame a DataFrame with its index and the
        columns minx, miny, maxx, maxy, as `GeoSeries.bounds` has.

    Rule:
        As `shapely.bounds`: null and empty geometries are NaN, coordinates that are NaN are left out. The box
        holds every vertex, while GEOS looks at the shells alone: they differ where a hole leaves its shell,
        which no valid polygon's does. Rings need not be closed.

    Raises:
        ValueError: expand below 0 or not finite.
        TypeError: nothing that holds geometries.
        EngineUnavailable: the engine cannot run on this machine.

    cuSpatial:
        `cuspatial.polygon_bounding_boxes` and `linestring_bounding_boxes` (with `expansion_radius`) gave a
        DataFrame of these four columns, the former a row for each polygon of a multipolygon.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> lines = [shapely.LineString([(0, 5), (3, 4)]), None]
        >>> gs.bounds(lines)
        array([[ 0.,  4.,  3.,  5.],
               [nan, nan, nan, nan]])
        >>> gs.bounds(lines[:1], expand=0.5)
        array([[-0.5,  3.5,  3.5,  5.5]])
    """
    if not 0 <= expand < math.inf:
        raise ValueError(f"expand must be a finite number not below 0, got {expand}; give it as in a buffer")
    column, call = _brought(geometry, engine)
    x, y = column.x, column.y
    boxes, _ = reduce(call.engine, kernels.BOX, column.vertex_offsets, x, y)
    out = call.engine.empty((len(column), 4), column.dtype)
    call.engine.for_each(kernels.grown_box, len(column), boxes, column.dtype.type(expand), out)
    return like(geometry, call.give_back(out), BOUNDS)


def num_points(geometry: Any, *, engine: str | None = None) -> Any:
    """Number of vertices of each geometry, of all parts and rings.

    Args:
        geometry: n geometries of any type, as for `area`.
        engine: as for `area`.

    Returns:
        (n,) int64; a Series with the index of a Series or frame.

    Rule:
        As `shapely.get_num_coordinates` and `GeoSeries.count_coordinates`: every stored vertex counts, the
        repeated first one of a ring too, and null and empty geometries have none. (`shapely.get_num_points`
        is for linestrings only and 0 for all others.) A point whose coordinates are both NaN is an empty one.

    Raises:
        TypeError: nothing that holds geometries.
        EngineUnavailable: the engine cannot run on this machine.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> gs.num_points([shapely.box(0, 0, 1, 1), shapely.Polygon(), None])
        array([5, 0, 0])
    """
    column, call = _brought(geometry, engine)
    before = column.vertex_offsets
    if column.type.part is GeometryType.POINT:
        there = ~(call.engine.xp.isnan(column.x) & call.engine.xp.isnan(column.y))
        before = call.engine.offsets(there)[before]
    return like(geometry, call.give_back(before[1:] - before[:-1]))


def is_ccw(geometry: Any, *, engine: str | None = None) -> Any:
    """Whether each ring, or the shell of each polygon, runs counter-clockwise.

    Args:
        geometry: n polygons, or linestrings that are rings, or multis of them; as for `area`.
        engine: as for `area`.

    Returns:
        (n,) bool; a Series with the index of a Series or frame.

    Rule:
        As `shapely.is_ccw` of the exterior ring, which takes rings and lines only; of a multi all parts must
        be so. The turn at the ring's highest point decides, exactly: no rounding enters, so that a ring of
        the thinnest triangle has the same answer on every engine. A ring that is flat, or that turns back on
        itself at its highest point, has no direction: False, as are null and empty rows, points, and lines of
        fewer than four vertices. For a line that is not closed the answer says nothing.

    Raises:
        ValueError: a polygon's ring that is not closed or has fewer than four vertices, naming row and ring.
        TypeError: nothing that holds geometries.
        EngineUnavailable: the engine cannot run on this machine.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> square = shapely.box(0, 0, 1, 1)
        >>> gs.is_ccw([square, shapely.reverse(square), None])
        array([ True, False, False])
    """
    column, call = _brought(geometry, engine)
    return like(geometry, call.give_back(_is_ccw(call, column).view(np.bool_)))


def _brought(geometry: Any, engine: str | None) -> tuple[GeometryColumn, Call]:
    column = as_geometries(geometry, "geometry")
    call = dispatch(engine, column)
    return call.bring(column), call


def _rings(call: Call, column: GeometryColumn, reduction: Reduction) -> Any:
    """The reduction of every ring of polygons or line of linestrings."""
    must_close = column.type.part is GeometryType.POLYGON
    values, unclosed = reduce(call.engine, reduction, column.offsets[-1], column.x, column.y, must_close)
    if unclosed:
        column.check_rings("geometry")
    return values


def _area(call: Call, column: GeometryColumn) -> Any:
    if column.type.part is not GeometryType.POLYGON:
        return _null_is_nan(column, call.engine.xp.zeros(len(column), column.dtype))
    twice = _rings(call, column, kernels.AREA)[0]
    rings, multi = column.offsets[-2], column.type.is_multi
    parts = call.engine.empty(len(rings) - 1, twice.dtype if multi else column.dtype)
    call.engine.for_each(kernels.polygon_area, len(parts), rings, twice, parts)
    return _null_is_nan(column, _sum(call, column, column.offsets[0], parts) if multi else parts)


def _length(call: Call, column: GeometryColumn) -> Any:
    if column.type.part not in LINEAR:
        return _null_is_nan(column, call.engine.xp.zeros(len(column), column.dtype))
    lengths = _rings(call, column, kernels.LENGTH)[0]
    if column.type is GeometryType.LINESTRING:
        return _null_is_nan(column, lengths.astype(column.dtype, copy=False))
    return _null_is_nan(column, _sum(call, column, compose(column.offsets[:-1]), lengths))


def _sum(call: Call, column: GeometryColumn, offsets: Any, values: Any) -> Any:
    out = call.engine.empty(len(column), column.dtype)
    call.engine.for_each(kernels.sum_of_parts, len(column), offsets, values, out)
    return out


def _null_is_nan(column: GeometryColumn, values: Any) -> Any:
    if column.validity is not None:
        values[~column.validity] = np.nan
    return values


def _is_ccw(call: Call, column: GeometryColumn) -> Any:
    """uint8: of rows, made of those of parts, made of the one ring that counts of each."""
    engine, offsets = call.engine, column.offsets
    if column.type.part not in LINEAR:
        return engine.xp.zeros(len(column), np.uint8)
    tops = _rings(call, column, kernels.TOP)
    line = column.type.part is GeometryType.LINESTRING
    rings = engine.xp.arange(len(offsets[-1]), dtype=np.int64) if line else offsets[-2]
    parts = engine.empty(len(rings) - 1, np.uint8)
    engine.for_each(kernels.ring_is_ccw, len(parts), rings, offsets[-1], column.x, column.y, tops, parts)
    if not column.type.is_multi:
        return parts
    out = engine.empty(len(column), np.uint8)
    engine.for_each(kernels.all_parts, len(column), offsets[0], parts, out)
    return out


__all__ = ["area", "bounds", "is_ccw", "length", "num_points"]
