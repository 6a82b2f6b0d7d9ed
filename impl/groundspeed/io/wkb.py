"""Points out of well-known binary without an object per row: 21 bytes each, byte order, type, x, y."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.columns import GeometryColumn

POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


def points(array: pa.Array, crs: Any) -> GeometryColumn | None:
    """A column of points; None if the array holds anything but little-endian 2-D points and nulls.

    Args:
        array: binary, large_binary.
        crs: of the column.
    """
    if not (pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)) or len(array) == 0:
        return None
    valid = np.asarray(array.is_valid()) if array.null_count else None
    offsets = np.frombuffer(array.buffers()[1], np.int32 if pa.types.is_binary(array.type) else np.int64)[
        array.offset : array.offset + len(array) + 1
    ]
    sizes = np.diff(offsets)
    rows = sizes == POINT.itemsize
    if not np.array_equal(rows, np.ones(len(array), bool) if valid is None else valid) or sizes[~rows].any():
        return None
    if not rows.any():
        return None
    packed = np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].view(POINT)
    if (packed["order"] != 1).any() or (packed["type"] != 1).any():
        return None
    if valid is None:
        return GeometryColumn.from_points(packed["x"], packed["y"], crs)
    x, y = np.full((2, len(array)), np.nan)
    x[valid], y[valid] = packed["x"], packed["y"]
    return GeometryColumn.from_points(x, y, crs, validity=valid)
