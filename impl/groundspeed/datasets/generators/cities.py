"""Cities within regions within countries: clusters of clusters, some of them far more popular than others."""

from __future__ import annotations

import numpy as np

from groundspeed.datasets.generators.layout import collect
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn

SHRINK = 0.15
"""Spread of a cluster of one level as a share of the spread of the level above."""


def hierarchical_cities(
    n: int,
    seed: int = 0,
    levels: int = 3,
    branches: int = 20,
    skew: float = 1.2,
    extent: float = 100.0,
) -> GeometryColumn:
    """Points in streets of towns of regions: a hierarchical Thomas process with Pareto weights.

    The first level has `branches` centres, uniform over the square; every centre has `branches` centres of
    the next level around it, and so on. A point picks one branch at every level, with a probability
    proportional to weights that follow a Pareto distribution, and lies around the last centre. What leaves
    the square on one side enters on the other.

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.
        levels: of centres, 1 to 4.
        branches: centres of the next level in each one, 1 to 100.
        skew: shape of the Pareto distribution, above 0; the smaller, the more one branch outweighs the
            others.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    References:
        M. Thomas (1949), A generalization of Poisson's binomial limit for use in ecology, Biometrika 36.
        Hierarchical clusters of that kind are what Apache Sedona's SpatialBench draws its trips from.

    Examples:
        >>> from groundspeed.datasets.generators import hierarchical_cities
        >>> len(hierarchical_cities(n=1_000, seed=1))
        1000
    """
    between("extent", extent, 1e-300, np.inf)
    between("skew", skew, 1e-3, np.inf)
    levels, branches = whole("levels", levels, least=1), whole("branches", branches, least=1)
    if levels > 4 or branches > 100:
        raise ValueError(f"levels must be at most 4 and branches at most 100, got {levels} and {branches}")
    centres, share = _centres(whole("seed", seed), levels, branches, skew)
    spread = 0.1 * SHRINK**levels

    def block(number: int, rows: int) -> np.ndarray:
        drawn = stream("hierarchical_cities", seed, 10, number).random(rows) * share[-1]
        city = np.minimum(np.searchsorted(share, drawn, side="right"), len(share) - 1)
        offset = stream("hierarchical_cities", seed, 11, number).standard_normal((rows, 2)) * spread
        return np.mod(centres[city] + offset, 1.0) * extent

    return collect(n, seed, block)


def _centres(seed: int, levels: int, branches: int, skew: float) -> tuple[np.ndarray, np.ndarray]:
    """(branches ** levels, 2) centres of the last level in the unit square, and the cumulative weights."""
    centres, weight = np.zeros((1, 2)), np.ones(1)
    for level in range(levels):
        rng = stream("hierarchical_cities", seed, level)
        shape = (len(centres), branches, 2)
        step = rng.random(shape) if level == 0 else rng.standard_normal(shape) * (0.1 * SHRINK**level * 2.0)
        centres = (centres[:, None] + step).reshape(-1, 2)
        weight = (weight[:, None] * pareto(rng, shape[:2], skew)).ravel()
    return centres, np.cumsum(weight)


def pareto(rng: np.random.Generator, shape: tuple[int, ...], skew: float) -> np.ndarray:
    """Pareto weights of least value 1, rounded to 24 bits: powers differ in the last bit between
    processors."""
    mantissa, exponent = np.frexp((1.0 - rng.random(shape)) ** (-1.0 / skew))
    return np.ldexp(np.round(np.ldexp(mantissa, 24)), exponent - 24)
