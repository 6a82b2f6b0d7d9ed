"""Hash of what a data set decodes to: values and structure, not the file that keeps them.

The same on every machine and with every version of the libraries that read: integers and bits of
floating-point numbers, text as UTF-8, times as microseconds. Neither the CRS nor dtypes of a table take part.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from groundspeed.datasets.store import Data
from groundspeed.geometry import GeometryColumn


def digest(value: Data) -> str:
    """32 hexadecimal digits.

    Args:
        value: a column, an array or a table.

    Examples:
        >>> import numpy as np
        >>> digest(np.array([1.5, 2.0])) == digest(np.array([1.5, 2.0]))
        True
        >>> digest(np.array([1.5, 2.0])) == digest(np.array([1.5, np.nextafter(2.0, 3.0)]))
        False
    """
    made = hashlib.sha256()
    for name, array in _parts(value):
        made.update(f"{name}:{len(array)}\0".encode())
        made.update(_plain(array))
    return made.hexdigest()[:32]


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, GeometryColumn):
        optional = [("validity", value.validity), ("single", value.single)]
        levels = [(f"offsets {level}", offsets) for level, offsets in enumerate(value.offsets)]
        there = [(name, array) for name, array in optional if array is not None]
        return [(value.type.name, np.empty(0)), ("x", value.x), ("y", value.y), *levels, *there]
    if hasattr(value, "columns"):
        return [(str(name), value[name]) for name in value.columns]
    return [("values", value)]


def _plain(values: Any) -> bytes | memoryview:
    """The bytes of an array in a form that depends on its values alone."""
    array = np.asarray(values)
    if array.dtype.kind in "iub":
        array = array.astype("<i8")
    elif array.dtype.kind == "f":
        array = array.astype(f"<f{array.dtype.itemsize}")
    elif array.dtype.kind in "mM":
        array = array.astype(f"{array.dtype.kind}8[us]").astype("<i8")
    else:
        return _text(array)
    return np.ascontiguousarray(array).data.cast("B")


def _text(array: np.ndarray) -> bytes:
    """Every value with its length in front, nothing for what is missing."""
    missing = pd.isna(array)
    encoded = [None if gone else str(one).encode() for one, gone in zip(array, missing, strict=True)]
    return b"".join(b"-" if one is None else b"%d:%b" % (len(one), one) for one in encoded)
