"""Points as well-known binary without an object per row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from groundspeed.geometry.rows import Rows

POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
"""A 2-D point, little-endian, as GEOS writes it: 21 bytes."""
LARGEST = np.iinfo(np.int32).max


def pack(column: Rows) -> pa.Array:
    """A column of points on the host as binary, large_binary where 32-bit offsets do not reach.

    Null rows are null; empty points are NaN, NaN, as GEOS writes them.
    """
    valid = np.ones(len(column), bool) if column.validity is None else column.validity
    packed = np.empty(int(valid.sum()), POINT)
    packed["order"], packed["type"] = 1, 1
    packed["x"], packed["y"] = column.x[valid], column.y[valid]
    large = packed.nbytes > LARGEST
    offsets = np.zeros(len(column) + 1, np.int64 if large else np.int32)
    offsets[1:] = POINT.itemsize * np.cumsum(valid)
    present = None if column.validity is None else pa.array(valid).buffers()[1]
    buffers = [present, pa.py_buffer(offsets), pa.py_buffer(packed)]
    return pa.Array.from_buffers(pa.large_binary() if large else pa.binary(), len(column), buffers)
