"""Columns of a table as plain arrays, copied only where they are in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.engines import settings, threads
from groundspeed.io.problems import ReadError, shortened


def floats(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """A float64 or float32 array, NaN where null; no copy of one chunk of floats without nulls."""
    type = column.type
    if pa.types.is_integer(type) or pa.types.is_decimal(type) or pa.types.is_null(type):
        column = column.cast(pa.float64())
    elif not (pa.types.is_float64(type) or pa.types.is_float32(type)):
        raise ReadError(f"column {name!r} must hold numbers, not {shortened(type)}; choose others as x and y")
    if column.num_chunks == 1:
        return column.chunk(0).to_numpy(zero_copy_only=False)
    return _joined(column)


def _joined(column: pa.ChunkedArray) -> np.ndarray:
    """One array of floats, filled by all cores, in memory that pyarrow has kept: fresh pages take as long."""
    dtype = np.dtype(column.type.to_pandas_dtype())
    joined = np.frombuffer(pa.allocate_buffer(len(column) * dtype.itemsize), dtype)

    def copy(todo: Iterator[tuple[int, pa.Array]]) -> None:
        for end, chunk in todo:
            joined[end - len(chunk) : end] = chunk.to_numpy(zero_copy_only=False)

    threads.share(
        copy, [*zip(accumulate(map(len, column.chunks)), column.chunks, strict=True)], settings().threads
    )
    return joined


def plain(column: Any) -> Any:
    """An array or a chunked one without extension type, which pyarrow gives where somebody registered it."""
    is_plain = not isinstance(column.type, pa.BaseExtensionType)
    return column if is_plain else column.cast(column.type.storage_type)


def storage(column: pa.ChunkedArray) -> pa.Array:
    """One array without extension type, not copied where there is one chunk."""
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # more than one array can hold
        raise ReadError("the geometries have more than 2 GiB in one chunk; use read_batches")
    return array.storage if isinstance(array, pa.ExtensionArray) else array
