"""Shapefiles: points out of their bytes and attributes through GDAL, or everything through GDAL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyogrio

from groundspeed.columns import GeometryType
from groundspeed.io import audits, ogr, shape_points
from groundspeed.io.request import Request
from groundspeed.io.source import Chunk, Source


def source(path: Path, request: Request) -> Source:
    """See `groundspeed.read`; the row is the position in the file."""
    audits.require_parts(path)
    found = ogr.source(path, request, audits.damaged_shapes)
    needed = list(dict.fromkeys([*found.attributes, *request.where_columns]))
    if (
        request.rows is None
        and request.bounds is None
        and request.type in (None, GeometryType.POINT)
        and not {*found.encoding.columns} & {*needed}
    ):
        return replace(found, chunks=_points_first(path, request, found, needed))
    return found


def _points_first(path: Path, request: Request, found: Source, needed: list[str]) -> Iterator[Chunk]:
    """The whole file at once; by GDAL alone where there is anything but sound points."""
    points = shape_points.points(path, found.encoding.crs)
    table = None if points is None else _attributes(path, request, needed)
    if points is None or table is None or (needed and len(table) != len(points)):
        yield from found.chunks
    else:
        yield Chunk(table, range(len(points)), geometry=points, finite=True)


def _attributes(path: Path, request: Request, needed: list[str]) -> pa.Table:
    if not needed:
        return pa.table({})
    with ogr.errors():
        _, table = pyogrio.read_arrow(
            path, layer=request.layer, encoding=request.encoding, columns=needed, read_geometry=False
        )
    table.validate(full=True)
    return table.select(needed)
