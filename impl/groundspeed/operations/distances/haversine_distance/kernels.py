"""Great-circle distance of one pair of points: the body shared by all engines."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.engines.kernels import Kernel
from groundspeed.scalar.trig import inlined, trig

FAR_LONGITUDE = 1e6
"""Degrees; beyond it longitudes are wrapped by an exact remainder before the kernel sees them."""

FLOPS = {"float64": 219, "float32": 159}
"""Per pair, counting each addition, multiplication, division, square root and comparison as one."""


def body(dtype: Any) -> Callable[..., None]:
    """The elementwise body of a dtype: `body(i, lon1, lat1, lon2, lat2, diameter, out)`.

    A pair it refuses (a latitude beyond 90 degrees, a longitude beyond `FAR_LONGITUDE`) gets an infinite
    distance, which costs no branch; NaN gives NaN.
    """
    return _body(np.dtype(dtype).type)


@functools.cache
def _body(real: Any) -> Callable[..., None]:
    sine, wrap, difference, angle = trig(real)[1:]
    half, right, far, infinity = real(0.5), real(90), real(FAR_LONGITUDE), real(math.inf)

    @inlined
    def haversine(i, lon1, lat1, lon2, lat2, diameter, out):
        # One thread, one pair. A GPU is bound by memory in float32 and by arithmetic in float64, a CPU by
        # both.
        phi1, phi2 = lat1[i], lat2[i]
        half_lon = abs(half * difference(wrap(lon1[i]), wrap(lon2[i])))
        cosines = sine(right - abs(phi1)) * sine(right - abs(phi2))
        apart, opposite = sine(half * (phi2 - phi1)), sine(half * (phi2 + phi1))
        sin_lon, cos_lon = sine(half_lon), sine(right - half_lon)
        # sin^2 and cos^2 of half the central angle, both as sums of positive terms: neither is ever 1 - the
        # other.
        sin2 = apart * apart + cosines * (sin_lon * sin_lon)
        cos2 = opposite * opposite + cosines * (cos_lon * cos_lon)
        distance = diameter * angle(math.sqrt(sin2), math.sqrt(cos2))
        refused = (abs(phi1) > right) | (abs(phi2) > right) | (abs(lon1[i]) > far) | (abs(lon2[i]) > far)
        out[i] = infinity if refused else distance

    return haversine


def _kernel(dtype: Any) -> Kernel:
    column = np.empty(1, dtype)
    return Kernel(
        name=f"haversine_{column.dtype}",
        function=body(dtype),
        example=(column, column, column, column, column.dtype.type(1), column),
        bytes_per_element=5 * column.itemsize,
        flops_per_element=FLOPS[str(column.dtype)],
        dtype=str(column.dtype),  # type: ignore[arg-type]
    )


KERNELS = (_kernel(np.float64), _kernel(np.float32))
