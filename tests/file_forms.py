"""Every format and encoding, by name: how to write and read it, and what it cannot keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

import groundspeed as gs


@dataclass(frozen=True)
class Form:
    """One way to store a table.

    Attributes:
        ending: of the file.
        writing: options of `write`.
        reading: options of `read` that the file itself cannot say.
        expected: the column as it comes back, of the column written.
        attribute: values of an attribute as they come back.
    """

    ending: str
    writing: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)
    expected: Callable[[gs.GeometryColumn], gs.GeometryColumn] = lambda column: column
    attribute: Callable[[list[Any]], list[Any]] = lambda values: values

    def write(self, table: Any, folder: Path, stem: str = "file") -> Path:
        """The path of a new file."""
        path = folder / f"{stem}{self.ending}"
        gs.write(table, path, **self.writing)
        return path

    def read(self, path: Path, **options: Any) -> gs.Table:
        """The table of a file."""
        return gs.read(path, **{**self.reading, **options})


def as_shapefile(column: gs.GeometryColumn) -> gs.GeometryColumn:
    """A shapefile turns shells clockwise and holes the other way, and has no multis of one part."""
    rows = shapely.orient_polygons(column.to_shapely(), exterior_cw=True)
    if column.type is gs.GeometryType.MULTIPOINT:
        return column
    single = shapely.get_num_geometries(rows) == 1
    rows[single] = shapely.get_geometry(rows[single], 0)
    return gs.GeometryColumn.from_shapely(rows, column.crs, type=column.type.part)


def as_dbf(values: list[Any]) -> list[Any]:
    """A shapefile strips text and has no empty one."""
    return [value.strip(" ") or None if isinstance(value, str) else value for value in values]


def without_minus_zero(column: gs.GeometryColumn) -> gs.GeometryColumn:
    """Well-known text as GEOS writes it has no -0.0."""
    return replace(column, x=column.x + 0.0, y=column.y + 0.0)


CRS = {"crs": "EPSG:4326"}
FORMS = {
    "CSV, x and y": Form(".csv", {"encoding": "xy"}, CRS),
    "CSV, WKT": Form(".csv", {"encoding": "wkt"}, {**CRS, "wkt": "geometry"}, without_minus_zero),
    "TSV, WKT": Form(".tsv", {"encoding": "wkt"}, {**CRS, "wkt": "geometry"}, without_minus_zero),
    "Parquet, x and y": Form(".parquet", {"encoding": "xy"}, CRS),
    "GeoParquet, WKB": Form(".parquet"),
    "GeoParquet, WKB and covering": Form(".parquet", {"covering": True}),
    "GeoParquet, GeoArrow": Form(".parquet", {"encoding": "geoarrow"}),
    "GeoParquet, GeoArrow and covering": Form(".parquet", {"encoding": "geoarrow", "covering": True}),
    "GeoParquet 2.0": Form(".geoparquet", {"encoding": "native"}),
    "Arrow": Form(".arrow"),
    "Feather, WKB": Form(".feather", {"encoding": "wkb", "compression": "zstd"}),
    "shapefile": Form(".shp", expected=as_shapefile, attribute=as_dbf),
    "GeoPackage": Form(".gpkg"),
    "FlatGeobuf": Form(".fgb"),
    "GeoJSON": Form(".geojson"),
}


def with_attributes(column: gs.GeometryColumn) -> gs.Table:
    """A table with numbers and text that need care."""
    count = len(column)
    text = ['é,\n"q"', "", " x ", "NA", "-"]
    return gs.Table(
        column,
        pa.table(
            {
                "number": pa.array(range(count), pa.int32()),
                "half": pa.array([at / 2 + 0.25 for at in range(count)], pa.float64()),
                "text": pa.array([text[at % len(text)] for at in range(count)], pa.string()),
            }
        ),
    )
