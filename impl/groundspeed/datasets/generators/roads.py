"""Road-like networks: a rough street grid, whose roads share their crossings exactly."""

from __future__ import annotations

import math

import numpy as np

from groundspeed.datasets.generators.layout import fill
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

JITTER = 0.25
"""How far a crossing moves along each axis, as a share of the distance between crossings: below a half."""

ROUGHNESS = 0.9
"""Share of the room a road has that it may use. Below 1 no two roads meet except at their ends."""


def road_network(n: int, vertices: int = 6, seed: int = 0, extent: float = 100.0) -> GeometryColumn:
    """Roads between neighbouring crossings of a jittered grid: lines that meet at their ends only.

    Crossings and bends are functions of the crossing's or road's own number, so that roads which meet have
    the very same end, without a table of crossings in memory.

    Args:
        n: number of roads; 0 gives an empty column.
        vertices: of every road, its two crossings included: at least 2.
        seed: not negative.
        extent: side of the square that the crossings cover.

    Returns:
        LINESTRING column of `n` rows, float64, no CRS. Row 2k leads from crossing k to the right, row 2k + 1
        upwards.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Notes:
        Roads lie as the edges of `tessellation` do, each within its own two triangles: at a share t of its
        length a road swerves by at most ROUGHNESS * min(t, 1 - t) * (1/2 - JITTER) / (1/2 + JITTER).

    Examples:
        >>> from groundspeed.datasets.generators import road_network
        >>> roads = road_network(n=1_000, seed=1)
        >>> len(roads), roads.x.size
        (1000, 6000)
    """
    n, vertices, seed = whole("n", n), whole("vertices", vertices, least=2), whole("seed", seed)
    between("extent", extent, 1e-300, np.inf)
    columns = max(1, math.isqrt(max(n - 1, 0) // 2) + 1)

    def block(number: int, rows: slice) -> np.ndarray:
        road = np.arange(rows.start, rows.stop)
        line, column = np.divmod(road // 2, columns)
        upwards = road % 2
        start = _crossing(column, line, seed)
        end = _crossing(column + 1 - upwards, line + upwards, seed)
        path = _path(start, end, upwards, vertices, stream("road_network", seed, 0, number))
        return path * (extent / columns)

    x, y = fill((n, vertices), block)
    offsets = np.arange(n + 1, dtype=np.int64) * vertices
    return GeometryColumn(GeometryType.LINESTRING, x.ravel(), y.ravel(), (offsets,))


def _crossing(column: np.ndarray, line: np.ndarray, seed: int) -> np.ndarray:
    """(k, 2) places of crossings, in units of the grid."""
    number = (line.astype(np.uint64) << np.uint64(32)) + column.astype(np.uint64)
    jitter = np.stack([_hashed(number, seed, axis) for axis in (0, 1)], axis=-1) - 0.5
    return np.stack([column, line], axis=-1) + 2.0 * JITTER * jitter


def _path(
    start: np.ndarray, end: np.ndarray, upwards: np.ndarray, vertices: int, rng: np.random.Generator
) -> np.ndarray:
    """(k, vertices, 2) rough lines that begin and end exactly where asked and swerve across their
    direction."""
    t = np.linspace(0.0, 1.0, vertices)
    room = ROUGHNESS * (0.5 - JITTER) / (0.5 + JITTER) * np.minimum(t, 1.0 - t)
    swerve = room * rng.uniform(-1.0, 1.0, (len(start), vertices))
    path = start[:, None] + t[:, None] * (end - start)[:, None]
    path[..., 0] += swerve * upwards[:, None]
    path[..., 1] += swerve * (1 - upwards)[:, None]
    path[:, 0], path[:, -1] = start, end
    return path


def _hashed(number: np.ndarray, seed: int, axis: int) -> np.ndarray:
    """Evenly spread values in [0, 1) of whole numbers: the finaliser of SplitMix64 (Steele, Lea, Flood
    2014)."""
    mixed = number + np.uint64((seed * 2 + axis + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
