"""Parquet files with geometries as well-known binary, whether GeoParquet or plain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet

from groundspeed.geometry import GeometryColumn


def parquet_geometries(folder: Path, file: str, field: str, crs: str) -> GeometryColumn:
    """The geometries of one field; `crs` is declared, nothing is transformed."""
    table = pyarrow.parquet.read_table(folder / file, columns=[field])
    return GeometryColumn.from_arrow(table.column(field), crs)


def parquet_fields(folder: Path, file: str, fields: Sequence[str]) -> pd.DataFrame:
    """Some fields of a Parquet file; `"names.primary"` is a field inside a struct, decimals become floats."""
    with pyarrow.parquet.ParquetFile(folder / file) as opened:
        table = opened.read(columns=list(fields))
    while any(pyarrow.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    for place, field in enumerate(table.schema):
        if pyarrow.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pyarrow.float64()))
    return table.select(list(fields)).to_pandas()
