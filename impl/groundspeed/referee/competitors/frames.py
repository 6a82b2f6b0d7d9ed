"""Data frames: pandas, polars and GeoPandas."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.model import Implementation, Inputs, implementation, made


def geoseries(inputs: Inputs) -> dict[str, Any]:
    """The inputs, columns of geometries as GeoSeries."""
    return {
        name: value.to_geopandas() if isinstance(value, GeometryColumn) else value
        for name, value in inputs.items()
    }


def attribute(name: str, **options: Any) -> Implementation:
    """A competitor: an attribute of a GeoSeries, or a method of it that takes the other inputs."""

    def run(**inputs: Any) -> Any:
        first, *others = inputs.values()
        found = getattr(first, name)
        return found(*others) if callable(found) else found

    declare = implementation(
        "geopandas", style="vectorised", cores="one", prepare=geoseries, collect=np.asarray, **options
    )
    return made(run, name, f"GeoSeries.{name}.", declare)
