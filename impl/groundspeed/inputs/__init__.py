"""What operations accept, decided once: every argument becomes a GeometryColumn or a plain array here.

Values that live on a GPU (CuPy, cuDF) stay there. Nothing is copied that already has the right form.
"""

from __future__ import annotations

from groundspeed.inputs.collections import as_collections
from groundspeed.inputs.coordinates import as_coordinates, like, require_finite, require_same_crs
from groundspeed.inputs.geometries import as_geometries, as_points, as_polygons

__all__ = [
    "as_collections",
    "as_coordinates",
    "as_geometries",
    "as_points",
    "as_polygons",
    "like",
    "require_finite",
    "require_same_crs",
]
