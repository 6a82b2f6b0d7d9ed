"""Point generators: even, clustered, skewed, and even on the sphere."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from groundspeed.datasets.generators.layout import collect
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn

LONLAT_DECIMALS = 7
"""Latitudes of `uniform_lonlat` are rounded to 1e-7 degrees (1 cm), as GPS receivers write them, so that the
last bit of the arcsine, which depends on the processor, does not matter."""


def uniform_points(n: int, seed: int = 0, extent: float = 100.0) -> GeometryColumn:
    """Points spread evenly over the square [0, extent) x [0, extent).

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> from groundspeed.datasets.generators import uniform_points
        >>> points = uniform_points(n=1_000, seed=1)
        >>> len(points), bool((points.x >= 0).all() and (points.x < 100).all())
        (1000, True)
    """
    between("extent", extent, 1e-300, np.inf)

    def block(number: int, rows: int) -> np.ndarray:
        return stream("uniform_points", seed, block=number).random((rows, 2)) * extent

    return collect(n, seed, block)


def thomas_points(
    n: int, seed: int = 0, clusters: int = 100, spread: float = 1.0, extent: float = 100.0
) -> GeometryColumn:
    """Clustered points: a Thomas process, cut to exactly `n` points.

    Cluster centres are uniform over the square, every point picks a centre and lies around it with a Gaussian
    of standard deviation `spread`; what leaves the square on one side enters on the other.

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.
        clusters: number of cluster centres, at least 1.
        spread: standard deviation around a centre, in the unit of `extent`.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    References:
        M. Thomas (1949), A generalization of Poisson's binomial limit for use in ecology, Biometrika 36.

    Examples:
        >>> from groundspeed.datasets.generators import thomas_points
        >>> len(thomas_points(n=1_000, seed=1, clusters=5))
        1000
    """
    between("extent", extent, 1e-300, np.inf)
    between("spread", spread, 0.0, np.inf)
    whole("clusters", clusters, least=1)
    centres = stream("thomas_points", whole("seed", seed)).random((clusters, 2)) * extent

    def block(number: int, rows: int) -> np.ndarray:
        centre = (stream("thomas_points", seed, 1, number).random(rows) * clusters).astype(np.int64)
        offset = stream("thomas_points", seed, 2, number).standard_normal((rows, 2)) * spread
        return np.mod(centres[centre] + offset, extent)

    return collect(n, seed, block)


def skewed_points(
    n: int, seed: int = 0, places: int = 10_000, exponent: float = 1.0, extent: float = 100.0
) -> GeometryColumn:
    """Points on few places, some of them very popular: heavy duplicates, as in addresses or airports.

    The place of rank k is drawn with a probability proportional to `k ** -exponent` (Zipf's law); places are
    uniform over the square.

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.
        places: number of distinct places, at least 1.
        exponent: 0 makes all places equally popular; at 1 and 10,000 places the first takes a tenth of all
            points.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> import numpy as np
        >>> from groundspeed.datasets.generators import skewed_points
        >>> points = skewed_points(n=10_000, seed=1, places=50)
        >>> np.unique(points.x).size
        50
    """
    between("extent", extent, 1e-300, np.inf)
    between("exponent", exponent, 0.0, np.inf)
    whole("places", places, least=1)
    place = stream("skewed_points", whole("seed", seed)).random((places, 2)) * extent
    share = np.cumsum(np.arange(1, places + 1, dtype=np.float64) ** -exponent)

    def block(number: int, rows: int) -> np.ndarray:
        drawn = stream("skewed_points", seed, 1, number).random(rows) * share[-1]
        return place[np.minimum(np.searchsorted(share, drawn, side="right"), places - 1)]

    return collect(n, seed, block)


def uniform_lonlat(n: int, seed: int = 0) -> GeometryColumn:
    """Points spread evenly over the sphere, as longitude and latitude in degrees.

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.

    Returns:
        POINT column of `n` rows, float64, EPSG:4326: x in [-180, 180), y in [-90, 90], y rounded to 1e-7
        degrees. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        Half of the sphere's area lies within 30 degrees of the equator:

        >>> from groundspeed.datasets.generators import uniform_lonlat
        >>> points = uniform_lonlat(n=100_000, seed=1)
        >>> round(float((abs(points.y) < 30).mean()), 2)
        0.5
    """

    def block(number: int, rows: int) -> np.ndarray:
        drawn = stream("uniform_lonlat", seed, block=number).random((rows, 2))
        latitude = np.degrees(np.arcsin(2.0 * drawn[:, 1] - 1.0))
        return np.column_stack([360.0 * drawn[:, 0] - 180.0, np.round(latitude, LONLAT_DECIMALS)])

    return collect(n, seed, block, CRS.from_epsg(4326))
