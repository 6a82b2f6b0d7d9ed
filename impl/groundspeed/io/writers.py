"""One function per format that pyarrow writes: a Table on the host to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import shapely

from groundspeed.geometry import GeometryType
from groundspeed.io import geoparquet, limits
from groundspeed.io.table import Table

Writer = Callable[..., None]
COVERING = "bbox"
ROWS = 1 << 17
"""Per row group of Parquet: GeoParquet's best practices say 50,000 to 150,000. More readers' threads have
something to do than with a million, pyarrow's default, and a box meets fewer rows."""
SAMPLE = 1 << 12
DECIMALS = 40  # after the point; GEOS writes no more digits than a number needs, and "all" (-1) is only 16


def csv(table: Table, path: Path, *, encoding: str | None = None, delimiter: str = ",") -> None:
    """Columns x and y, or well-known text in a column of the geometry's name; CSV has no place for a CRS."""
    points = table.geometry.type is GeometryType.POINT
    encoding = encoding or ("xy" if points else "wkt")
    rows = {"xy": with_axes, "wkt": _with_text}[_one_of("encoding", encoding, ("xy", "wkt"))](table)
    try:
        pacsv.write_csv(rows, path, pacsv.WriteOptions(delimiter=delimiter))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"{path}: CSV cannot hold it ({error}); drop or convert the attribute") from error


def tsv(table: Table, path: Path, *, encoding: str | None = None) -> None:
    """As `csv`, between tabs."""
    csv(table, path, encoding=encoding, delimiter="\t")


def parquet(
    table: Table,
    path: Path,
    *,
    encoding: Literal["wkb", "geoarrow", "native", "xy"] = "wkb",
    covering: bool = False,
    **options: Any,
) -> None:
    """GeoParquet 1.1, 2.0 (native) or plain columns; pages carry checksums, so that damage is noticed."""
    _one_of("encoding", encoding, ("wkb", "geoarrow", "native", "xy"))
    column, name = table.geometry.astype(np.float64), table.name
    options = {"write_page_checksum": True, "row_group_size": ROWS, **_dictionaries(table), **options}
    if encoding == "xy":
        pq.write_table(_required(with_axes(table), "x", "y"), path, **options)
        return
    if encoding == "geoarrow":
        limits.require_no_singles(column, "GeoArrow")
    array = column.to_arrow("geoarrow" if encoding == "geoarrow" else "wkb")
    rows = table.with_columns(**{name: array if encoding == "native" else array.storage})
    box = [COVERING, geoparquet.boxes(column)] if covering else []
    for extra, values in zip(box[::2], box[1::2], strict=True):
        rows = rows.append_column(_free(extra, rows), values)
    version = "2.0.0" if encoding == "native" else "1.1.0"
    kind = "geoarrow" if encoding == "geoarrow" else "wkb"
    about = geoparquet.describe(column, name, kind, version, COVERING if covering else None)
    rows = _required(rows.replace_schema_metadata({**(rows.schema.metadata or {}), **about}), name)
    pq.write_table(rows, path, **options)


def _required(rows: pa.Table, *names: str) -> pa.Table:
    """The same rows, where no geometry is null declared so: readers need not ask for every value then."""
    schema = rows.schema
    for name in names:
        if not rows[name].null_count:
            number = schema.get_field_index(name)
            schema = schema.set(number, schema.field(number).with_nullable(False))
    return rows.cast(schema) if schema is not rows.schema else rows


def _dictionaries(table: Table) -> dict[str, Any]:
    """Dictionaries where values repeat; elsewhere they cost three tenths of the time of writing."""
    attributes = table.attributes
    nested = any(pa.types.is_nested(type) for type in attributes.schema.types)  # pyarrow wants leaves
    if nested or _repeats(pa.chunked_array([table.geometry.x])):
        return {}
    return {"use_dictionary": [name for name in attributes.column_names if _repeats(attributes[name])]}


def _repeats(values: pa.ChunkedArray) -> bool:
    """Whether most values of a sample occur elsewhere in it: the first ones, or as many from everywhere."""
    everywhere = np.linspace(0, max(len(values) - 1, 0), min(SAMPLE, len(values)), dtype=np.int64)
    try:
        samples = values.slice(0, SAMPLE), values.take(pa.array(everywhere))
        return any(pc.count_distinct(sample, mode="all").as_py() <= len(sample) / 2 for sample in samples)
    except pa.ArrowNotImplementedError:  # it cannot tell; a dictionary is what pyarrow makes by default
        return True


def ipc(
    table: Table,
    path: Path,
    *,
    encoding: Literal["geoarrow", "wkb"] = "geoarrow",
    compression: str | None = None,
) -> None:
    """The Arrow IPC file format, uncompressed by default, so that `read` maps it into memory."""
    _one_of("encoding", encoding, ("geoarrow", "wkb"))
    if encoding == "geoarrow":
        limits.require_no_singles(table.geometry, "GeoArrow")
    rows = table.to_arrow(encoding)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, rows.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer,
    ):
        writer.write_table(rows)


def with_axes(table: Table) -> pa.Table:
    """The attributes and columns x and y; null rows are null in both, empty points NaN.

    Raises:
        ValueError: other geometries than points.
    """
    column = table.geometry
    if column.type is not GeometryType.POINT:
        raise ValueError(
            f"encoding='xy' is for points, but the table holds {column.type.name}; use another one"
        )
    null = None if column.validity is None else ~column.validity
    return table.with_columns(x=pa.array(column.x, mask=null), y=pa.array(column.y, mask=null))


def _with_text(table: Table) -> pa.Table:
    text = shapely.to_wkt(table.geometry.to_shapely(), rounding_precision=DECIMALS)
    return table.with_columns(**{table.name: pa.array(text, pa.string())})


def _free(name: str, table: pa.Table) -> str:
    if name in table.column_names:
        raise ValueError(f"the table already has an attribute {name!r}, which covering=True adds; rename it")
    return name


def _one_of(argument: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, known))}, got {value!r}")
    return value
