"""What operations accept, decided once: every argument becomes a GeometryColumn or a plain array here.

Values that live on a GPU (CuPy, cuDF) stay there. Nothing is copied that already has the right form.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn, GeometryType
from groundspeed.columns.arrays import first, namespace
from groundspeed.columns.build import as_floats

POINTS = (
    "a GeometryColumn, GeoSeries or Shapely points, an (x, y) tuple of arrays, an (n, 2) array or Arrow data"
)
POLYGONS = "a GeometryColumn, GeoSeries, Shapely geometries or Arrow data"
COLLECTIONS = f"{POLYGONS}, a list of (k, 2) arrays or an (x, y, offsets) tuple"


def as_points(value: Any, argument: str, *, y: Any = None) -> GeometryColumn:
    """A column of points from whatever holds points.

    Args:
        value: GeometryColumn, GeoSeries, GeoDataFrame, Shapely points, (x, y) tuple of arrays, (n, 2) array,
            table with columns x and y, or Arrow data; the x coordinates if `y` is given.
        argument: its name in messages.
        y: the y coordinates.

    Raises:
        TypeError: nothing of these.
        ValueError: geometries that are not points, or lengths that differ.

    Examples:
        >>> from groundspeed.inputs import as_points
        >>> as_points([[0.0, 1.0], [2.0, 3.0]], "points").y
        array([1., 3.])
    """
    if y is not None:
        return _from_xy(value, y, argument)
    if isinstance(value, tuple) and len(value) == 2:
        return _from_xy(*value, argument)
    column = _geometries(value, argument, GeometryType.POINT)
    if column is None and hasattr(value, "x") and hasattr(value, "y"):
        column = _from_xy(value.x, value.y, argument)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        pairs = _pairs(value, argument)
        column = GeometryColumn.from_points(pairs[:, 0], pairs[:, 1])
    return _require_type(column, argument, GeometryType.POINT)


def as_polygons(value: Any, argument: str) -> GeometryColumn:
    """A POLYGON or MULTIPOLYGON column from whatever holds polygons.

    Raises:
        TypeError: nothing that holds geometries.
        ValueError: geometries that are not polygons.
    """
    return _require_type(
        as_geometries(value, argument, GeometryType.POLYGON),
        argument,
        GeometryType.POLYGON,
        GeometryType.MULTIPOLYGON,
    )


def as_geometries(value: Any, argument: str, type: GeometryType | None = None) -> GeometryColumn:
    """A column of any type from whatever holds geometries.

    Args:
        value: GeometryColumn, GeoSeries, GeoDataFrame, Shapely geometries or Arrow data.
        argument: its name in messages.
        type: of a column without any geometry.

    Raises:
        TypeError: nothing that holds geometries.
    """
    column = _geometries(value, argument, type)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        raise TypeError(f"{argument} must be {POLYGONS}, got {_kind(value)}")
    return column


def as_collections(value: Any, argument: str) -> GeometryColumn:
    """A MULTIPOINT column, one row per collection of points, from multipoints, linestrings or plain arrays.

    Args:
        value: MultiPoint, LineString or Point geometries as `as_geometries` takes them; a list of (k, 2)
            arrays; an (n, k, 2) array; or an (x, y, offsets) tuple with n + 1 offsets.
        argument: its name in messages.

    Raises:
        TypeError: nothing of these.
        ValueError: polygons, arrays of the wrong shape, or offsets that do not fit, naming the position.

    Examples:
        >>> from groundspeed.inputs import as_collections
        >>> as_collections([[[0, 0], [1, 1]], [[5, 5]]], "collections").offsets
        (array([0, 2, 3]),)
    """
    if (
        isinstance(value, tuple)
        and len(value) == 3
        and getattr(value[0], "ndim", 1) == 1
        and np.ndim(value[2]) == 1
    ):
        return _named(argument, lambda: GeometryColumn.from_ragged("multipoint", *value))
    column = _geometries(value, argument, GeometryType.MULTIPOINT)
    if column is None:
        column = _from_arrow(value, argument)
    if column is None:
        return _from_lists(value, argument)
    point_like = (GeometryType.POINT, GeometryType.MULTIPOINT, GeometryType.LINESTRING)
    column = _require_type(column, argument, *point_like)
    return _as_multipoints(column)


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
    weak = {name for name, value in arrays.items() if isinstance(value, int | float)}
    dtypes = [array.dtype for name, array in given.items() if name not in weak]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
    return tuple(_spread(array, length, dtype) for array in given.values())


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


def like(value: Any, result: Any) -> Any:
    """The result as a Series with the index of the first input, where that was a Series or frame.

    Args:
        value: the operation's first input as the user gave it.
        result: (n,) array.

    Examples:
        >>> import pandas as pd
        >>> from groundspeed.inputs import like
        >>> like(pd.Series([1, 2], index=["a", "b"]), [3.0, 4.0])["b"]
        np.float64(4.0)
    """
    module = type(value).__module__.partition(".")[0]
    if module == "cudf" and hasattr(value, "index"):
        import cudf

        return cudf.Series(result, index=value.index)
    if module in ("pandas", "geopandas") and hasattr(value, "index"):
        import pandas as pd

        return pd.Series(result, index=value.index)
    return result


def _geometries(value: Any, argument: str, type: GeometryType | None) -> GeometryColumn | None:
    """A column from the kinds of geometry objects, None for anything else."""
    if isinstance(value, GeometryColumn):
        return value
    if _is_geopandas(value):
        return GeometryColumn.from_geopandas(value, type=type, argument=argument)
    if _is_shapely(value):
        return GeometryColumn.from_shapely(value, type=type, argument=argument)
    return None


def _is_geopandas(value: Any) -> bool:
    geopandas = sys.modules.get("geopandas")
    if geopandas is None:
        return False
    return isinstance(value, geopandas.GeoSeries | geopandas.GeoDataFrame | geopandas.array.GeometryArray)


def _is_shapely(value: Any) -> bool:
    import shapely

    if isinstance(value, shapely.Geometry):
        return True
    if isinstance(value, list | tuple):
        return any(isinstance(row, shapely.Geometry) for row in value)
    return getattr(value, "dtype", None) == np.object_ and getattr(value, "ndim", 0) == 1


def _from_arrow(value: Any, argument: str) -> GeometryColumn | None:
    if isinstance(value, np.ndarray) or not (
        hasattr(value, "__arrow_c_array__") or hasattr(value, "__arrow_c_stream__")
    ):
        return None
    return _named(argument, lambda: GeometryColumn.from_arrow(value))


def _from_xy(x: Any, y: Any, argument: str) -> GeometryColumn:
    return _named(argument, lambda: GeometryColumn.from_points(x, y))


def _named(argument: str, make: Any) -> GeometryColumn:
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise type(error)(f"{argument}: {error}") from error


def _pairs(value: Any, argument: str) -> Any:
    try:
        array = value if hasattr(value, "__cuda_array_interface__") else np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{argument} must be {POINTS}, got rows of different lengths") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{argument} must be {POINTS}, got {_kind(value)}")
    if array.size == 0:
        return array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(
            f"{argument} must be an array of shape (n, 2), got {array.shape}; "
            "pass separate coordinates as a tuple: (x, y)"
        )
    return array


def _from_lists(value: Any, argument: str) -> GeometryColumn:
    if not isinstance(value, list | tuple) and getattr(value, "ndim", 0) != 3:
        raise TypeError(f"{argument} must be {COLLECTIONS}, got {_kind(value)}")
    members = [_pairs(member, f"{argument}[{position}]") for position, member in enumerate(value)]
    offsets = np.zeros(len(members) + 1, dtype=np.int64)
    np.cumsum([len(member) for member in members], out=offsets[1:])
    xp = namespace(members[0]) if members else np
    vertices = xp.concatenate(members) if members else np.empty((0, 2))
    return GeometryColumn.from_ragged("multipoint", vertices[:, 0], vertices[:, 1], xp.asarray(offsets))


def _as_multipoints(column: GeometryColumn) -> GeometryColumn:
    return GeometryColumn(
        GeometryType.MULTIPOINT,
        column.x,
        column.y,
        (column.vertex_offsets,),
        column.validity,
        None,
        column.crs,
    )


def _require_type(column: GeometryColumn, argument: str, *types: GeometryType) -> GeometryColumn:
    if column.type not in types:
        wanted = " or ".join(type.name for type in types)
        raise ValueError(f"{argument} must hold {wanted} geometries, got {column.type.name}")
    return column


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


def _spread(array: Any, length: int, dtype: Any) -> Any:
    if array.ndim == 0:
        return namespace(array).full(length, array, dtype=dtype)
    return array.astype(dtype, copy=False)


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
