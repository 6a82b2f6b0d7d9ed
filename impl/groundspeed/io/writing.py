"""Tables to files; what a format cannot hold is an error before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from groundspeed.columns import GeometryColumn
from groundspeed.io import writers
from groundspeed.io.formats import suffix
from groundspeed.io.table import Table

WRITERS: dict[str, writers.Writer] = {
    ".csv": writers.csv,
    ".tsv": writers.tsv,
    ".parquet": writers.parquet,
    ".geoparquet": writers.parquet,
    ".arrow": writers.ipc,
    ".feather": writers.ipc,
    ".ipc": writers.ipc,
    ".shp": writers.shapefile,
    ".gpkg": writers.geopackage,
    ".fgb": writers.flatgeobuf,
    ".geojson": writers.geojson,
    ".json": writers.geojson,
}


def write(table: Any, path: str | Path, **options: Any) -> None:
    """Write geometries and attributes to a file; an existing file is replaced.

    Coordinates come back from `read` bit for bit, in all formats.

    Args:
        table: a Table, a GeometryColumn, or a frame that `Table.from_frame` takes.
        path: of the file; its suffix says the format, see `read`.
        **options: of the format:
            CSV: `encoding="xy"` (points, in columns x and y) or `"wkt"`; default: xy for points, else wkt;
            Parquet: `encoding="wkb"` (default), `"geoarrow"`, `"native"` (Parquet's own geometry type, as in
            GeoParquet 2.0) or `"xy"` (points in plain columns x and y); `covering=True` adds the bounds of
            every row, by which `read` skips row groups; others as in pyarrow, among them `row_group_size`
            (131,072 rows by default, as GeoParquet's best practices have it) and `compression`;
            Arrow: `encoding="geoarrow"` (default) or `"wkb"`; `compression` as in pyarrow;
            GeoPackage: `layer`, a name; all GDAL formats: creation options of the driver, e.g.
            `SPATIAL_INDEX="YES"` for FlatGeobuf, which then orders rows along a curve.

    Raises:
        ValueError: what the format cannot hold, e.g. empty geometries in a shapefile, which would come back
            as null, naming the row.
        TypeError: nothing that holds geometries.

    Examples:
        >>> import groundspeed as gs, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "points.parquet")
        >>> points = gs.GeometryColumn.from_points([0.1, 0.2], [1.0, 2.0], crs="EPSG:4326")
        >>> gs.write(gs.Table.from_frame({"x": [0.1, 0.2], "y": [1.0, 2.0], "name": ["a", "b"]}), path)
        >>> gs.read(path).attributes["name"].to_pylist()
        ['a', 'b']
    """
    path = Path(path)
    writer = WRITERS[suffix(path, WRITERS)]
    writer(_as_table(table), path, **options)


def _as_table(value: Any) -> Table:
    if isinstance(value, GeometryColumn):
        value = Table(value, pa.table({}))
    if not isinstance(value, Table):
        value = Table.from_frame(value)
    if value.geometry.on_device:
        return Table(value.geometry.to_host(), value.attributes, name=value.name)
    return value
