"""The metadata of GeoParquet: where the geometry is, how it is encoded, and what may be skipped.

Versions 1.0 and 1.1 (https://geoparquet.org/releases/v1.1.0/) keep it under the key `geo`; version 2.0 and
plain Parquet with the native types GEOMETRY and GEOGRAPHY
(https://github.com/apache/parquet-format/blob/master/Geospatial.md) keep it in the schema.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.io import bounds, encodings, geometry_metadata
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import ReadError

DEFAULT_CRS = "OGC:CRS84"
SIDES = ("xmin", "ymin", "xmax", "ymax")
NAMES = {
    GeometryType.POINT: "Point",
    GeometryType.LINESTRING: "LineString",
    GeometryType.POLYGON: "Polygon",
    GeometryType.MULTIPOINT: "MultiPoint",
    GeometryType.MULTILINESTRING: "MultiLineString",
    GeometryType.MULTIPOLYGON: "MultiPolygon",
}


def metadata_of(file: pq.ParquetFile) -> dict[str, Any]:
    """The value under `geo`, {} without one.

    Raises:
        ReadError: one that is not JSON of the right form.
    """
    raw = (file.metadata.metadata or {}).get(b"geo")
    try:
        geo = json.loads(raw) if raw is not None else {}
        valid = isinstance(geo, dict) and all(
            isinstance(one, dict) for one in geo.get("columns", {}).values()
        )
    except (ValueError, AttributeError) as error:
        raise ReadError(f"the metadata under 'geo' are damaged ({error})") from error
    if not valid:
        raise ReadError("the metadata under 'geo' are no GeoParquet")
    return geo


def encoding_of(geo: dict[str, Any], geometry: str | None, crs: Any) -> Encoding | None:
    """The encoding of a column as the metadata under `geo` describe it, None where they do not.

    Raises:
        ReadError: an encoding that does not exist, or spherical edges.
    """
    name = str(geometry or geo.get("primary_column"))
    about = geo.get("columns", {}).get(name)
    if about is None:
        return None
    kind = str(about.get("encoding"))
    types = about.get("geometry_types") or []
    if crs is None:
        crs = geometry_metadata.file_crs(about.get("crs", DEFAULT_CRS))
    points = {kind.lower(), *map(str.lower, types)} <= {"wkb", "point"} and (kind == "point" or bool(types))
    if not points:
        geometry_metadata.require_planar(about.get("edges", "planar"), name)
    if kind == "WKB":
        return encodings.Wkb(name, crs, hint(types))
    if kind.upper() in GeometryType.__members__:
        return encodings.GeoArrow(name, GeometryType[kind.upper()], crs)
    raise ReadError(f"column {name!r} has encoding {kind!r}, expected WKB or one of GeoArrow")


def hint(types: list[str]) -> GeometryType | None:
    """The type of a column without any geometry: that of the metadata, if they name one kind."""
    found = {GeometryType[name.upper()] for name in types if name.upper() in GeometryType.__members__}
    return max(found) if found and len({type.part for type in found}) == 1 else None


def native(file: pq.ParquetFile, geometry: str | None, crs: Any) -> Encoding | None:
    """The encoding of a column with a native Parquet type, None without one.

    Raises:
        ReadError: several such columns, or GEOGRAPHY that is not points.
    """
    found = {}
    for number in range(len(file.schema)):
        about = _logical(file, number)
        if about.get("Type") in ("Geometry", "Geography") and geometry in (
            None,
            file.schema.column(number).path,
        ):
            found[file.schema.column(number).path] = about
    if len(found) > 1:
        raise ReadError(f"several geometry columns ({', '.join(found)}); choose one with geometry=")
    for name, about in found.items():
        if about["Type"] == "Geography":
            geometry_metadata.require_planar(str(about.get("algorithm", "spherical")), name)
        if crs is None:
            crs = geometry_metadata.file_crs(about.get("crs") or DEFAULT_CRS)
        return encodings.Wkb(name, crs, _type_of_all(file, name))
    return None


def _type_of_all(file: pq.ParquetFile, name: str) -> GeometryType | None:
    """The type of all geometries as the statistics of a native type tell it, None where they do not."""
    number = [file.schema.column(at).path for at in range(len(file.schema))].index(name)
    groups = (file.metadata.row_group(group).column(number) for group in range(file.num_row_groups))
    told = [(group.geo_statistics and group.geo_statistics.geospatial_types) or () for group in groups]
    codes = {code for types in told for code in types}
    known = all(told) and len(codes) == 1 and codes <= {int(type) for type in GeometryType}
    return GeometryType(codes.pop()) if known else None


def _logical(file: pq.ParquetFile, number: int) -> dict[str, Any]:
    logical = file.schema.column(number).logical_type
    return json.loads(logical.to_json()) if logical.type in ("GEOMETRY", "GEOGRAPHY") else {}


def covering_of(geo: dict[str, Any], column: str) -> tuple[str, ...] | None:
    """The paths of the columns with the bounds of each row, None without them."""
    box = geo.get("columns", {}).get(column, {}).get("covering", {}).get("bbox")
    if not isinstance(box, dict) or not all(isinstance(box.get(side), list) for side in SIDES):
        return None
    return tuple(".".join(map(str, box[side])) for side in SIDES)


def describe(
    column: GeometryColumn, name: str, encoding: str, version: str, covering: str | None
) -> dict[bytes, bytes]:
    """The metadata under `geo` of a column to be written."""
    about: dict[str, Any] = {
        "encoding": "WKB" if encoding == "wkb" else column.type.name.lower(),
        "geometry_types": _types(column, encoding),
        "crs": None if column.crs is None else column.crs.to_json_dict(),
    }
    if len(column) and column.num_vertices:
        about["bbox"] = list(column.total_bounds)
    if covering is not None:
        about["covering"] = {"bbox": {side: [covering, side] for side in SIDES}}
    return {
        b"geo": json.dumps({"version": version, "primary_column": name, "columns": {name: about}}).encode()
    }


def _types(column: GeometryColumn, encoding: str) -> list[str]:
    singles = encoding == "wkb" and column.single is not None and bool(column.single.any())
    return [NAMES[column.type], *([NAMES[column.type.part]] if singles else [])]


def boxes(column: GeometryColumn) -> pa.StructArray:
    """The bounds of every row, null where null or empty."""
    sides = bounds.of_rows(column.to_host())
    empty = (sides != sides).any(axis=1)
    arrays = [pa.array(sides[:, at], mask=empty) for at in range(4)]
    return pa.StructArray.from_arrays(arrays, names=list(SIDES), mask=pa.array(empty))
