"""Shapely geometries, well-known binary and well-known text, all through GEOS."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from groundspeed.geometry import nesting
from groundspeed.geometry.arrays import first
from groundspeed.geometry.build import as_type
from groundspeed.geometry.rows import Rows
from groundspeed.geometry.types import GeometryType, Parts

# shapely.GeometryType -> ours; LinearRing (2) and GeometryCollection (7) have no column.
TYPES = {
    shapely.GeometryType.POINT: GeometryType.POINT,
    shapely.GeometryType.LINESTRING: GeometryType.LINESTRING,
    shapely.GeometryType.POLYGON: GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOINT: GeometryType.MULTIPOINT,
    shapely.GeometryType.MULTILINESTRING: GeometryType.MULTILINESTRING,
    shapely.GeometryType.MULTIPOLYGON: GeometryType.MULTIPOLYGON,
}
REFUSED = {
    shapely.GeometryType.LINEARRING: "make it a line: shapely.linestrings(shapely.get_coordinates(ring))",
    shapely.GeometryType.GEOMETRYCOLLECTION: "split it with shapely.get_parts and keep one type per column",
}
_OURS = np.zeros(8, dtype=np.int64)
_OURS[[int(theirs) for theirs in TYPES]] = [int(ours) for ours in TYPES.values()]


def from_shapely(
    geometries: Any,
    crs: Any = None,
    *,
    type: GeometryType | str | None = None,
    drop_z: bool = False,
    argument: str = "geometries",
) -> Parts:
    """See GeometryColumn.from_shapely."""
    rows = np.atleast_1d(np.asarray(geometries, dtype=object))
    if rows.ndim != 1:
        raise ValueError(
            f"{argument} must be one-dimensional, got {rows.ndim} dimensions; flatten it with .ravel()"
        )
    theirs = _type_ids(rows, argument)
    _check_dimensions(rows, drop_z, argument)
    there = theirs >= 0
    kind = _common_type(theirs, argument) if there.any() else as_type(type or GeometryType.POINT)
    x, y, offsets = _flatten(rows, kind)
    return Parts(kind, x, y, offsets, None if there.all() else there, _singles(theirs, kind), crs)


def _type_ids(rows: np.ndarray, argument: str) -> np.ndarray:
    try:
        return shapely.get_type_id(rows)
    except TypeError as error:
        row = first(~(shapely.is_geometry(rows) | shapely.is_missing(rows)))
        raise TypeError(
            f"{argument}: row {row} is a {rows[row].__class__.__name__}, expected a Shapely geometry or None"
        ) from error


def _check_dimensions(rows: np.ndarray, drop_z: bool, argument: str) -> None:
    if drop_z:
        return
    row = first(shapely.get_coordinate_dimension(rows) > 2)
    if row >= 0:
        raise ValueError(
            f"{argument}: row {row} has Z or M coordinates, which operations would ignore; "
            "drop them with shapely.force_2d or GeometryColumn.from_shapely(..., drop_z=True)"
        )


def _common_type(theirs: np.ndarray, argument: str) -> GeometryType:
    for refused, fix in REFUSED.items():
        row = first(theirs == refused)
        if row >= 0:
            raise ValueError(f"{argument}: row {row} is a {refused.name}, which a column cannot hold; {fix}")
    ours = np.where(theirs >= 0, _OURS[theirs], 0)
    start = first(ours > 0)
    family = (ours - 1) % 3
    row = first((ours > 0) & (family != family[start]))
    if row >= 0:
        raise ValueError(
            f"{argument}: row {row} is a {GeometryType(ours[row]).name} but row {start} is a "
            f"{GeometryType(ours[start]).name}; a column holds one kind: split it, e.g. "
            "geometries[shapely.get_dimensions(geometries) == 2] for the polygons"
        )
    return GeometryType(ours.max())


def _singles(theirs: np.ndarray, kind: GeometryType) -> np.ndarray | None:
    single = (theirs >= 0) & (_OURS[theirs] == kind.part)
    return single if kind.is_multi and single.any() else None


def _flatten(rows: np.ndarray, kind: GeometryType) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    """Coordinates and int64 offsets, outermost first.

    `shapely.to_ragged_array` loses empty members of multi geometries, so it sees the parts only.
    """
    if kind.is_multi:
        parts, owner = shapely.get_parts(rows, return_index=True)
        x, y, offsets = _flatten(parts, kind.part)
        outer = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(np.bincount(owner, minlength=len(rows)), out=outer[1:])
        return x, y, (outer, *offsets)
    if kind is GeometryType.POINT:
        return _axis(rows, shapely.get_x), _axis(rows, shapely.get_y), ()
    if shapely.is_missing(rows).all():
        inner = [np.zeros(1, dtype=np.int64)] * (kind.levels - 1)
        return np.empty(0), np.empty(0), (np.zeros(len(rows) + 1, dtype=np.int64), *inner)
    _, coordinates, offsets = shapely.to_ragged_array(rows, include_z=False, include_m=False)
    x, y = np.ascontiguousarray(coordinates.T)
    return x, y, tuple(level.astype(np.int64) for level in reversed(offsets))


def _axis(points: np.ndarray, get: Any) -> np.ndarray:
    """One coordinate of every point, NaN where it is empty or missing; GEOS refuses to read empties."""
    return get(points, out=np.full(len(points), np.nan), where=~shapely.is_empty(points))


def to_shapely(column: Rows) -> np.ndarray:
    """See GeometryColumn.to_shapely.

    Multi geometries are built from their parts: `shapely.from_ragged_array` crashes on empty members.
    """
    column = column.to_host()
    kind = column.type
    inner = column.offsets[1:] if kind.is_multi else column.offsets
    coordinates = np.column_stack([column.x, column.y]).astype(np.float64, copy=False)
    parts = _build(kind.part, coordinates, inner)
    rows = _group(kind, parts, column) if kind.is_multi else parts
    if column.validity is not None:
        rows[~column.validity] = None
    return rows


def _build(kind: GeometryType, coordinates: np.ndarray, offsets: tuple[np.ndarray, ...]) -> np.ndarray:
    if len(coordinates) == 0:
        size = len(offsets[0]) - 1 if offsets else 0
        return np.full(size, shapely.from_wkt(f"{kind.name} EMPTY"), dtype=object)
    theirs = shapely.GeometryType[kind.name]
    return shapely.from_ragged_array(theirs, coordinates, offsets[::-1] or None)


def _group(kind: GeometryType, parts: np.ndarray, column: Rows) -> np.ndarray:
    outer = column.offsets[0]
    counts = np.diff(outer)
    rows = np.full(len(counts), shapely.from_wkt(f"{kind.name} EMPTY"), dtype=object)
    make = {
        GeometryType.MULTIPOINT: shapely.multipoints,
        GeometryType.MULTILINESTRING: shapely.multilinestrings,
        GeometryType.MULTIPOLYGON: shapely.multipolygons,
    }[kind]
    if len(parts):
        make(parts, indices=np.repeat(np.arange(len(counts)), counts), out=rows)
    if column.single is not None:
        rows[column.single] = parts[outer[:-1][column.single]]
    return rows


def to_wkb(column: Rows) -> np.ndarray:
    """See GeometryColumn.to_wkb."""
    return np.asarray(shapely.to_wkb(to_shapely(column)), dtype=object)


def from_wkb(values: Any, crs: Any = None, *, drop_z: bool = False) -> Parts:
    """See GeometryColumn.from_wkb."""
    return _parse(shapely.from_wkb, "WKB", values, crs, drop_z)


def from_wkt(values: Any, crs: Any = None, *, drop_z: bool = False) -> Parts:
    """See GeometryColumn.from_wkt."""
    return _parse(shapely.from_wkt, "WKT", values, crs, drop_z)


def _parse(parse: Any, form: str, values: Any, crs: Any, drop_z: bool) -> Parts:
    rows = np.atleast_1d(np.asarray(values, dtype=object))
    deep = nesting.too_deep(form, rows)
    if len(deep):
        raise ValueError(
            f"values: row {deep[0]} is {form} nested too deeply, or damaged; make it a multi geometry or None"
        )
    geometries = parse(rows, on_invalid="ignore")
    given = np.array([value is not None for value in rows], dtype=bool)
    row = first(given & shapely.is_missing(geometries))
    if row >= 0:
        raise ValueError(
            f"values: row {row} is not {form}: {str(rows[row])[:60]!r}; correct it or make it None"
        )
    return from_shapely(geometries, crs, drop_z=drop_z, argument="values")
