"""Points in a WKB column of Parquet: row groups side by side, each decoded while others are being read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import LocalFileSystem

from groundspeed.columns import GeometryColumn
from groundspeed.io import encodings, wkb
from groundspeed.io.problems import ReadError

ROWS = 1 << 17
"""Rows that are read at a time: a row group as `groundspeed.write` makes them."""


def points(
    path: Path, groups: list[int], rows: int, needed: list[str], column: str, crs: Any
) -> tuple[GeometryColumn, pa.Table] | None:
    """Points of some row groups and the other columns, in the order of the file.

    pyarrow's `read_row_groups` decodes a column on one core, its scanner as many row groups as there are
    cores. The bytes of a geometry live no longer than their batch.

    Args:
        path: of the file.
        groups: of the file.
        rows: that these have, as the file says.
        needed: names of the columns to be read.
        column: the one with WKB.
        crs: of the points.

    Returns:
        None where there is anything but little-endian 2-D points and nulls, or only nulls.

    Raises:
        ReadError: another number of rows.
    """
    try:
        x, y = np.empty((2, rows))
        null = np.zeros(rows, bool)
    except (MemoryError, ValueError):  # a damaged file may promise any number of rows
        return None
    names = [name for name in needed if name != column]
    others, start = [], 0
    for batch in _batches(path, groups, needed):
        part = slice(start, start + len(batch))
        start = part.stop
        if start > rows:
            break
        array = encodings.plain(batch[column])
        if not wkb.unpack(array, x[part], y[part]):
            return None
        if array.null_count:
            null[part] = np.asarray(array.is_null())
        others.append(batch.select(names))
    if start != rows:
        raise ReadError(f"the file promises {rows} rows, but has {start}{' or more' if start > rows else ''}")
    if null.all():
        return None
    geometry = GeometryColumn.from_points(x, y, crs, validity=~null if null.any() else None)
    return geometry, pa.Table.from_batches(others)


def _batches(path: Path, groups: list[int], needed: list[str]) -> Iterator[pa.RecordBatch]:
    """Sound record batches in the order of the file, twice as many read ahead as there are cores.

    Without `pre_buffer`, which holds more of the file and saves no time where it is local.
    """
    options = ds.ParquetFragmentScanOptions(page_checksum_verification=True, pre_buffer=False)
    form = ds.ParquetFileFormat(default_fragment_scan_options=options)
    fragment = form.make_fragment(str(path), LocalFileSystem()).subset(row_group_ids=groups)
    ahead = 2 * (os.cpu_count() or 1)
    for batch in fragment.to_batches(columns=needed, batch_size=ROWS, batch_readahead=ahead):
        batch.validate(full=True)  # a damaged offset would be followed out of bounds
        yield batch
