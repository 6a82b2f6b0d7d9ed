"""Frames from tables: pandas, GeoPandas, polars, cuDF, Arrow, dictionaries of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pyarrow as pa

from groundspeed.geometry import GeometryType
from groundspeed.io.frames import Content, index_names, kind_of


def to_arrow(table: Content, encoding: Literal["geoarrow", "wkb"] = "geoarrow") -> pa.Table:
    """See Table.to_arrow."""
    return table.with_columns(**{table.name: table.geometry.to_arrow(encoding)})


def to_pandas(table: Content) -> Any:
    """See Table.to_pandas."""
    return _with_coordinates(table).to_pandas()


def to_polars(table: Content) -> Any:
    """See Table.to_polars."""
    import polars

    return polars.from_arrow(_with_coordinates(table))


def to_geopandas(table: Content) -> Any:
    """See Table.to_geopandas."""
    import geopandas

    frame = table.attributes.to_pandas()
    series = table.geometry.to_geopandas(index=frame.index)
    return geopandas.GeoDataFrame(frame.assign(**{table.name: series}), geometry=table.name, crs=series.crs)


def to_cudf(table: Content) -> Any:
    """See Table.to_cudf."""
    import cudf

    if table.geometry.type is not GeometryType.POINT:
        raise TypeError(
            f"cuDF holds no geometries, so a frame can only have points, got {table.geometry.type.name}; "
            "use the column itself (.geometry) or .to_arrow()"
        )
    held = {name: cudf.Series.from_arrow(table.attributes[name]) for name in table.attributes.column_names}
    return cudf.DataFrame({**held, **_axes_of(table, cudf.Series)})


def to_dict(table: Content) -> dict[str, Any]:
    """NumPy arrays by name, with x and y for points, where they are, and WKB for all else."""
    on_device = table.geometry.on_device and table.geometry.type is GeometryType.POINT
    rows = table.attributes if on_device else _with_coordinates(table)
    held = {name: rows[name].to_numpy() for name in rows.column_names}
    return {**held, **_axes_of(table, lambda axis: axis)} if on_device else held


def _axes_of(table: Content, wrap: Callable[[Any], Any]) -> dict[str, Any]:
    """Columns x and y of a table of points; NaN where a point is null or empty."""
    clash = {"x", "y"} & set(table.attributes.column_names)
    if clash:
        raise ValueError(f"the table already has an attribute {min(clash)!r}; rename one of them")
    return {"x": wrap(table.geometry.x), "y": wrap(table.geometry.y)}


def to_like(table: Content, frame: Any) -> Any:
    """See Table.to_like."""
    made = _LIKE[kind_of(frame)](table)
    names = index_names(frame) if hasattr(frame, "index") else []
    if not names or not {*names} <= {*made.columns}:
        return made
    made = made.set_index(names)
    made.index.names = frame.index.names
    return made


_LIKE: dict[str, Callable[[Content], Any]] = {
    "pandas": to_pandas,
    "geopandas": to_geopandas,
    "polars": to_polars,
    "cudf": to_cudf,
    "pyarrow": to_arrow,
    "dict": to_dict,
}


def _with_coordinates(table: Content) -> pa.Table:
    """The attributes with columns x and y of points, or the geometry as WKB."""
    geometry = table.geometry.to_host()
    if geometry.type is not GeometryType.POINT:
        return table.with_columns(**{table.name: geometry.to_arrow("wkb").storage})
    null = None if geometry.validity is None else ~geometry.validity
    return table.with_columns(x=pa.array(geometry.x, mask=null), y=pa.array(geometry.y, mask=null))
