"""Reading points by others: from a path to two arrays of coordinates on the host, in the order of the file.

A file is read when every coordinate has been brought into memory: one that is mapped but was never looked at
is not.
Files are in the page cache and have no attributes. GeoPandas reads everything, with the call that its manual
names for the format; the others read the formats they are known for.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from groundspeed.referee.cost import Cost
from groundspeed.referee.model import Case, Inputs, naive, parallel, vectorised

Axes = tuple[np.ndarray, np.ndarray]
PLAIN_PARQUET = ("parquet", "parquet_pandas")
COLUMNS = ("csv", *PLAIN_PARQUET)
GEOPARQUET_WKB = ("geoparquet", "geoparquet_geopandas")
WKB = (*GEOPARQUET_WKB, "geoparquet_native")
GEOARROW = ("geoparquet_geoarrow", "geoparquet_geoarrow_geopandas")
GDAL = ("shapefile", "geopackage", "flatgeobuf", "geojson")
POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
UNCHECKED = "takes for granted that all rows are little-endian 2-D points, of 21 bytes each"


def file(inputs: Inputs) -> dict[str, Any]:
    """The path, and what is in the file."""
    return {"path": Path(inputs["path"]), "form": inputs["path"].form}


def reads(*forms: str) -> Callable[[Case], bool]:
    """Takes part where the file has one of these forms."""
    return lambda case: case.inputs["path"].form in forms


def columns(table: Any) -> Axes:
    """x and y of a table or frame as arrays."""
    return table["x"].to_numpy(), table["y"].to_numpy()


def of_wkb(column: Any) -> Axes:
    """x and y of a pyarrow column of WKB, one strided view per chunk; nothing is checked."""
    import pyarrow as pa

    x, y = np.empty((2, len(column)))
    start = 0
    for chunk in column.chunks:
        array = getattr(chunk, "storage", chunk)
        width = np.int64 if pa.types.is_large_binary(array.type) else np.int32
        offsets = np.frombuffer(array.buffers()[1], width)[array.offset :]
        packed = np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[len(array)]].view(POINT)
        stop = start + len(array)
        x[start:stop], y[start:stop] = packed["x"], packed["y"]
        start = stop
    return x, y


def of_struct(column: Any) -> Axes:
    """x and y of a pyarrow column of GeoArrow points, not copied where it is one chunk."""
    chunks = [getattr(chunk, "storage", chunk) for chunk in column.chunks]
    x, y = ([chunk.field(axis).to_numpy() for chunk in chunks] for axis in "xy")
    return (x[0], y[0]) if len(chunks) == 1 else (np.concatenate(x), np.concatenate(y))


def read_numbers(path: Path) -> Any:
    """pandas.read_csv, told to read numbers to the last bit where its version does not do so unasked."""
    import pandas as pd

    unasked = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
    return pd.read_csv(path, float_precision=None if unasked else "round_trip")


POINTS = Cost("points", lambda inputs: float(inputs["path"].n))


@naive("python", prepare=file, takes=reads("csv"), requires=(), limit=300_000, cost=POINTS)
def csv_loop(path: Path, form: str) -> Axes:
    """A loop over csv.DictReader, float() of every cell."""
    with path.open() as lines:
        rows = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(lines)]
    x, y = np.array(rows).T
    return x, y


@vectorised("geopandas", prepare=file, requires=("geopandas", "pyogrio", "pyarrow"))
def usual_call(path: Path, form: str) -> Axes:
    """read_file, read_parquet, from_arrow or from_wkt, then .x and .y; pandas for columns x and y."""
    import geopandas
    import pandas as pd
    import pyarrow as pa

    calls: dict[str, Callable[[Path], Any]] = {
        "csv": read_numbers,
        "csv_wkt": lambda path: geopandas.GeoSeries.from_wkt(pd.read_csv(path)["geometry"]),
        **dict.fromkeys(PLAIN_PARQUET, pd.read_parquet),
        "arrow": lambda path: geopandas.GeoDataFrame.from_arrow(pa.ipc.open_file(path).read_all()),
        **dict.fromkeys((*WKB, *GEOARROW), geopandas.read_parquet),
        **dict.fromkeys(GDAL, geopandas.read_file),
    }
    frame = calls[form](path)
    points = frame if form in COLUMNS else frame.geometry
    return points.x.to_numpy(), points.y.to_numpy()


@vectorised("pandas", prepare=file, name="pandas reader", takes=reads(*COLUMNS))
def pandas_reader(path: Path, form: str) -> Axes:
    """read_csv or read_parquet."""
    import pandas as pd

    return columns(read_numbers(path) if form == "csv" else pd.read_parquet(path))


@parallel("pyarrow", prepare=file, name="pyarrow reader", takes=reads(*COLUMNS))
def arrow_reader(path: Path, form: str) -> Axes:
    """csv.read_csv or parquet.read_table."""
    import pyarrow.csv
    import pyarrow.parquet

    return columns(pyarrow.csv.read_csv(path) if form == "csv" else pyarrow.parquet.read_table(path))


@parallel("polars", prepare=file, name="polars reader", takes=reads(*COLUMNS))
def polars_reader(path: Path, form: str) -> Axes:
    """read_csv or read_parquet."""
    import polars as pl

    return columns(pl.read_csv(path) if form == "csv" else pl.read_parquet(path))


@parallel("pyarrow", prepare=file, division="tuned", takes=reads(*WKB), caveat=UNCHECKED)
def view_of_wkb(path: Path, form: str) -> Axes:
    """parquet.read_table, the coordinates picked out of the bytes by a strided view."""
    import pyarrow.parquet as pq

    return of_wkb(pq.read_table(path)["geometry"])


@parallel(
    "polars",
    prepare=file,
    name="polars view of wkb",
    division="tuned",
    takes=reads(*GEOPARQUET_WKB),
    requires=("polars", "pyarrow"),
    caveat=UNCHECKED,
)
def polars_view_of_wkb(path: Path, form: str) -> Axes:
    """read_parquet, to Arrow, the coordinates picked out of the bytes by a strided view."""
    import polars as pl
    import pyarrow as pa

    oldest = pl.CompatLevel.oldest()  # bytes in one piece instead of views
    return of_wkb(pa.chunked_array([pl.read_parquet(path)["geometry"].to_arrow(compat_level=oldest)]))


@parallel("pyarrow", prepare=file, takes=reads(*GEOARROW))
def struct(path: Path, form: str) -> Axes:
    """parquet.read_table, the fields x and y of the column."""
    import pyarrow.parquet as pq

    return of_struct(pq.read_table(path)["geometry"])


@parallel("polars", prepare=file, name="polars struct", takes=reads(*GEOARROW))
def polars_struct(path: Path, form: str) -> Axes:
    """read_parquet, the fields x and y of the column."""
    import polars as pl

    points = pl.read_parquet(path)["geometry"]
    return columns((points if points.dtype == pl.Struct else points.ext.storage()).struct.unnest())


@vectorised("pyarrow", prepare=file, takes=reads("arrow"))
def memory_map_and_sum(path: Path, form: str) -> Axes:
    """ipc.open_file on a memory map, compute.sum of x and of y to bring them into memory.

    The map alone touches no coordinate: whoever uses them first waits for them. A sum is the cheapest pass.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    axes = of_struct(pa.ipc.open_file(pa.memory_map(str(path))).read_all()["geometry"])
    for axis in axes:
        pc.sum(pa.array(axis))
    return axes


@vectorised("pyarrow", prepare=file, takes=reads("arrow"))
def ipc_file(path: Path, form: str) -> Axes:
    """ipc.open_file on the file, which is read, the fields x and y of the column."""
    import pyarrow as pa

    return of_struct(pa.ipc.open_file(pa.OSFile(str(path))).read_all()["geometry"])


@vectorised("shapely", prepare=file, takes=reads("csv_wkt"), requires=("shapely", "pyarrow"))
def from_wkt(path: Path, form: str) -> Axes:
    """pyarrow.csv.read_csv, from_wkt, get_x and get_y."""
    import pyarrow.csv as pacsv
    import shapely

    points = shapely.from_wkt(pacsv.read_csv(path)["geometry"].to_numpy())
    return shapely.get_x(points), shapely.get_y(points)


@parallel(
    "polars",
    prepare=file,
    name="polars split text",
    division="tuned",
    takes=reads("csv_wkt"),
    caveat="takes for granted that all rows are written `POINT (x y)`",
)
def split_text(path: Path, form: str) -> Axes:
    """read_csv, strip the brackets, split at the blank, cast to Float64."""
    import polars as pl

    text = pl.read_csv(path)["geometry"].str.strip_prefix("POINT (").str.strip_suffix(")")
    return columns(
        text.str.split_exact(" ", 1).struct.rename_fields(["x", "y"]).struct.unnest().cast(pl.Float64)
    )


@vectorised(
    "pyogrio",
    prepare=file,
    division="tuned",
    takes=reads(*GDAL),
    requires=("pyogrio", "pyarrow"),
    caveat=UNCHECKED,
)
def arrow_view_of_wkb(path: Path, form: str) -> Axes:
    """read_arrow, the coordinates picked out of the bytes by a strided view."""
    import pyogrio

    about, table = pyogrio.read_arrow(path, columns=[])
    return of_wkb(table[about["geometry_name"] or "wkb_geometry"])
