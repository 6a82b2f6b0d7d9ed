"""Parcels: polygons as uneven as buildings and plots of land, most of them small and some of them large."""

from __future__ import annotations

import numpy as np

from groundspeed.datasets.generators.layout import into_cells
from groundspeed.datasets.generators.stars import JITTER, on_square
from groundspeed.datasets.generators.stream import between, blocks, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

EXPECTED = 32
"""Vertices that a block counts with for every polygon."""
BENDS = 8
"""Knots of the radius on the way round."""


def parcels(
    n: int, smallest: int = 5, largest: int = 500, seed: int = 0, extent: float = 100.0
) -> GeometryColumn:
    """Star-shaped polygons of very different numbers of vertices, each in its own cell of a grid.

    A polygon has k vertices with a probability proportional to about k^-2, as buildings and parcels have: of
    those from 5 to 500 half have no more than 9, one of a hundred more than 250, and the mean is 23. The
    area is proportional to k.

    Args:
        n: number of polygons; 0 gives an empty column.
        smallest, largest: number of vertices, the repeated first one included; at least 4.
        seed: not negative.
        extent: side of the square that the cells cover.

    Returns:
        POLYGON column of `n` rows, float64, no CRS; counter-clockwise, without holes. Every polygon is valid
        and none touches another.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> import numpy as np
        >>> from groundspeed.datasets.generators import parcels
        >>> vertices = np.diff(parcels(n=10_000, seed=1).vertex_offsets)
        >>> int(vertices.min()), int(np.median(vertices)), int(vertices.max())
        (5, 9, 500)
    """
    n, _ = whole("n", n), whole("seed", seed)
    smallest = whole("smallest", smallest, least=4)
    largest = whole("largest", largest, least=smallest)
    between("extent", extent, 1e-300, np.inf)
    made = [
        _block(stream("parcels", seed, 0, number), rows, n, smallest, largest, extent)
        for number, rows in blocks(n, EXPECTED)
    ]
    counts = np.concatenate([np.zeros(1, np.int64), *(block[0] for block in made)])
    x, y = (np.concatenate([np.empty(0), *(block[axis] for block in made)]) for axis in (1, 2))
    offsets = np.arange(n + 1, dtype=np.int64), np.cumsum(counts)
    return GeometryColumn(GeometryType.POLYGON, x, y, offsets)


def _block(
    rng: np.random.Generator, rows: slice, n: int, smallest: int, largest: int, extent: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of vertices, x and y of the polygons of a block."""
    low, high = 1.0 / smallest, 1.0 / (largest + 1)
    count = rows.stop - rows.start
    vertices = np.minimum(1.0 / (low - rng.random(count) * (low - high)), largest).astype(np.int64)
    distinct = vertices - 1
    knots = rng.uniform(0.5, 1.0, (count, BENDS + 1))
    knots[:, -1] = knots[:, 0]
    first = np.cumsum(vertices) - vertices
    polygon = np.repeat(np.arange(count), vertices)
    k = np.arange(len(polygon)) - first[polygon]
    k[k == distinct[polygon]] = 0  # the first one again
    at = (k + JITTER * rng.random(len(k))[first[polygon] + k]) / distinct[polygon]
    left = (at * BENDS).astype(np.int64)
    weight = at * BENDS - left
    radius = knots[polygon, left] * (1.0 - weight) + knots[polygon, left + 1] * weight
    size = np.sqrt(vertices / largest)
    shapes = on_square(4.0 * at) * (radius * size[polygon])[:, None]
    x, y = into_cells(shapes, rows.start + polygon, n, extent)
    return vertices, x, y
