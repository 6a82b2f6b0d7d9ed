"""On which side of a line a point lies: exact for every input, identical on every engine."""

from __future__ import annotations

import numpy as np

from groundspeed.scalar.decorators import device
from groundspeed.scalar.unfused import determinant_bound, product

SPLITTER = np.float64(134217729.0)  # 2**27 + 1: cuts a float64 into two halves whose products are exact

# Powers of two: coordinates up to LARGE times UP, and up to 1 times FAR_UP, have products that do not
# overflow.
LARGE, UP, FAR_UP = 2.0**240, 2.0**210, 2.0**450


@device(inline=False)
def orientation(ax, ay, bx, by, cx, cy):
    """Sign of the area of the triangle a, b, c: which side of the line from a to b the point c lies on.

    The determinant is computed in the type of the coordinates; where its sign is within the rounding error
    it is computed again without any error.

    Args:
        ax, ay, bx, by, cx, cy: coordinates, all float64 or all float32, any unit, of magnitudes up to
            1e135. Exact
            unless two coordinates other than zero are below 1e-145 (below 1e-290 where none is above 1).

    Returns:
        1 if c is left of a -> b (counter-clockwise), -1 if right, 0 if the three lie on one line.

    Source:
        Filter: J. R. Shewchuk (1997), "Adaptive precision floating-point arithmetic and fast robust geometric
        predicates". Exact part: error-free products and sums, T. Ogita, S. M. Rump, S. Oishi (2005),
        "Accurate sum and dot product".

    Examples:
        >>> orientation(0.0, 0.0, 1.0, 0.0, 0.5, 1.0)
        1
        >>> orientation(0.1, 0.1, 0.3, 0.3, 0.2, 0.2)
        0
    """
    area, bound = determinant(ax, ay, bx, by, cx, cy)
    if area > bound:
        return 1
    if -area > bound:
        return -1
    return exact_orientation(
        np.float64(ax), np.float64(ay), np.float64(bx), np.float64(by), np.float64(cx), np.float64(cy)
    )


@device(inline=False)
def determinant(ax, ay, bx, by, cx, cy):
    """Twice the area of the triangle a, b, c, positive if c is left of a -> b, and a bound of its error.

    The sign is certain where the absolute value is larger than the bound.

    Examples:
        >>> area, bound = determinant(0.0, 0.0, 2.0, 0.0, 0.5, 1.0)
        >>> area, bound < 1e-15
        (2.0, True)
    """
    left = product(ax - cx, by - cy)
    right = product(ay - cy, bx - cx)
    return left - right, determinant_bound(abs(left) + abs(right))


@device(inline=False)
def exact_orientation(ax, ay, bx, by, cx, cy):
    """`orientation` without the filter: sign of ax by - ay bx + bx cy - by cx + cx ay - cy ax, float64."""
    largest = max(max(abs(ax), abs(ay)), max(max(abs(bx), abs(by)), max(abs(cx), abs(cy))))
    if largest <= LARGE:
        scale = FAR_UP if largest <= 1.0 else UP
        ax, ay, bx = product(ax, scale), product(ay, scale), product(bx, scale)
        by, cx, cy = product(by, scale), product(cx, scale), product(cy, scale)
    x0, x1 = _two_product(ax, by)
    x2, x3 = _two_product(-ay, bx)
    x4, x5 = _two_product(bx, cy)
    x6, x7 = _two_product(-by, cx)
    x8, x9 = _two_product(cx, ay)
    x10, x11 = _two_product(-cy, ax)
    # Each sweep moves what one addition lost down by one place; twelve numbers are sorted out in as many
    # sweeps.
    for _ in range(24):
        x10, x11 = _two_sum(x10, x11)
        x9, x10 = _two_sum(x9, x10)
        x8, x9 = _two_sum(x8, x9)
        x7, x8 = _two_sum(x7, x8)
        x6, x7 = _two_sum(x6, x7)
        x5, x6 = _two_sum(x5, x6)
        x4, x5 = _two_sum(x4, x5)
        x3, x4 = _two_sum(x3, x4)
        x2, x3 = _two_sum(x2, x3)
        x1, x2 = _two_sum(x1, x2)
        x0, x1 = _two_sum(x0, x1)
        rest = abs(x1) + abs(x2) + abs(x3) + abs(x4) + abs(x5) + abs(x6)
        rest += abs(x7) + abs(x8) + abs(x9) + abs(x10) + abs(x11)
        if abs(x0) > rest + rest or rest == 0.0:
            break
    return (x0 > 0.0) - (x0 < 0.0)


@device(inline=False)
def _two_sum(a, b):
    total = a + b
    virtual = total - a
    return total, (a - (total - virtual)) + (b - virtual)


@device(inline=False)
def _two_product(a, b):
    total = product(a, b)
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    error = product(a_high, b_high) - total
    error = error + product(a_high, b_low)
    error = error + product(a_low, b_high)
    return total, error + product(a_low, b_low)


@device(inline=False)
def _split(a):
    scaled = product(SPLITTER, a)
    high = scaled - (scaled - a)
    return high, a - high
