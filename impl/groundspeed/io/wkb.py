"""Points out of well-known binary without an object per row: 21 bytes each, byte order, type, x, y."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.engines import settings, threads
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.wkb_points import POINT

PIECE = 1 << 16  # rows; what is looked at in several passes stays in the cache, and calls of NumPy are few
HEADER = np.dtype({"names": ["bytes"], "formats": ["<u8"], "itemsize": POINT.itemsize})
MASK, LITTLE_ENDIAN_POINT = np.uint64(0xFF_FFFF_FFFF), np.uint64(0x01_01)  # byte order 1, then type 1
Piece = tuple[pa.Array, np.ndarray, np.ndarray]


def points(column: pa.ChunkedArray, crs: Any) -> GeometryColumn | None:
    """A column of points; None if there is anything but little-endian 2-D points and nulls, or only nulls.

    Args:
        column: binary or large_binary, without extension type.
        crs: of the column.
    """
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


def _all(pieces: list[Piece]) -> bool:
    """Whether all could be unpacked."""
    done = []

    def work(todo: Iterator[Piece]) -> None:
        done.append(all(unpack(*piece) for piece in todo))

    threads.share(work, pieces, settings().threads)
    return all(done)


def unpack(array: pa.Array, x: np.ndarray, y: np.ndarray) -> bool:
    """Fill in the coordinates, NaN where null.

    Args:
        array: (n,) without extension type, of about PIECE rows; sound where it has nulls.
        x, y: (n,) float64.

    Returns:
        False where there is anything but little-endian 2-D points and nulls; x and y are garbage then.
    """
    if not (pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)):
        return False
    if not len(array):
        return True
    if array.null_count:
        valid = np.asarray(array.is_valid())
        some_x, some_y = np.empty((2, int(valid.sum())))
        x[~valid] = y[~valid] = np.nan
        done = unpack(array.drop_null(), some_x, some_y)
        x[valid], y[valid] = some_x, some_y
        return done
    width: type[np.signedinteger] = np.int32 if pa.types.is_binary(array.type) else np.int64
    offsets = np.frombuffer(array.buffers()[1], width)[array.offset : array.offset + len(array) + 1]
    values = np.frombuffer(array.buffers()[2], np.uint8)
    if offsets[0] < 0 or offsets[-1] > len(values) or (offsets[1:] - offsets[:-1] != POINT.itemsize).any():
        return False
    packed = values[offsets[0] : offsets[-1]]
    if ((packed.view(HEADER)["bytes"] & MASK) != LITTLE_ENDIAN_POINT).any():
        return False
    x[:], y[:] = packed.view(POINT)["x"], packed.view(POINT)["y"]
    return True
