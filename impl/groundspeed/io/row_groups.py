"""Points in a WKB column of Parquet: row groups side by side, each decoded while it is being read."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from groundspeed.columns import GeometryColumn
from groundspeed.io import encodings, wkb
from groundspeed.io.problems import ReadError


def points(
    file: pq.ParquetFile,
    opened: Callable[[], pq.ParquetFile],
    groups: list[int],
    column: str,
    others: list[str],
    crs: Any,
) -> tuple[GeometryColumn, pa.Table] | None:
    """Points of some row groups and the other columns, in the order of the file.

    The bytes of a geometry live as long as its batch, so that they take neither fresh memory nor a second
    pass over it; one reader of pyarrow would decode one column on one core, whatever the number of groups.

    Args:
        file: for the other columns.
        opened: gives the same file once more; a reader serves one thread.
        groups: of the file.
        column: name of the WKB column.
        others: names of further columns.
        crs: of the points.

    Returns:
        None where there is anything but little-endian 2-D points and nulls, or only nulls.

    Raises:
        ReadError: other numbers of rows than the file promises.
    """
    ends = [0, *accumulate(file.metadata.row_group(group).num_rows for group in groups)]
    try:
        x, y = np.empty((2, ends[-1]))
        null = np.zeros(ends[-1], bool)
    except (MemoryError, ValueError):  # a damaged file may promise any number of rows
        return None

    def fill(number: int) -> bool:
        rows = slice(ends[number], ends[number + 1])
        batches = opened().iter_batches(
            wkb.PIECE, row_groups=[groups[number]], columns=[column], use_threads=False
        )
        return _fill(batches, x[rows], y[rows], null[rows])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        table = pool.submit(file.read_row_groups, groups, columns=others)
        if not all(pool.map(fill, range(len(groups)))) or null.all():
            return None
        return GeometryColumn.from_points(x, y, crs, validity=~null if null.any() else None), table.result()


def _fill(batches: Any, x: np.ndarray, y: np.ndarray, null: np.ndarray) -> bool:
    """Fill in the rows of one row group; see `wkb.unpack`."""
    start = 0
    for batch in batches:
        batch.validate(full=True)
        rows = slice(start, start + len(batch))
        start = rows.stop
        if start > len(x):
            break
        array = encodings.plain(batch.column(0))
        if array.null_count:
            null[rows] = np.asarray(array.is_null())
        if not wkb.unpack(array, x[rows], y[rows]):
            return False
    if start != len(x):
        raise ReadError(f"the file promises {len(x)} rows in a row group, but has {start} or more")
    return True
