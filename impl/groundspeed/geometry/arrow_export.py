"""Columns as GeoArrow arrays: our layout is theirs, so coordinates travel without a copy.

Format: https://geoarrow.org/format.html, extension types: https://geoarrow.org/extension-types.html (0.2).
"""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.geometry import geos, wkb_points
from groundspeed.geometry.capsules import Capsules
from groundspeed.geometry.rows import Rows
from groundspeed.geometry.types import GeometryType

XY = [pa.field(axis, pa.float64(), nullable=False) for axis in ("x", "y")]
LARGEST = np.iinfo(np.int32).max


class GeoArrowType(pa.ExtensionType):
    """A GeoArrow extension type, not registered, so that it never clashes with another library's.

    pyarrow makes instances anew from the class alone, so every name has a class of its own.
    """

    NAME = ""

    def __init__(self, storage: pa.DataType, metadata: bytes):
        self._metadata = metadata
        super().__init__(storage, self.NAME)

    def __arrow_ext_serialize__(self) -> bytes:
        return self._metadata

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> GeoArrowType:
        return cls(storage_type, serialized)


@functools.cache
def _class(name: str) -> type[GeoArrowType]:
    return type("GeoArrowType", (GeoArrowType,), {"NAME": name})


def to_arrow(column: Rows, encoding: str = "geoarrow") -> pa.ExtensionArray:
    """See GeometryColumn.to_arrow.

    Raises:
        ValueError: an encoding that is neither `"geoarrow"` nor `"wkb"`.
    """
    column = column.to_host()
    if encoding == "geoarrow":
        storage = _nest(column)
    elif encoding == "wkb":
        storage = wkb_points.pack(column) if column.type is GeometryType.POINT else _wkb(column)
    else:
        raise ValueError(f"encoding must be 'geoarrow' or 'wkb', got {encoding!r}")
    ours = pa.ExtensionArray.from_storage(_extension_type(column, storage.type, encoding), storage)
    registered = pa.array(
        Capsules(*ours.__arrow_c_array__())
    )  # e.g. geoarrow-pyarrow's type, where it is imported
    return registered if isinstance(registered, pa.ExtensionArray) else ours


def schema_capsule(column: Rows) -> Any:
    """See GeometryColumn.__arrow_c_schema__."""
    return _extension_type(column, _storage_types(column)[0], "geoarrow").__arrow_c_schema__()


def _extension_type(column: Rows, storage: pa.DataType, encoding: str) -> GeoArrowType:
    name = "geoarrow.wkb" if encoding == "wkb" else f"geoarrow.{column.type.name.lower()}"
    crs = {} if column.crs is None else {"crs": column.crs.to_json_dict(), "crs_type": "projjson"}
    return _class(name)(storage, json.dumps(crs).encode())


def _storage_types(column: Rows) -> list[pa.DataType]:
    """The type of every level, outermost first; 32-bit offsets, which all readers know, where they fit."""
    make = pa.large_list if column.num_vertices > LARGEST else pa.list_
    types = [pa.struct(XY)]
    for name in reversed(column.type.offset_names):
        types.insert(0, make(pa.field(name, types[0], nullable=False)))
    return types


def _wkb(column: Rows) -> pa.Array:
    rows = geos.to_wkb(column)
    large = sum(len(row) for row in rows if row is not None) > LARGEST
    return pa.array(rows, type=pa.large_binary() if large else pa.binary())


def _nest(column: Rows) -> pa.Array:
    *lists, _ = _storage_types(column)
    mask = None if column.validity is None else pa.array(~column.validity)
    axes = [pa.array(axis.astype(np.float64, copy=False)) for axis in (column.x, column.y)]
    array = pa.StructArray.from_arrays(axes, fields=XY, mask=None if lists else mask)
    for level in reversed(range(len(lists))):
        large = pa.types.is_large_list(lists[level])
        offsets = pa.array(column.offsets[level].astype(np.int64 if large else np.int32))
        make = pa.LargeListArray if large else pa.ListArray
        array = make.from_arrays(offsets, array, type=lists[level], mask=None if level else mask)
    return array
