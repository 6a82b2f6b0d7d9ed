"""Random walks: lines that wander, as tracks of storms, ships or animals do."""

from __future__ import annotations

import numpy as np

from groundspeed.datasets.generators.layout import fill
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType


def random_walks(
    n: int, points: int, seed: int = 0, step: float = 0.3, extent: float = 100.0
) -> GeometryColumn:
    """Lines of `points` vertices that start anywhere in a square and drift in a direction of their own.

    Every step is the walk's drift plus a Gaussian of the same size, so a walk is neither straight nor a knot.

    Args:
        n: number of walks; 0 gives an empty column.
        points: vertices of every walk, at least 2.
        seed: not negative.
        step: standard deviation of a step and of the drift along each axis, in the unit of `extent`.
        extent: side of the square in which walks start; they may leave it.

    Returns:
        LINESTRING column of `n` rows, float64, no CRS. The first k walks do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> from groundspeed.datasets.generators import random_walks
        >>> walks = random_walks(n=10, points=30, seed=1)
        >>> len(walks), walks.x.size
        (10, 300)
    """
    n, points, _ = whole("n", n), whole("points", points, least=2), whole("seed", seed)
    between("step", step, 0.0, np.inf)
    between("extent", extent, 1e-300, np.inf)

    def block(number: int, rows: slice) -> np.ndarray:
        count = rows.stop - rows.start
        start = stream("random_walks", seed, 0, number).random((count, 2)) * extent
        drift = stream("random_walks", seed, 1, number).standard_normal((count, 1, 2))
        steps = stream("random_walks", seed, 2, number).standard_normal((count, points - 1, 2))
        return np.concatenate([start[:, None], (drift + steps) * step], axis=1).cumsum(axis=1)

    x, y = fill((n, points), block)
    offsets = np.arange(n + 1, dtype=np.int64) * points
    return GeometryColumn(GeometryType.LINESTRING, x.ravel(), y.ravel(), (offsets,))
