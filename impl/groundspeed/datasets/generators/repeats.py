"""Points that come again and again: exact copies and near copies of each other, in bursts."""

from __future__ import annotations

import numpy as np

from groundspeed.datasets.generators.layout import collect
from groundspeed.datasets.generators.stream import between, stream, whole
from groundspeed.geometry import GeometryColumn


def repeated_points(
    n: int,
    seed: int = 0,
    share: float = 0.5,
    crowd: float = 0.1,
    nudge: float = 1e-9,
    extent: float = 100.0,
) -> GeometryColumn:
    """Points of which some repeat others exactly, some nearly, and a crowd lies on a single place.

    What hurts indexes and clustering: leaves that cannot be split, cells with a million points, distances
    of zero. Copies follow what they copy, within a block.

    Args:
        n: number of points; 0 gives an empty column.
        seed: not negative.
        share: of the points, 0 to below 1, that copy another one, half of them exactly and half with a
            `nudge`.
        crowd: of the points, 0 to below 1, that lie exactly on the middle of the square.
        nudge: largest distance of a near copy along each axis, in the unit of `extent`; it may lead out of
            the square.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> import numpy as np
        >>> from groundspeed.datasets.generators import repeated_points
        >>> points = repeated_points(n=10_000, seed=1, crowd=0.2)
        >>> round(float(np.mean(points.x == 50.0)), 1)
        0.2
    """
    between("share", share, 0.0, 1.0)
    between("crowd", crowd, 0.0, 1.0)
    between("extent", extent, 1e-300, np.inf)
    between("nudge", nudge, 0.0, extent)
    whole("seed", seed)

    def block(number: int, rows: int) -> np.ndarray:
        drawn = stream("repeated_points", seed, block=number).random((rows, 6))
        place, (pick, kind), near = drawn[:, :2], drawn[:, 2:4].T, drawn[:, 4:]
        copies = (kind >= crowd) & (kind < crowd + (1.0 - crowd) * share)
        nudged = copies & (kind >= crowd + (1.0 - crowd) * share / 2)
        made = place[np.where(copies, _original(pick, copies | (kind < crowd)), np.arange(rows))] * extent
        made[kind < crowd] = extent / 2
        return np.where(nudged[:, None], made + (2.0 * near - 1.0) * nudge, made)

    return collect(n, seed, block)


def _original(pick: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For every row one before it that is no copy: the last such one up to a share `pick` of the rows so
    far."""
    index = np.arange(len(pick))
    last = np.maximum.accumulate(np.where(other, 0, index))
    return last[(pick * index).astype(np.int64)]
