"""What the tests of this topic share: Shapely's answers, engines, and rings of any length."""

from __future__ import annotations

import warnings

import numpy as np
import shapely
from requirements import need

ENGINES = ("cpu", "emulator")


def on(engine):
    """Skip where an engine cannot run."""
    if engine == "emulator":
        need("numba_cuda", "gcc")
    return engine


def ccw(row):
    """Whether the exterior rings of all parts are counter-clockwise, says GEOS."""
    parts = [] if row is None else shapely.get_parts(row)
    rings = [shapely.get_exterior_ring(part) if part.geom_type == "Polygon" else part for part in parts]
    return bool(rings) and all(map(shapely.is_ccw, rings))


def bounds_of_all(rows):
    """Bounds of all vertices, not of the shells alone: what GEOS says of the vertices as points."""
    return shapely.bounds([row and shapely.MultiPoint(shapely.get_coordinates(row)) for row in rows])


ORACLES = {
    "area": shapely.area,
    "length": shapely.length,
    "bounds": bounds_of_all,
    "num_points": shapely.get_num_coordinates,
    "is_ccw": lambda rows: np.array([ccw(row) for row in rows], dtype=bool),
}


def expected(name, rows):
    """Shapely's answer; it warns of the overflow and the NaN that some rows are made for."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.asarray(ORACLES[name](rows))


def ring(rng, vertices, centre=(0.0, 0.0)):
    """A star of so many vertices, the repeated first one included."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, vertices - 1))
    radius = rng.uniform(0.5, 1, vertices - 1)
    corners = np.array(centre) + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.concatenate([corners, corners[:1]])
