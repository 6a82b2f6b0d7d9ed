"""Star polygons: rough, disjoint, valid by construction, with as many vertices and holes as wanted."""

from __future__ import annotations

import math

import numpy as np

from groundspeed.datasets.generators.layout import fill, in_cells
from groundspeed.datasets.generators.stream import between, rough, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

JITTER = 0.4
"""Vertices are shifted along their ring by less than this share of their distance. At 3 vertices two
neighbours are then at most 1.87 sides of the square apart, below the 2 at which a ring could turn over."""

HOLES_WITHIN = 0.3
"""Holes lie in the square of this half-width around the centre. A ring of 8 or more vertices at radii of at
least 0.5 (square norm) cuts a corner to no less than 0.5 * (1 - 0.7 / 2) = 0.325."""


def star_polygons(
    n: int, vertices: int, holes: int = 0, seed: int = 0, extent: float = 100.0
) -> GeometryColumn:
    """Rough polygons, each star-shaped around the centre of its own cell of a grid, so that no two meet.

    Args:
        n: number of polygons; 0 gives an empty column.
        vertices: of every ring, the repeated first one included: at least 4, and 9 where there are holes.
        holes: in every polygon.
        seed: not negative.
        extent: side of the square that the cells cover.

    Returns:
        POLYGON column of `n` rows, float64, no CRS; exteriors counter-clockwise, holes clockwise. They cover
        about half of the square. Every polygon is valid and none touches another.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> from groundspeed.datasets.generators import star_polygons
        >>> polygons = star_polygons(n=1_000, vertices=101, seed=1)
        >>> len(polygons), polygons.x.size
        (1000, 101000)
    """
    n, holes, _ = whole("n", n), whole("holes", holes), whole("seed", seed)
    vertices = whole("vertices", vertices, least=9 if holes else 4)
    between("extent", extent, 1e-300, np.inf)
    rings = 1 + holes

    def block(number: int, rows: slice) -> np.ndarray:
        shapes = _unit_polygons(seed, number, rows.stop - rows.start, vertices, holes)
        return in_cells(shapes, rows, n, extent)

    x, y = fill((n, rings, vertices), block)
    offsets = (np.arange(n + 1, dtype=np.int64) * rings, np.arange(n * rings + 1, dtype=np.int64) * vertices)
    return GeometryColumn(GeometryType.POLYGON, x.ravel(), y.ravel(), offsets)


def _unit_polygons(seed: int, block: int, count: int, vertices: int, holes: int) -> np.ndarray:
    """(count, 1 + holes, vertices, 2) rings within the square [-1, 1] x [-1, 1]."""
    outer = unit_stars(stream("star_polygons", seed, 0, block), count, vertices)[:, None]
    if not holes:
        return outer
    across = math.isqrt(holes - 1) + 1
    half = HOLES_WITHIN / across
    index = np.arange(holes)
    centre = np.stack([index % across, index // across], axis=-1) * (2.0 * half) + (half - HOLES_WITHIN)
    stars = unit_stars(stream("star_polygons", seed, 1, block), count * holes, vertices)
    inner = stars.reshape(count, holes, vertices, 2)[:, :, ::-1] * (0.9 * half) + centre[:, None]
    return np.concatenate([outer, inner], axis=1)


def unit_stars(rng: np.random.Generator, count: int, vertices: int) -> np.ndarray:
    """(count, vertices, 2) closed counter-clockwise rings whose square norm is in [0.5, 1] at every
    vertex."""
    distinct = vertices - 1
    even = np.arange(distinct) / distinct
    turn = 4.0 * (even + JITTER / distinct * rng.random((count, distinct)))
    radius = 0.75 + 0.25 * rough(rng, count, even, periodic=True)
    ring = np.empty((count, vertices, 2))
    ring[:, :-1] = on_square(turn) * radius[..., None]
    ring[:, -1] = ring[:, 0]
    return ring


def on_square(turn: np.ndarray) -> np.ndarray:
    """Points of the square's rim, counter-clockwise from (1, -1): `turn` counts its sides, 0 to 4."""
    side = np.minimum(turn.astype(np.int64), 3)
    along = 2.0 * (turn - side) - 1.0
    one = np.ones_like(along)
    x = np.choose(side, [one, -along, -one, along])
    y = np.choose(side, [along, one, -along, -one])
    return np.stack([x, y], axis=-1)
