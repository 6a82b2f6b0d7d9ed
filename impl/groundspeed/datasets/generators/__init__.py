"""Synthetic data: seeded, any size, the same bytes for the same arguments on every machine.

Randomness comes from PCG64 streams keyed by (seed, generator, part, block): see `stream`. The coordinates are
made with correctly rounded arithmetic only (+, -, *, /, square root), because sine and its kind differ in the
last bit between processors; where one is needed the result is rounded to a stated grid.

>>> from groundspeed.datasets.generators import GENERATORS
>>> print(*sorted(GENERATORS))  # doctest: +NORMALIZE_WHITESPACE
addresses footprints fractal_polygons hierarchical_cities parcels random_walks repeated_points road_network
skewed_points star_polygons tessellation thomas_points uniform_lonlat uniform_points
"""

from __future__ import annotations

from collections.abc import Callable

from groundspeed.datasets.generators.cities import hierarchical_cities
from groundspeed.datasets.generators.footprints import addresses, footprints
from groundspeed.datasets.generators.fractals import fractal_polygons
from groundspeed.datasets.generators.parcels import parcels
from groundspeed.datasets.generators.points import (
    skewed_points,
    thomas_points,
    uniform_lonlat,
    uniform_points,
)
from groundspeed.datasets.generators.repeats import repeated_points
from groundspeed.datasets.generators.roads import road_network
from groundspeed.datasets.generators.stars import star_polygons
from groundspeed.datasets.generators.tessellation import tessellation
from groundspeed.datasets.generators.walks import random_walks
from groundspeed.geometry import GeometryColumn

GENERATORS: dict[str, Callable[..., GeometryColumn]] = {
    generator.__name__: generator
    for generator in (
        addresses,
        footprints,
        fractal_polygons,
        hierarchical_cities,
        parcels,
        random_walks,
        repeated_points,
        road_network,
        skewed_points,
        star_polygons,
        tessellation,
        thomas_points,
        uniform_lonlat,
        uniform_points,
    )
}

__all__ = [
    "GENERATORS",
    "addresses",
    "footprints",
    "fractal_polygons",
    "hierarchical_cities",
    "parcels",
    "random_walks",
    "repeated_points",
    "road_network",
    "skewed_points",
    "star_polygons",
    "tessellation",
    "thomas_points",
    "uniform_lonlat",
    "uniform_points",
]
