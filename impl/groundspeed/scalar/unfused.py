"""Products that no compiler fuses with a later addition, from one source on every engine.

A GPU's toolchain turns `a * b - c * d` into a fused multiply-add, which rounds one product and not the
other: the sign of a determinant then depends on the order of its rows. The CPU compiler never does that
unasked. So `product` is `*` on the CPU and `mul.rn` on a device (see
`groundspeed.engines._device_functions`).
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

# Shewchuk (1997), "Adaptive precision floating-point arithmetic", ccwerrboundA = (3 + 16 u) u with u half
# an ulp of 1. The additive term keeps the bound true where a product underflows.
BOUND_64, TINY_64 = np.float64(3.3306690738754716e-16), np.float64(1e-290)
BOUND_32, TINY_32 = np.float32(1.7881411e-07), np.float32(1e-30)


def product(a, b):
    """`a * b`, rounded once, in the type of the arguments.

    Examples:
        >>> product(0.5, 3.0)
        1.5
    """
    return a * b


def determinant_bound(magnitude):
    """Largest rounding error of a 2 x 2 determinant of differences.

    Args:
        magnitude: sum of the absolute values of its two products, float64 or float32.

    Returns:
        The bound, in the type of the argument.
    """
    if isinstance(magnitude, np.float32):
        return BOUND_32 * magnitude + TINY_32
    return BOUND_64 * magnitude + TINY_64


@overload(product)
def _product(a, b):
    return lambda a, b: a * b


@overload(determinant_bound)
def _determinant_bound(magnitude):
    if magnitude == types.float32:
        return lambda magnitude: BOUND_32 * magnitude + TINY_32
    return lambda magnitude: BOUND_64 * magnitude + TINY_64
