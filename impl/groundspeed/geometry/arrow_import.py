"""Columns from Arrow data: find the geometries and take the nested lists apart, coordinates left in place."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.geometry import geos
from groundspeed.geometry.build import as_type, from_ragged
from groundspeed.geometry.capsules import Capsules
from groundspeed.geometry.types import GeometryType, Parts

NAMES = {f"geoarrow.{kind.name.lower()}": kind for kind in GeometryType}
WKB = ("geoarrow.wkb", "ogc.wkb")
WKT = ("geoarrow.wkt", "ogc.wkt")


def from_arrow(data: Any, crs: Any, *, type: GeometryType | str | None, drop_z: bool) -> Parts:
    """See GeometryColumn.from_arrow."""
    field, array = _geometry(*_import(data))
    name, metadata = _extension(field)
    crs = metadata.get("crs") if crs is None else crs
    if name in WKB or (not name and _is_binary(array.type)):
        return geos.from_wkb(array.to_numpy(zero_copy_only=False), crs, drop_z=drop_z)
    if name in WKT:
        return geos.from_wkt(array.to_numpy(zero_copy_only=False), crs, drop_z=drop_z)
    kind = _kind(name, type, array.type)
    edges = metadata.get("edges", "planar")
    if edges != "planar" and kind.part is not GeometryType.POINT:
        raise ValueError(
            f"data has {edges} edges, but operations take edges as straight; densify and export as planar"
        )
    return _unnest(kind, array, crs, drop_z)


def _import(data: Any) -> tuple[pa.Field, pa.Array]:
    """The field, which knows the extension type, and the array as one chunk of plain storage."""
    if isinstance(data, pa.Array | pa.ChunkedArray):
        return pa.field("", data.type), _storage(data)
    if hasattr(data, "__arrow_c_array__"):
        schema, array = data.__arrow_c_array__()
        field = pa.field(Capsules(schema))
        return field, _storage(pa.array(Capsules(field.__arrow_c_schema__(), array)))
    if hasattr(data, "__arrow_c_stream__"):
        chunks = pa.chunked_array(data)
        field = pa.field(data) if hasattr(data, "__arrow_c_schema__") else pa.field("", chunks.type)
        return (field if field.type == chunks.type else pa.field("", chunks.type)), _storage(chunks)
    raise TypeError(
        f"data must have __arrow_c_array__ or __arrow_c_stream__, got {type(data).__name__}; "
        "for NumPy arrays use GeometryColumn.from_points or from_ragged"
    )


def _storage(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def _extension(field: pa.Field) -> tuple[str, dict[str, Any]]:
    """Name and metadata of the extension type, "" and {} without one."""
    if isinstance(field.type, pa.BaseExtensionType):
        name, raw = field.type.extension_name, field.type.__arrow_ext_serialize__()
    else:
        metadata = field.metadata or {}
        name = metadata.get(b"ARROW:extension:name", b"").decode()
        raw = metadata.get(b"ARROW:extension:metadata", b"")
    return name, json.loads(raw or b"{}") if name.startswith(("geoarrow.", "ogc.")) else {}


def _geometry(field: pa.Field, array: pa.Array) -> tuple[pa.Field, pa.Array]:
    """The one geometry column of a table; the array itself where it is no table."""
    if _extension(field)[0] or not pa.types.is_struct(array.type):
        return field, array
    children = list(array.type)
    found = [
        number
        for number, child in enumerate(children)
        if _extension(child)[0].startswith(("geoarrow.", "ogc."))
    ]
    if len(found) > 1:
        names = ", ".join(children[number].name for number in found)
        raise ValueError(f"data has several geometry columns ({names}); pass one of them")
    if found:
        return children[found[0]], _storage(array.field(found[0]))
    columns = [child.name for child in children]
    if {"x", "y"} <= set(columns):
        struct = array if set(columns) <= {*"xyzm"} else _points_of_table(array)
        return pa.field("", struct.type), struct
    raise TypeError(f"data has no GeoArrow column and no columns x and y, only: {', '.join(columns)}")


def _points_of_table(table: pa.StructArray) -> pa.StructArray:
    """Columns x and y among others, NaN where one is missing, as everywhere else."""
    axes = [table.field(name) for name in ("x", "y")]
    axes = [axis.cast(pa.float64()).fill_null(np.nan) if axis.null_count else axis for axis in axes]
    return pa.StructArray.from_arrays(axes, names=["x", "y"])


def _is_binary(type: pa.DataType) -> bool:
    return pa.types.is_binary(type) or pa.types.is_large_binary(type) or pa.types.is_binary_view(type)


def _kind(name: str, wanted: GeometryType | str | None, storage: pa.DataType) -> GeometryType:
    if name in NAMES:
        return NAMES[name]
    if name:
        raise TypeError(f"data has Arrow type {name!r}, expected one of {', '.join((*NAMES, *WKB, *WKT))}")
    if wanted is not None:
        return as_type(wanted)
    if pa.types.is_struct(storage):
        return GeometryType.POINT
    raise TypeError(
        f"data has Arrow type {storage}, which does not say what geometries it holds; "
        "pass type=, e.g. type='linestring', or use a GeoArrow extension type"
    )


def _unnest(kind: GeometryType, array: pa.Array, crs: Any, drop_z: bool) -> Parts:
    """Null rows may cover coordinates in Arrow; they are cut out here, because in a column they may not."""
    valid = None
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        array = array.drop_null()
    x, y, offsets = _walk(kind, array, drop_z)
    if valid is not None and offsets:
        counts = np.zeros(len(valid), dtype=np.int64)
        counts[valid] = np.diff(offsets[0])
        offsets[0] = np.concatenate([[0], np.cumsum(counts)])
    elif valid is not None:
        x, y = (_scatter(axis, valid) for axis in (x, y))
    return from_ragged(kind, x, y, tuple(offsets), valid, None, crs)


def _scatter(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    full = np.full(len(valid), np.nan, dtype=values.dtype)
    full[valid] = values
    return full


def _walk(
    kind: GeometryType, array: pa.Array, drop_z: bool
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    offsets = []
    for name in kind.offset_names:
        if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
            raise TypeError(
                f"data of type {kind.name} must have a list of {name}, got {array.type}; cast it to a list"
            )
        level = array.offsets.to_numpy().astype(np.int64)
        array = array.values.slice(level[0], level[-1] - level[0])
        offsets.append(level - level[0])
        if array.null_count:
            at = int(np.argmin(array.is_valid().to_numpy(zero_copy_only=False)))
            raise ValueError(f"data: null at position {at} of the {name}; only whole rows may be null")
    return *_axes(array, drop_z), offsets


def _axes(array: pa.Array, drop_z: bool) -> tuple[np.ndarray, np.ndarray]:
    if pa.types.is_struct(array.type):
        names = [child.name for child in array.type]
        if not {"x", "y"} <= set(names):
            raise TypeError(f"data must have coordinates x and y, got {', '.join(names)}")
        _check_dimensions(len(names), drop_z)
        return _numpy(array.field("x"), "x"), _numpy(array.field("y"), "y")
    if pa.types.is_fixed_size_list(array.type):
        size = array.type.list_size
        _check_dimensions(size, drop_z)
        pairs = _numpy(array.flatten(), "coordinates").reshape(-1, size)
        return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
    raise TypeError(f"data must have struct or fixed-size-list coordinates, got {array.type}")


def _check_dimensions(count: int, drop_z: bool) -> None:
    if count > 2 and not drop_z:
        raise ValueError(
            "data: all rows have Z or M coordinates, which operations would ignore; "
            "drop them with GeometryColumn.from_arrow(..., drop_z=True)"
        )


def _numpy(array: pa.Array, name: str) -> np.ndarray:
    if array.null_count:
        at = int(np.argmin(array.is_valid().to_numpy(zero_copy_only=False)))
        raise ValueError(
            f"data: {name} is null at position {at}; make the whole row null, or NaN for an empty point"
        )
    return array.to_numpy()
