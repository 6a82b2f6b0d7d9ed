"""Great-circle distance of one pair of points: the bodies shared by all engines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.engines.kernels import Kernel
from groundspeed.scalar.decorators import device, elementwise
from groundspeed.scalar.trig import trig

FAR_LONGITUDE = 1e6
"""Degrees; beyond it longitudes are wrapped by an exact remainder before the kernel sees them."""

REFUSED = np.uint8(1)
INFINITE_32 = np.float32(math.inf)  # a plain infinity would be a float64 in the kernel

FLOPS = {"float64": 223, "float32": 163}
"""Per pair; an addition, product, quotient, square root, comparison or absolute value counts as one."""


def _distance(real: Any) -> Callable[..., Any]:
    """The distance of one pair, for one dtype.

    A pair it refuses (a latitude beyond 90 degrees, a longitude beyond `FAR_LONGITUDE`) gets an infinite
    distance, which costs no branch; NaN gives NaN.
    """
    sine, wrap, difference, angle = trig(real)[1:]
    half, right, far, infinity = real(0.5), real(90), real(FAR_LONGITUDE), real(math.inf)

    @device
    def distance(lon1, lat1, lon2, lat2, diameter):
        half_lon = abs(half * difference(wrap(lon1), wrap(lon2)))
        cosines = sine(right - abs(lat1)) * sine(right - abs(lat2))
        apart, opposite = sine(half * (lat2 - lat1)), sine(half * (lat2 + lat1))
        sin_lon, cos_lon = sine(half_lon), sine(right - half_lon)
        # sin^2 and cos^2 of half the central angle, both sums of positive terms: neither is 1 - the other.
        sin2 = apart * apart + cosines * (sin_lon * sin_lon)
        cos2 = opposite * opposite + cosines * (cos_lon * cos_lon)
        refused = (abs(lat1) > right) | (abs(lat2) > right) | (abs(lon1) > far) | (abs(lon2) > far)
        return infinity if refused else diameter * angle(math.sqrt(sin2), math.sqrt(cos2))

    return distance


distance_float64 = _distance(np.float64)
distance_float32 = _distance(np.float32)


@elementwise
def haversine_float64(i, lon1, lat1, lon2, lat2, diameter, out, refused):
    """One thread, one pair. Bound by arithmetic where float64 is slow, else by memory."""
    distance = distance_float64(lon1[i], lat1[i], lon2[i], lat2[i], diameter)
    out[i] = distance
    if distance == math.inf:
        refused[0] = REFUSED


@elementwise
def haversine_float32(i, lon1, lat1, lon2, lat2, diameter, out, refused):
    """One thread, one pair. Bound by memory."""
    distance = distance_float32(lon1[i], lat1[i], lon2[i], lat2[i], diameter)
    out[i] = distance
    if distance == INFINITE_32:
        refused[0] = REFUSED


BODIES = {"float64": haversine_float64, "float32": haversine_float32}
"""By dtype: `body(i, lon1, lat1, lon2, lat2, diameter, out, refused)`, all of that dtype but `refused`, one
uint8, which becomes REFUSED where any pair was."""


def _kernel(dtype: Any) -> Kernel:
    column, diameter = np.empty(1, dtype), np.dtype(dtype).type(1)
    return Kernel(
        name=f"haversine_{dtype}",
        function=BODIES[dtype],
        example=(column, column, column, column, diameter, column, np.empty(1, np.uint8)),
        bytes_per_element=5 * column.itemsize,
        flops_per_element=FLOPS[dtype],
        dtype=dtype,
    )


KERNELS = (_kernel("float64"), _kernel("float32"))
