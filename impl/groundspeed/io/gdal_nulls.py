"""GDAL reads damaged geometry as null; here the file itself says which nulls were meant."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from groundspeed.io import sql
from groundspeed.io.problems import Problem, ReadError

SHAPE_HEADER, INDEX_RECORD, WORD = 100, 8, 2  # bytes
AT_ONCE = 500  # host parameters of one SQLite statement
DAMAGED = "the geometry is damaged or cut short"


def none(path: Path, about: dict[str, Any], rows: np.ndarray) -> list[Problem]:
    """For a format in which damage shows itself."""
    return []


def require_parts(path: Path) -> None:
    """Refuse a shapefile whose parts do not have the same number of records.

    Raises:
        ReadError: naming the part.
    """
    index, attributes = _part(path, ".shx"), _part(path, ".dbf")
    if index is None:
        raise ReadError(f"{path.stem}.shx is missing; a shapefile is .shp, .shx and .dbf together")
    if attributes is None:
        return
    with attributes.open("rb") as file:
        header = file.read(12)
    if len(header) < 12:
        raise ReadError(f"{attributes.name} is cut short: it has {len(header)} bytes")
    records, start, width = struct.unpack("<4xIHH", header)
    indexed = (index.stat().st_size - SHAPE_HEADER) // INDEX_RECORD
    if records != indexed or attributes.stat().st_size < start + records * width:
        raise ReadError(
            f"{attributes.name} promises {records} records and has room for "
            f"{max(attributes.stat().st_size - start, 0) // max(width, 1)}, {index.name} has {indexed}; "
            "one of them is cut short"
        )


def damaged_shapes(path: Path, about: dict[str, Any], rows: np.ndarray) -> list[Problem]:
    """Those of the records without geometry whose shape in the file is not the null shape."""
    index = _part(path, ".shx")
    if not len(rows) or index is None:
        return []
    records = np.fromfile(index, dtype=">i4", offset=SHAPE_HEADER).reshape(-1, 2)
    starts = records[rows, 0].astype(np.int64) * WORD + 8
    size = path.stat().st_size
    shapes = np.memmap(path, dtype=np.uint8, mode="r")
    inside = (starts >= 0) & (starts + 4 <= size)
    null = np.zeros(len(rows), dtype=bool)
    null[inside] = (shapes[starts[inside, None] + np.arange(4)] == 0).all(axis=1)
    return [Problem(int(row), "geometry", DAMAGED) for row in rows[~null]]


def damaged_blobs(path: Path, about: dict[str, Any], rows: np.ndarray) -> list[Problem]:
    """Those of the features without geometry that have one in the GeoPackage, neither null nor empty."""
    if not len(rows):
        return []
    table, fid, geometry = (sql.quoted(about[name]) for name in ("layer_name", "fid_column", "geometry_name"))
    found: list[int] = []
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        for start in range(0, len(rows), AT_ONCE):
            some = [int(row) for row in rows[start : start + AT_ONCE]]
            marks = ",".join("?" * len(some))
            query = f"SELECT {fid} FROM {table} WHERE {geometry} IS NOT NULL AND {fid} IN ({marks})"
            found += [row for (row,) in database.execute(query, some)]
    return [Problem(row, about["geometry_name"], DAMAGED) for row in found]


def _part(path: Path, suffix: str) -> Path | None:
    parts = [path.with_suffix(one) for one in (suffix, suffix.upper())]
    return next((part for part in parts if part.exists()), None)
