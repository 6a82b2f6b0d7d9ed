"""Polygons with coast-like boundaries of any number of vertices, valid by construction."""

from __future__ import annotations

import numpy as np

from groundspeed.datasets.generators.layout import fill, in_cells
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

LEAST, MOST = 0.5, 1.0
"""Range of the radius, as a share of half a cell."""


def fractal_polygons(
    n: int, vertices: int, seed: int = 0, roughness: float = 0.6, extent: float = 100.0
) -> GeometryColumn:
    """Islands, one in each cell of a grid, whose coasts are rough at every scale down to the single vertex.

    The distance from the centre is a random midpoint displacement around the island, so the boundary gets
    longer the finer it is looked at, as a coast does. Every island is star-shaped around its centre, hence
    valid, however many vertices it has.

    Args:
        n: number of polygons; 0 gives an empty column.
        vertices: of every ring, the repeated first one included: at least 5; 1e2 to 1e6 are of use.
        seed: not negative.
        roughness: height of the displacement at half the distance, 0 (round) to below 1 (ragged).
        extent: side of the square that the cells cover.

    Returns:
        POLYGON column of `n` rows, float64, no CRS, counter-clockwise. No two polygons touch.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    References:
        A. Fournier, D. Fussell, L. Carpenter (1982), Computer rendering of stochastic models, CACM 25(6).

    Examples:
        >>> from groundspeed.datasets.generators import fractal_polygons
        >>> islands = fractal_polygons(n=10, vertices=10_001, seed=1)
        >>> len(islands), islands.x.size
        (10, 100010)
    """
    n, vertices, seed = whole("n", n), whole("vertices", vertices, least=5), whole("seed", seed)
    between("roughness", roughness, 0.0, 1.0)
    between("extent", extent, 1e-300, np.inf)
    around = _diamond(vertices - 1)

    def block(number: int, rows: slice) -> np.ndarray:
        rng = stream("fractal_polygons", seed, block=number)
        radius = _coasts(rng, rows.stop - rows.start, vertices - 1, roughness)
        ring = around * radius[..., None]
        return in_cells(np.concatenate([ring, ring[:, :1]], axis=1), rows, n, extent)

    x, y = fill((n, vertices), block)
    offsets = (np.arange(n + 1, dtype=np.int64), np.arange(n + 1, dtype=np.int64) * vertices)
    return GeometryColumn(GeometryType.POLYGON, x.ravel(), y.ravel(), offsets)


def _diamond(count: int) -> np.ndarray:
    """(count, 2) points counter-clockwise around |x| + |y| = 1: directions without sine and cosine."""
    turn = np.arange(count) * (4.0 / count)
    x = np.abs(turn - 2.0) - 1.0
    y = np.where(turn < 2.0, 1.0 - np.abs(turn - 1.0), np.abs(turn - 3.0) - 1.0)
    return np.stack([x, y], axis=-1)


def _coasts(rng: np.random.Generator, polygons: int, count: int, roughness: float) -> np.ndarray:
    """(polygons, count) radii from LEAST to MOST: closed lines, halved until they have enough points."""
    heights = rng.uniform(-1.0, 1.0, (polygons, 4))
    size = 1.0
    while heights.shape[1] < count:
        size *= roughness
        middle = 0.5 * (heights + np.roll(heights, -1, axis=1)) + size * rng.uniform(-1.0, 1.0, heights.shape)
        heights = np.stack([heights, middle], axis=-1).reshape(polygons, -1)
    chosen = heights[:, np.arange(count) * heights.shape[1] // count]
    low, high = chosen.min(axis=1, keepdims=True), chosen.max(axis=1, keepdims=True)
    return LEAST + (MOST - LEAST) * (chosen - low) / (high - low)
