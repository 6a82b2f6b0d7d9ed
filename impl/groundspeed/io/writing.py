"""Tables to files, whole or not at all; what a format cannot hold is an error before anything is written."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from groundspeed.geometry import GeometryColumn
from groundspeed.io import gdal_writers, writers
from groundspeed.io.formats import suffix
from groundspeed.io.table import Table

PARTS = (".shx", ".dbf", ".prj", ".cpg")
WRITERS: dict[str, writers.Writer] = {
    ".csv": writers.csv,
    ".tsv": writers.tsv,
    ".parquet": writers.parquet,
    ".geoparquet": writers.parquet,
    ".arrow": writers.ipc,
    ".feather": writers.ipc,
    ".ipc": writers.ipc,
    ".shp": gdal_writers.shapefile,
    ".gpkg": gdal_writers.geopackage,
    ".fgb": gdal_writers.flatgeobuf,
    ".geojson": gdal_writers.geojson,
    ".json": gdal_writers.geojson,
}


def write(table: Any, path: str | Path, **options: Any) -> None:
    """Write geometries and attributes to a file; an existing one is replaced when the new one is complete.

    Coordinates come back from `read` bit for bit, in all formats. The table may come from the file that is
    replaced; whoever is reading that one goes on reading the old content.

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
        OSError: a folder that does not exist or cannot be written to, a full disk; the old file is as it was.

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
    table = _as_table(table)
    with _beside(path) as made:
        writer(table, made, **options)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Where to write a file of that name; if that succeeds it takes the place of the old one.

    A file that is mapped into memory must not be cut short: whatever was read from it would be gone.
    """
    target = path.resolve()  # not a link to it
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {target.parent}; create it first")
    folder = Path(tempfile.mkdtemp(prefix=".groundspeed-", dir=target.parent))
    try:
        with _named(folder, path):
            yield folder / path.name
        for old in _parts(target):
            old.unlink()
        for part in folder.iterdir():
            part.replace(target if part.name == path.name else target.parent / part.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parts(path: Path) -> list[Path]:
    """The other files of a shapefile: one that the new one lacks would say something about it."""
    if path.suffix.lower() != ".shp":
        return []
    return [one for one in path.parent.glob(f"{path.stem}.*") if one.suffix.lower() in PARTS]


@contextlib.contextmanager
def _named(folder: Path, path: Path) -> Iterator[None]:
    """Errors as of the file that was asked for."""
    try:
        yield
    except ValueError as error:
        if str(folder) not in str(error):
            raise
        raise ValueError(str(error).replace(str(folder / path.name), str(path))) from error


def _as_table(value: Any) -> Table:
    if isinstance(value, GeometryColumn):
        value = Table(value, pa.table({}))
    if not isinstance(value, Table):
        value = Table.from_frame(value)
    if value.geometry.on_device:
        return Table(value.geometry.to_host(), value.attributes, name=value.name)
    return value
