"""Decoded columns on disk: GeoParquet for geometries, Parquet for arrays and tables.

Geometries are in the native encoding of GeoParquet 1.1 (nested lists over separated coordinates), which is
our own layout, so reading them decodes no WKB, and GDAL, GeoPandas and DuckDB read the same file.
https://geoparquet.org/releases/v1.1.0/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from groundspeed.datasets.errors import DatasetError
from groundspeed.geometry import GeometryColumn

Data = GeometryColumn | np.ndarray | pd.DataFrame

NAMES = {
    "point": "Point",
    "linestring": "LineString",
    "polygon": "Polygon",
    "multipoint": "MultiPoint",
    "multilinestring": "MultiLineString",
    "multipolygon": "MultiPolygon",
}
OURS = b"groundspeed"
"""Metadata of arrays and geometries: the CRS as it was called, which PROJJSON does not keep."""


def write(stem: Path, value: Data) -> Path:
    """Store a value.

    Args:
        stem: path without suffix.
        value: a column, a 1-D array or a table.

    Returns:
        The file written.
    """
    path = _path(stem)
    if isinstance(value, pd.DataFrame):
        value.to_parquet(path)
        return path
    table = _geometries(value) if isinstance(value, GeometryColumn) else _values(value)
    plain = [name for name in table.column_names if name != "single"]
    pyarrow.parquet.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=plain)
    return path


def find(stem: Path) -> Path | None:
    """The file of that stem, if there is one."""
    path = _path(stem)
    return path if path.is_file() else None


def read(path: Path) -> Data:
    """Inverse of `write`.

    Raises:
        DatasetError: the file is damaged.
    """
    try:
        table = pyarrow.parquet.read_table(path)
        metadata = table.schema.metadata or {}
        if b"geo" in metadata:
            encoding = json.loads(metadata[b"geo"])["columns"]["geometry"]["encoding"]
            return _column(table, encoding, metadata[OURS].decode() or None)
        return table.column("values").to_numpy() if OURS in metadata else table.to_pandas()
    except (ValueError, KeyError, TypeError, OSError, pyarrow.ArrowException) as error:
        raise DatasetError(f"{path} is damaged ({error}); delete it and load again") from error


def _path(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.parquet")


def _values(values: np.ndarray) -> pyarrow.Table:
    return pyarrow.table({"values": values}, metadata={OURS: b""})


def _geometries(column: GeometryColumn) -> pyarrow.Table:
    array = column.to_arrow()
    columns: dict[str, Any] = {"geometry": getattr(array, "storage", array)}
    if column.single is not None:
        columns["single"] = column.single
    crs = "" if column.crs is None else column.crs.to_string()
    return pyarrow.table(columns, metadata={b"geo": json.dumps(_geo(column)).encode(), OURS: crs.encode()})


def _geo(column: GeometryColumn) -> dict[str, Any]:
    kind = column.type.name.lower()
    about: dict[str, Any] = {"encoding": kind, "geometry_types": [NAMES[kind]]}
    about["crs"] = None if column.crs is None else column.crs.to_json_dict()
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}


def _column(table: pyarrow.Table, kind: str, crs: str | None) -> GeometryColumn:
    column = GeometryColumn.from_arrow(table.column("geometry"), crs, type=kind)
    if "single" not in table.column_names:
        return column
    single = table.column("single").to_numpy()
    return GeometryColumn(
        column.type, column.x, column.y, column.offsets, column.validity, single, crs=column.crs
    )
