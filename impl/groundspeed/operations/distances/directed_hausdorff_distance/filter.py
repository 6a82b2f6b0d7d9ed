"""Which points of a collection may be the farthest from another collection: found in float32, never wrongly.

With coordinates relative to a centre, |a - b|^2 = |a|^2 + (|b|^2 - 2 a.b): a pair of points costs two fused
multiplications and additions and a minimum in float32, where the definition costs six operations in float64.
A point is ruled out only if the bound says so; what is left, mostly one point, is measured as defined.

The bound. Let u = 2^-24, Ma and Mb the largest coordinates of sources and targets relative to the centre, and
M = Ma + Mb: every coordinate of every difference is at most M, every squared distance at most 2 M^2. To first
order the squared distance of a source point to the target nearest to it is off by at most

    4 u M^2    for the rounding of coordinates to float32: u M for each difference;
    10 u M^2   for the estimate, fused or not: 4u Mb^2 for |b|^2, 4u Ma^2 for |a|^2, 4u Ma Mb for the products
               with -2b, u (6 Ma Mb + 4 Mb^2) for adding them, 2u M^2 for adding |a|^2;
    8 u M^2    for the definition itself, in float32; in float64 nothing to speak of;

less than 22.1 u M^2 with the terms in u^2. Estimates become integers in units of M^2 / 2^21 = 8 u M^2. Two
points whose true order they invert are within 2 * 22.1 / 8 = 5.53 units of each other, 0.5 more for rounding
products with 2^21 / M^2, less than 1 more for rounding down: below `SLACK`.

Underflow. Coordinates are scaled by a power of two so that the largest is in (1/2, 1]. Where M is below
`LEAST`, or the extent is where the squares of the definition may overflow or lose digits (`EXTENTS`), nothing
is ruled out. At `LEAST` a unit is 2^-101, far above what float32 (2^-149) or the definition can lose.
"""

# mypy: disallow-untyped-defs=False
# Numba types most of these functions from their arguments.

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.scalar.decorators import device, elementwise

ROW_BITS = 8
"""Bits of a key that tell the row."""

SLACK = np.int32(8)
"""Units that a point's estimate may fall short of the largest while the point may still be the farthest."""

UNITS = np.float32(2**21)
"""Units in M^2. A squared distance is at most 2 M^2: 22 bits, so that a key has 30, and a sign."""

LEAST = np.float32(2.0**-40)
"""Smallest M for which points are ruled out; the largest coordinate is about 1."""

EXTENTS = {np.dtype(np.float64): (2.0**-450, 2.0**500), np.dtype(np.float32): (2.0**-20, 2.0**60)}
"""Extents between which the squares of the definition, in that dtype, neither overflow nor lose digits."""

SAMPLE = 256
"""Points that the centre is the median of: one that is far from all others does not move it."""

# Contraction: every bound above holds whether or not a product is rounded before it is added.
fused = device(fastmath={"contract", "nnan", "nsz"})


class Frame(NamedTuple):
    """How coordinates become float32: `float32((x - centre_x) * scale)`; scale is a power of two, or 0."""

    centre_x: float
    centre_y: float
    scale: float


def frame(sources: GeometryColumn, targets: GeometryColumn) -> Frame:
    """The frame of all points; scale 0 where float32 cannot rule out anything.

    >>> from groundspeed.inputs import as_collections
    >>> frame(*[as_collections([[(2, 7), (2, 7), (5, 3)]], "collections")] * 2)
    Frame(centre_x=2.0, centre_y=7.0, scale=0.25)
    """
    if not (sources.x.size and targets.x.size):
        return Frame(0.0, 0.0, 0.0)
    step = -(-sources.x.size // SAMPLE)
    x, y = (float(np.sort(values[::step])[values[::step].size // 2]) for values in (sources.x, sources.y))
    extent = max(_extent(values, x) for values in (sources.x, targets.x))
    extent = max(extent, *(_extent(values, y) for values in (sources.y, targets.y)))
    least, most = EXTENTS[sources.x.dtype]
    return Frame(x, y, 2.0 ** -math.ceil(math.log2(extent)) if least <= extent <= most else 0.0)


def _extent(values: np.ndarray, centre: float) -> float:
    """The largest difference from the centre; infinite where it overflows."""
    return max(float(values.max()) - centre, centre - float(values.min()))


@device
def reduced(value, centre, scale):
    """A coordinate in float32, relative to the centre."""
    return np.float32((np.float64(value) - centre) * scale)


@elementwise
def reduce_body(j, frame, offsets, x, y, twice_x, twice_y, squares, reach):
    """One task, one target collection: -2 b, |b|^2 and the largest coordinate. Bound by memory."""
    centre_x, centre_y, scale = frame
    farthest = np.float32(0)
    for k in range(offsets[j], offsets[j + 1]):
        bx, by = reduced(x[k], centre_x, scale), reduced(y[k], centre_y, scale)
        twice_x[k], twice_y[k] = np.float32(-2) * bx, np.float32(-2) * by
        squares[k] = bx * bx + by * by
        farthest = max(farthest, max(abs(bx), abs(by)))
    reach[j] = farthest


@fused
def _nearer_of_four(x, y, nearest, x0, y0, s0, x1, y1, s1, x2, y2, s2, x3, y3, s3):
    for lane in range(nearest.size):
        ax, ay = x[lane], y[lane]
        d0 = s0 + y0 * ay + x0 * ax
        d1 = s1 + y1 * ay + x1 * ax
        d2 = s2 + y2 * ay + x2 * ax
        d3 = s3 + y3 * ay + x3 * ax
        low = d0 if d0 < d1 else d1
        high = d2 if d2 < d3 else d3
        low = low if low < high else high
        nearest[lane] = low if low < nearest[lane] else nearest[lane]


@device
def estimate(x, y, nearest, begin, end, twice_x, twice_y, squares):
    """Write min |b|^2 - 2 a.b over the targets `begin` to `end` for every source point; at least one."""
    nearest[:] = np.float32(np.inf)
    last = end - 1
    for b in range(begin, end, 4):
        c, d, e = min(b + 1, last), min(b + 2, last), min(b + 3, last)  # the last one may be met again
        _nearer_of_four(
            x, y, nearest,
            twice_x[b], twice_y[b], squares[b], twice_x[c], twice_y[c], squares[c],
            twice_x[d], twice_y[d], squares[d], twice_x[e], twice_y[e], squares[e],
        )  # fmt: skip


@fused
def write_keys(squares, nearest, rows, units, keys):
    """Estimates in units, followed by the row in `ROW_BITS`; -1 where the row is, which is below all."""
    for lane in range(keys.size):
        square = (squares[lane] + nearest[lane]) * units
        square = square if square > np.float32(0) else np.float32(0)  # rounding
        keys[lane] = np.int32(square) << ROW_BITS | rows[lane]


@device
def _split(a, b, first, second):
    for lane in range(a.size):
        first[lane] = max(a[lane], b[lane])
        second[lane] = min(a[lane], b[lane])


@device
def _merge(first, other_first, second, other_second):
    for lane in range(first.size):
        beaten = min(first[lane], other_first[lane])
        first[lane] = max(first[lane], other_first[lane])
        second[lane] = max(beaten, max(second[lane], other_second[lane]))


@device
def two_largest(keys, width, first, second):
    """The largest and second largest key of every column, in row 0 of `first` and `second`.

    `keys` holds an even number of rows of `width` columns. Rows are halved, not met one after the other: that
    makes loops as long as vectors like them.
    """
    rows = keys.size // width // 2
    _split(keys[: rows * width], keys[rows * width :], first, second)
    while rows > 1:
        half, end = rows // 2 * width, rows * width
        _merge(first[:half], first[end - half : end], second[:half], second[end - half : end])
        rows -= rows // 2


@device
def may_be_farthest(key, largest):
    """Whether the point with this key may be farther than the one with the largest."""
    return (key >> ROW_BITS) >= (largest >> ROW_BITS) - SLACK
