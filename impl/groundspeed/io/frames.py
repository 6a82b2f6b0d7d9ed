"""Tables from frames: pandas, GeoPandas, polars, cuDF, Arrow, dictionaries of arrays.

Coordinates of a cuDF frame, or of a dictionary of arrays on a GPU, stay there; attributes go to the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from groundspeed.engines.choice import is_cudf
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import host
from groundspeed.geometry.as_array import as_array
from groundspeed.inputs import as_geometries
from groundspeed.io import encodings, geometry_metadata


class Content(NamedTuple):
    """What a frame and a table have in common: the geometry, the attributes, and the geometry's name."""

    geometry: GeometryColumn
    attributes: pa.Table
    name: str = "geometry"

    def with_columns(self, **columns: Any) -> pa.Table:
        """The attributes and further columns of Arrow arrays."""
        table = self.attributes
        for name, array in columns.items():
            if name in table.column_names:
                raise ValueError(f"the table already has an attribute {name!r}; rename one of them")
            table = table.append_column(pa.field(name, array.type), array)
        return table


def from_frame(
    frame: Any, *, geometry: str | None, x: str | None, y: str | None, crs: Any, drop_z: bool
) -> Content:
    """See Table.from_frame."""
    kind = kind_of(frame)
    if kind == "geopandas" and x is None and (geometry or frame.active_geometry_name):
        return _from_geopandas(frame, geometry or frame.active_geometry_name, crs, drop_z)
    if kind == "dict":
        others = {name: frame[name] for name in frame if name not in _named(frame, geometry, x, y)}
        return _from_arrays(frame, _table_of(others), geometry, x, y, crs)
    if kind == "cudf":
        others = frame.drop(columns=_named(frame.columns, geometry, x, y))
        return _from_arrays(frame, _attributes(others, others.to_arrow), geometry, x, y, crs)
    if kind in ("pandas", "geopandas"):
        others = frame.drop(columns=_named(frame.columns, geometry, x, y))
        return _from_arrays(frame, _attributes_of_pandas(others), geometry, x, y, crs)
    table = (
        frame.to_arrow() if kind == "polars" else frame if isinstance(frame, pa.Table) else pa.table(frame)
    )
    return _from_arrow(table, geometry, x, y, crs, drop_z)


def kind_of(frame: Any) -> str:
    """Which library a frame is of, as `to_frames.to_like` calls them.

    Raises:
        TypeError: none that is known.
    """
    if is_cudf(frame) and hasattr(frame, "columns"):
        return "cudf"
    for one in type(frame).__mro__:
        package = one.__module__.partition(".")[0]
        if package in ("geopandas", "pandas", "polars", "pyarrow") and hasattr(frame, "columns"):
            return package
    if isinstance(frame, dict):
        return "dict"
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return "pyarrow"
    raise TypeError(
        "frame must be a GeoDataFrame, a pandas, polars or cuDF DataFrame, an Arrow table or a dict of "
        f"arrays, got {type(frame).__module__}.{type(frame).__qualname__}"
    )


def index_names(frame: Any) -> list[Any]:
    """The attributes that the index of a frame becomes, [] where it only counts rows.

    As in GeoPandas' `to_file`: an index with a name, with several levels, or not of integers says something.
    """
    index = frame.index
    alone, named = index.nlevels == 1, any(name is not None for name in index.names)
    if not named and (not index.size or (alone and index.dtype.kind in "iu")):
        return []
    default = ["index"] if alone else [f"level_{level}" for level in range(index.nlevels)]
    return [other if name is None else name for name, other in zip(index.names, default, strict=True)]


def _attributes_of_pandas(frame: Any) -> pa.Table:
    others = [name for name, type in zip(frame.columns, frame.dtypes, strict=True) if str(type) == "geometry"]
    if others:
        raise ValueError(
            f"frame: column {others[0]!r} holds geometries too, but a table has one geometry; drop it or "
            f"make it well-known binary: frame.assign({others[0]}=frame[{others[0]!r}].to_wkb())"
        )
    return _attributes(frame, lambda **options: pa.Table.from_pandas(frame, **options))


def _attributes(frame: Any, to_arrow: Callable[..., pa.Table]) -> pa.Table:
    """The columns of a frame, then those of its index where it says something."""
    names = index_names(frame)
    clash = {*names} & {*frame.columns}
    if clash:
        raise ValueError(
            f"frame: the index and a column are both named {min(map(str, clash))!r}; rename one, or drop the "
            "index with .reset_index(drop=True)"
        )
    table = to_arrow(preserve_index=bool(names))
    if not names:
        return table
    return table.rename_columns([*frame.columns, *map(str, names)]).replace_schema_metadata(None)


def _from_geopandas(frame: Any, geometry: str, crs: Any, drop_z: bool) -> Content:
    column = GeometryColumn.from_geopandas(frame[geometry], drop_z=drop_z)
    rest = _attributes_of_pandas(frame.drop(columns=geometry))
    return Content(column if crs is None else column.set_crs(crs), rest, str(geometry))


def _from_arrow(
    table: pa.Table, geometry: str | None, x: str | None, y: str | None, crs: Any, drop_z: bool
) -> Content:
    known = [geometry_metadata.of_field(field, crs) for field in table.schema] if x is None else []
    found = [one for one in known if one is not None and geometry in (None, *one.columns)]
    if len(found) > 1:
        names = ", ".join(one.columns[0] for one in found)
        raise ValueError(f"frame has several geometry columns ({names}); choose one with geometry=")
    if not found and geometry is not None:
        _require(geometry, table.column_names)
        found = [_of_storage(table.schema.field(geometry), crs)]
    encoding = found[0] if found else _axes(table.column_names, x, y, crs)
    column, problems = encoding.decode(table, None, drop_z)
    if problems:
        first = problems[0]
        raise ValueError(
            f"frame: row {first.row}, column {first.column!r}: {first.reason}; correct or drop it"
        )
    name = "geometry" if isinstance(encoding, encodings.XY) else encoding.columns[0]
    return Content(column, table.drop_columns(list(encoding.columns)), name)


def _of_storage(field: pa.Field, crs: Any) -> encodings.Encoding:
    text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    return encodings.Wkt(field.name, crs) if text else encodings.Wkb(field.name, crs)


def _from_arrays(
    frame: Any, rest: pa.Table, geometry: str | None, x: str | None, y: str | None, crs: Any
) -> Content:
    """Columns taken one by one, so that an array of floats stays where it is."""
    names = list(getattr(frame, "columns", frame))
    if geometry is not None:
        _require(geometry, names)
        return Content(_parse(_on_host(frame[geometry]), geometry, crs), rest, str(geometry))
    axes = _axes(names, x, y, crs)
    return Content(GeometryColumn.from_points(frame[axes.x], frame[axes.y], axes.crs), rest)


def _axes(names: list[Any], x: str | None, y: str | None, crs: Any) -> encodings.XY:
    axes = geometry_metadata.of_names(names, x, y, crs)
    if axes is None:
        raise ValueError(
            f"frame has no geometry and no columns x and y, only: {', '.join(map(str, names))}; "
            "name them with geometry= or with x= and y="
        )
    for name in axes.columns:
        _require(name, names)
    return axes


def _named(names: Any, geometry: str | None, x: str | None, y: str | None) -> list[str]:
    """The columns that make the geometry, as far as they exist."""
    axes = None if geometry is not None else geometry_metadata.of_names(list(names), x, y, None)
    made_of = (geometry,) if axes is None else axes.columns
    return [name for name in made_of if name is not None and name in names]


def _table_of(frame: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array(_on_host(values)) for name, values in frame.items()})


def _require(name: str, names: Any) -> None:
    if name not in names:
        raise ValueError(f"frame has no column {name!r}, only: {', '.join(map(str, names))}")


def _on_host(values: Any) -> Any:
    """The values where pyarrow can read them; arrays of other libraries are viewed or copied."""
    if is_cudf(values):
        return values.to_arrow()
    foreign = hasattr(values, "__dlpack_device__") or hasattr(values, "__cuda_array_interface__")
    return host(as_array(values)) if foreign and not isinstance(values, pa.Array) else values


def _parse(values: Any, name: str, crs: Any) -> GeometryColumn:
    rows = np.array(values, dtype=object)
    rows[np.asarray(pd.isna(rows))] = None
    first = next((row for row in rows if row is not None), None)
    if isinstance(first, bytes):
        return GeometryColumn.from_wkb(rows, crs)
    if isinstance(first, str):
        return GeometryColumn.from_wkt(rows, crs)
    return as_geometries(rows, name).set_crs(crs)
