"""Plain arrays of coordinates, and what an operation may ask of its arguments."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import first, namespace
from groundspeed.geometry.build import as_floats


def as_coordinates(**arrays: Any) -> tuple[Any, ...]:
    """Equal-length float arrays, in the order given; scalars are repeated.

    float32 only if every array is float32 (Python numbers adapt), else float64; missing values are NaN.
    Scalars alone give arrays of one element.

    Raises:
        TypeError: values that are not real numbers.
        ValueError: not 1-D, or lengths that differ, naming both arguments and lengths.

    Examples:
        >>> from groundspeed.inputs import as_coordinates
        >>> as_coordinates(lon=[1, 2], lat=5)
        (array([1., 2.]), array([5., 5.]))
    """
    given = {name: as_floats(value, name) for name, value in arrays.items()}
    length = _common_length(given)
    weak = {name for name, value in arrays.items() if type(value) in (int, float)}
    dtypes = [array.dtype for name, array in given.items() if name not in weak]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
    xp = namespace(*given.values())
    return tuple(
        array.astype(dtype, copy=False) if array.ndim else xp.full(length, array, dtype=dtype)
        for array in given.values()
    )


def require_same_crs(**columns: Any) -> None:
    """Refuse columns whose CRSs are known and differ; a missing CRS fits any.

    Raises:
        ValueError: naming both arguments and both CRSs.
    """
    known = [(name, value.crs) for name, value in columns.items() if getattr(value, "crs", None) is not None]
    for name, crs in known[1:]:
        other, reference = known[0]
        if crs is not reference and not crs.equals(reference, ignore_axis_order=True):
            raise ValueError(
                f"{other} is in {reference.to_string()} but {name} is in {crs.to_string()}; "
                f"bring one to the other's CRS with GeoSeries.to_crs before the call"
            )


def require_finite(**values: Any) -> None:
    """Refuse NaN and infinity in arrays and columns; null rows and empty points of columns pass.

    Raises:
        ValueError: naming the argument and the first position.
    """
    for name, value in values.items():
        if isinstance(value, GeometryColumn):
            value.check_finite(name)
            continue
        position = first(~namespace(value).isfinite(value))
        if position >= 0:
            raise ValueError(
                f"{name}: position {position} is {value[position]}, expected a finite number; drop or fill it"
            )


def like(value: Any, result: Any, columns: Sequence[str] = ()) -> Any:
    """The result as a Series or frame with the index of the first input, where that was a Series or frame.

    Args:
        value: the operation's first input as the user gave it.
        result: (n,) array; (n, k) where columns are named.
        columns: names of the k columns of a frame.

    Examples:
        >>> import pandas as pd
        >>> from groundspeed.inputs import like
        >>> like(pd.Series([1, 2], index=["a", "b"]), [3.0, 4.0])["b"]
        np.float64(4.0)
    """
    module = type(value).__module__.partition(".")[0]
    module = "pandas" if module == "geopandas" else module
    if module not in ("cudf", "pandas") or not hasattr(value, "index"):
        return result
    frames = importlib.import_module(module)
    if columns:
        return frames.DataFrame(result, index=value.index, columns=list(columns))
    return frames.Series(result, index=value.index)


def _common_length(arrays: dict[str, Any]) -> int:
    longest = None
    for name, array in arrays.items():
        if array.ndim > 1:
            raise ValueError(
                f"{name} must be 1-D or a number, got shape {array.shape}; flatten it with .ravel()"
            )
        if array.ndim == 0:
            continue
        if longest is not None and len(array) != len(arrays[longest]):
            raise ValueError(
                f"{longest} and {name} must have equal length, got {len(arrays[longest])} and {len(array)}"
            )
        longest = longest or name
    return len(arrays[longest]) if longest is not None else 1
