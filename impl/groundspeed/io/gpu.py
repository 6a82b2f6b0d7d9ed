"""Tables whose coordinates are to live on an engine: clean points straight to the GPU, the rest by copy.

cuDF reads a clean CSV or Parquet file of coordinates. As soon as it meets what might be a bad record,
the careful readers of the host read the file instead: the account is the same on every engine. All of it is
written against one module, `xdf`, which is pandas in the tests; it has not been run on cuDF.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.engines.choice import get
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.io.encodings import XY
from groundspeed.io.formats import reader_of
from groundspeed.io.read_options import ReadOptions
from groundspeed.io.source import Source
from groundspeed.io.table import Table

CSV, PARQUET = (".csv", ".tsv"), (".parquet",)
QUOTE, NEWLINE = ord('"'), ord("\n")


def read(path: Path, request: ReadOptions, engine: str, host: Callable[[], Table]) -> Table:
    """The table of a file, its coordinates on an engine.

    Args:
        path: of the file.
        request: the other arguments of `read`.
        engine: its name.
        host: reads the file on the host.

    Raises:
        EngineUnavailable: it cannot run here.
    """
    chosen = get(engine)
    table = clean_points(path, request, _cudf()) if chosen.name == "cuda" else None
    if table is not None:
        return table
    table = host()
    return replace(table, geometry=table.geometry.to_engine(chosen))


def clean_points(path: Path, request: ReadOptions, xdf: Any) -> Table | None:
    """Points of a CSV or Parquet file in GPU memory; None where the host has to read it.

    Args:
        path, request: as for `read`.
        xdf: the dataframe module; None where there is none.
    """
    if (
        xdf is None
        or not path.exists()
        or not path.name.lower().endswith((*CSV, *PARQUET))
        or not _simple(request)
    ):
        return None
    source = reader_of(path)(path, request)
    encoding = source.encoding
    if not isinstance(encoding, XY):
        return None
    frame = (_csv if path.name.lower().endswith(CSV) else _parquet)(xdf, path, source, encoding)
    if frame is None:
        return None
    x, y, attributes = frame[encoding.x], frame[encoding.y], frame[source.attributes]
    if not all(axis.dtype.kind == "f" and _all_finite(axis) for axis in (x, y)):
        return None
    arrow = attributes.to_arrow() if hasattr(attributes, "to_arrow") else pa.Table.from_pandas(attributes)
    return Table(GeometryColumn.from_points(x, y, encoding.crs), arrow.replace_schema_metadata())


def _simple(request: ReadOptions) -> bool:
    """Whether the file is wanted as a whole, without anything only the host can do."""
    asked = (
        request.bounds,
        request.where,
        request.geometry,
        request.wkt,
        request.encoding,
        request.delimiter,
        request.text or None,
    )
    return all(one is None for one in asked) and request.type in (None, GeometryType.POINT)


def _all_finite(axis: Any) -> bool:
    return not bool(axis.isna().any()) and bool(np.isfinite(float(axis.sum())))


def _parquet(xdf: Any, path: Path, source: Source, encoding: XY) -> Any:
    return xdf.read_parquet(path, columns=[*encoding.columns, *source.attributes])


def _csv(xdf: Any, path: Path, source: Source, encoding: XY) -> Any:
    """None where a record may have too many or too few cells: cuDF cuts or fills it without a word."""
    text = np.memmap(path, np.uint8, "r")
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    start = int(np.argmax(text == NEWLINE))
    header = np.count_nonzero(text[:start] == ord(separator))
    frame = xdf.read_csv(path, sep=separator, keep_default_na=False, na_values=[""])
    even = np.count_nonzero(text == ord(separator)) == header * (len(frame) + 1)
    if not even or bool((text[start:] == QUOTE).any()) or bool(frame[frame.columns[-1]].isna().any()):
        return None
    return frame[[*encoding.columns, *source.attributes]]


def _cudf() -> Any:
    return importlib.import_module("cudf") if importlib.util.find_spec("cudf") else None
