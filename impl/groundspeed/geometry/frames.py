"""GeoPandas series and frames."""

from __future__ import annotations

from typing import Any

from groundspeed.geometry import geos
from groundspeed.geometry.rows import Rows
from groundspeed.geometry.types import GeometryType, Parts


def from_geopandas(
    frame: Any, *, type: GeometryType | str | None = None, drop_z: bool = False, argument: str = "frame"
) -> Parts:
    """See GeometryColumn.from_geopandas."""
    import geopandas
    from geopandas.array import GeometryArray

    if isinstance(frame, geopandas.GeoDataFrame):
        if frame.active_geometry_name is None:
            raise ValueError(f"{argument} has no active geometry column; choose one with .set_geometry(name)")
        frame = frame.geometry
    if not isinstance(frame, geopandas.GeoSeries | GeometryArray):
        raise TypeError(f"{argument} must be a GeoSeries or a GeoDataFrame, got {frame.__class__.__name__}")
    return geos.from_shapely(frame.to_numpy(), frame.crs, type=type, drop_z=drop_z, argument=argument)


def to_geopandas(column: Rows, index: Any = None) -> Any:
    """See GeometryColumn.to_geopandas."""
    import geopandas

    return geopandas.GeoSeries(geos.to_shapely(column), index=index, crs=column.crs)
