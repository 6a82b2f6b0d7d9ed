"""Columns from plain arrays: conversion, then checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.engines.choice import is_cudf
from groundspeed.geometry import checks
from groundspeed.geometry.arrays import namespace
from groundspeed.geometry.as_array import as_array
from groundspeed.geometry.types import GeometryType, Parts


def as_crs(crs: Any) -> Any:
    """A pyproj.CRS, or None; pyproj is imported only when there is one.

    Raises:
        ValueError: what `pyproj.CRS.from_user_input` does not understand.
    """
    if crs is None:
        return None
    import pyproj

    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(f"crs {crs!r} is not understood by PROJ ({error}); pass e.g. 'EPSG:4326'") from error


def as_type(type: GeometryType | str | int) -> GeometryType:
    """A GeometryType from itself, its number or its name in any case.

    Raises:
        ValueError: no such type.
    """
    try:
        return GeometryType[type.upper()] if isinstance(type, str) else GeometryType(type)
    except (KeyError, ValueError) as error:
        names = ", ".join(repr(one.name.lower()) for one in GeometryType)
        raise ValueError(f"type must be one of {names}, got {type!r}") from error


def as_floats(values: Any, argument: str) -> Any:
    """A contiguous float64 or float32 array (0-D for a scalar), the same one where it fits; missing is NaN.

    Args:
        values: array-like of real numbers; NumPy, CuPy, pandas, cuDF, Arrow, polars, DLPack, masked arrays.
        argument: its name in messages.

    Raises:
        TypeError: not real numbers.
        EngineUnavailable: values on a GPU, but no CuPy.
    """
    if is_cudf(values) and hasattr(values, "dtype"):
        _require_numbers(values.dtype, argument)  # cuDF gives no array of anything else
    array = as_array(values)
    _require_numbers(array.dtype, argument)
    if array.dtype not in checks.FLOATS:
        array = array.astype(np.float64)
    return array if array.ndim == 0 else namespace(array).ascontiguousarray(array)


def _require_numbers(dtype: Any, argument: str) -> None:
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise TypeError(
            f"{argument} must hold real numbers, got dtype {dtype}; convert with .astype('float64')"
        )


def as_offsets(values: Any, argument: str) -> Any:
    """A contiguous 1-D int64 array.

    Raises:
        TypeError: not integers.
    """
    array = as_array(values)
    if array.dtype.kind not in "iu" and len(array):
        raise TypeError(
            f"{argument} must hold integers, got dtype {array.dtype}; convert with .astype('int64')"
        )
    return namespace(array).ascontiguousarray(array.astype(np.int64, copy=False))


def _as_flags(values: Any, xp: Any) -> Any:
    return None if values is None else xp.asarray(as_array(values))


def from_points(x: Any, y: Any, crs: Any, validity: Any) -> Parts:
    """See GeometryColumn.from_points."""
    x, y = _coordinates(x, y)
    return Parts(GeometryType.POINT, x, y, (), _as_flags(validity, namespace(x)), None, crs)


def from_ragged(
    type: GeometryType | str, x: Any, y: Any, offsets: Any, validity: Any, single: Any, crs: Any
) -> Parts:
    """See GeometryColumn.from_ragged."""
    kind = as_type(type)
    x, y = _coordinates(x, y)
    levels = offsets if isinstance(offsets, tuple) else (offsets,)
    xp = namespace(x)
    levels = tuple(xp.asarray(as_offsets(level, f"offsets[{number}]")) for number, level in enumerate(levels))
    return Parts(kind, x, y, levels, _as_flags(validity, xp), _as_flags(single, xp), crs)


def _coordinates(x: Any, y: Any) -> tuple[Any, Any]:
    x, y = (namespace(axis).atleast_1d(axis) for axis in (as_floats(x, "x"), as_floats(y, "y")))
    dtype = np.result_type(x.dtype, y.dtype)
    return x.astype(dtype, copy=False), y.astype(dtype, copy=False)
