"""Points out of well-known binary without an object per row: 21 bytes each, byte order, type, x, y."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.columns import GeometryColumn
from groundspeed.interop.wkb_points import POINT

PIECE = 1 << 17  # rows; smaller ones do not pay for a thread


def points(column: pa.ChunkedArray, crs: Any) -> GeometryColumn | None:
    """A column of points; None if there is anything but little-endian 2-D points and nulls, or only nulls.

    Args:
        column: binary or large_binary, without extension type.
        crs: of the column.
    """
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        return None
    if column.null_count == len(column):
        return None
    x, y = np.empty((2, len(column)))
    pieces, start = [], 0
    for chunk in column.chunks:
        for at in range(0, len(chunk), PIECE):
            piece = chunk.slice(at, PIECE)
            rows = slice(start + at, start + at + len(piece))
            pieces.append((piece, x[rows], y[rows]))
        start += len(chunk)
    if not _all(pieces):
        return None
    validity = np.asarray(column.is_valid()) if column.null_count else None
    return GeometryColumn.from_points(x, y, crs, validity=validity)


def _all(pieces: list[tuple[pa.Array, np.ndarray, np.ndarray]]) -> bool:
    if len(pieces) == 1:
        return _unpack(*pieces[0])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return all(pool.map(lambda piece: _unpack(*piece), pieces))


def _unpack(array: pa.Array, x: np.ndarray, y: np.ndarray) -> bool:
    """Fill in the coordinates, NaN where null; False where a row is no such point."""
    if array.null_count:
        valid = np.asarray(array.is_valid())
        some_x, some_y = np.empty((2, int(valid.sum())))
        x[~valid] = y[~valid] = np.nan
        done = _unpack(array.drop_null(), some_x, some_y)
        x[valid], y[valid] = some_x, some_y
        return done
    width = np.int32 if pa.types.is_binary(array.type) else np.int64
    offsets = np.frombuffer(array.buffers()[1], width)[array.offset : array.offset + len(array) + 1]
    if (np.diff(offsets) != POINT.itemsize).any():
        return False
    packed = np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].view(POINT)
    if (packed["order"] != 1).any() or (packed["type"] != 1).any():
        return False
    x[:], y[:] = packed["x"], packed["y"]
    return True
