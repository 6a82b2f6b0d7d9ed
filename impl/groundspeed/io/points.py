"""Points of one record batch into arrays of coordinates: straight from its buffers, or not at all.

Every function takes a batch, the encoding of its geometry, and slices of x and y (float64) to be filled in,
NaN where null. It returns Found, and None where there is anything but 2-D points and nulls: what was filled
in is garbage then, and the encoding itself has to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from groundspeed.geometry import GeometryType
from groundspeed.io import arrays, encodings, validity, wkb
from groundspeed.io.encodings import Encoding


class Found(NamedTuple):
    """What is known about the points of a batch.

    Attributes:
        finite: whether all coordinates are finite, which costs nothing to see while they are in the cache.
        null: (n,) bool, which rows are null; None when no row is.
    """

    finite: bool
    null: np.ndarray | None


Unpack = Callable[[pa.RecordBatch, Any, np.ndarray, np.ndarray], Found | None]


def of_columns(batch: pa.RecordBatch, encoding: encodings.XY, x: np.ndarray, y: np.ndarray) -> Found | None:
    """Two columns of numbers; see above."""
    return _copied([batch.column(name) for name in encoding.columns], x, y)


def of_struct(
    batch: pa.RecordBatch, encoding: encodings.GeoArrow, x: np.ndarray, y: np.ndarray
) -> Found | None:
    """GeoArrow with separated coordinates; see above."""
    array = arrays.plain(batch.column(encoding.column))
    if not pa.types.is_struct(array.type) or {field.name for field in array.type} != {"x", "y"}:
        return None
    fields = array.flatten()  # null where the row is
    axes = [fields[array.type.get_field_index(axis)] for axis in "xy"]
    if any(axis.null_count != array.null_count for axis in axes):
        return None
    return _copied(axes, x, y)


def of_wkb(batch: pa.RecordBatch, encoding: encodings.Wkb, x: np.ndarray, y: np.ndarray) -> Found | None:
    """Well-known binary; see above."""
    array = arrays.plain(batch.column(encoding.column))
    if array.null_count:
        array.validate(full=True)  # a damaged offset would be followed out of bounds
    return Found(validity.all_finite(x, y), _null(array)) if wkb.unpack(array, x, y) else None


def _copied(axes: list[pa.Array], x: np.ndarray, y: np.ndarray) -> Found | None:
    if any(not pa.types.is_float64(axis.type) for axis in axes):
        return None
    null, other = map(_null, axes)
    if (null is None) != (other is None) or (null is not None and (null != other).any()):
        return None
    values = [axis.to_numpy(zero_copy_only=False) for axis in axes]
    x[:] = values[0]
    finite = validity.all_finite(*values)
    y[:] = values[1]
    return Found(finite, null)


def _null(array: pa.Array) -> np.ndarray | None:
    return np.asarray(array.is_null()) if array.null_count else None


UNPACK: dict[type, tuple[Unpack, int]] = {
    encodings.XY: (of_columns, 1 << 17),
    encodings.GeoArrow: (of_struct, 1 << 17),
    encodings.Wkb: (of_wkb, 1 << 15),
}
"""By the class of the encoding: the function, and rows of a batch that suit it. Numbers come in as few steps
as possible; WKB is looked at in several passes and should stay in the cache."""


def promised(encoding: Encoding) -> bool:
    """Whether a file says that its geometry is points in a form that can be unpacked."""
    return type(encoding) in UNPACK and getattr(encoding, "type", GeometryType.POINT) is GeometryType.POINT
