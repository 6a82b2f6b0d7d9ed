"""Trigonometry without branches and tables, so that it vectorises on a CPU and keeps to registers on a GPU.

Angles come in degrees and are reduced in degrees, where multiples of 360, right angles and differences of
nearby angles are exact; only then are they turned into radians. There is one set of functions per dtype,
`trig(dtype)`: a float32 set holds no float64 constant, which would promote the whole kernel.

Largest relative errors seen in millions of random arguments, against 80-bit arithmetic: `sin_degrees` 2.4e-16
(float32 1.3e-7), `first_quadrant_angle` 3.5e-16 (float32 2e-7).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from groundspeed.scalar.decorators import device

SINE_TERMS = {np.float64: 10, np.float32: 6}
"""Terms of the Taylor series of sin(x)/x - 1 on [-pi/2, pi/2]: what is left out is below 2e-18 and 7e-10."""

# atan(t) = t - t * t^2 * P(t^2) for |t| < 7/16, lowest power first: FreeBSD msun s_atan.c and s_atanf.c
# (s_atan.c is from fdlibm, (c) 1993 Sun Microsystems, freely granted).
ARCTANGENT = {
    np.float64: (
        3.33333333333329318027e-01,
        -1.99999999998764832476e-01,
        1.42857142725034663711e-01,
        -1.11111104054623557880e-01,
        9.09088713343650656196e-02,
        -7.69187620504482999495e-02,
        6.66107313738753120669e-02,
        -5.83357013379057348645e-02,
        4.97687799461593236017e-02,
        -3.65315727442169155270e-02,
        1.62858201153657823623e-02,
    ),
    np.float32: (
        3.3333328366e-01,
        -1.9999158382e-01,
        1.4253635705e-01,
        -1.0648017377e-01,
        6.1687607318e-02,
    ),
}


class Trig(NamedTuple):
    """The functions of one dtype; each takes and returns scalars of that dtype and passes NaN on.

    Attributes:
        real: the dtype's constructor, `numpy.float64` or `numpy.float32`.
        sin_degrees: sine of an angle in [-90, 90] degrees; odd to the last bit. The cosine of an angle in
            [-180, 180] is `sin_degrees(90 - abs(angle))`, which keeps all digits near 90 degrees.
        wrap_degrees: the angle less the nearest multiple of 360: in [-180, 180], exact up to 1e6 degrees.
        longitude_difference: `b - a` of two wrapped longitudes, wrapped; correctly rounded even across the
            antimeridian; changes only its sign when a and b are exchanged.
        first_quadrant_angle: `atan2(y, x)` in radians for y, x >= 0, not both 0.
    """

    real: Callable[[float], Any]
    sin_degrees: Callable[[Any], Any]
    wrap_degrees: Callable[[Any], Any]
    longitude_difference: Callable[[Any, Any], Any]
    first_quadrant_angle: Callable[[Any, Any], Any]


def trig(dtype: Any) -> Trig:
    """The functions of a dtype.

    Args:
        dtype: float64 or float32.

    Raises:
        ValueError: another dtype.

    Examples:
        >>> round(trig("float64").sin_degrees(30.0), 15)
        0.5
        >>> trig("float64").wrap_degrees(540.5)
        -179.5
    """
    real = np.dtype(dtype).type
    if real not in SINE_TERMS:
        raise ValueError(f"dtype must be float64 or float32, got {np.dtype(dtype)}; convert with .astype")
    return _trig(real)


@functools.cache
def _trig(real: Any) -> Trig:
    wrap = _wrap_degrees(real)
    return Trig(real, _sin_degrees(real), wrap, _longitude_difference(wrap), _first_quadrant_angle(real))


def polynomial(c: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Horner's rule, written out: `c[0] + c[1] * z + c[2] * z**2 + ...` as an inlined function.

    A loop over a tuple would do on a CPU, but one of the CUDA compilers keeps such a tuple in memory; a
    function per coefficient would double the time to compile.

    Args:
        c: 5, 6, 10, 11, 15, 16 ... coefficients of one dtype, lowest power first.

    Examples:
        >>> polynomial((1.0, 2.0, 3.0, 4.0, 5.0))(10.0)
        54321.0
    """
    c0, c1, c2, c3, c4 = c[:5]
    if len(c) == 5:

        @device
        def five(z):
            return c0 + z * (c1 + z * (c2 + z * (c3 + z * c4)))

        return five
    if len(c) == 6:
        c5 = c[5]

        @device
        def six(z):
            return c0 + z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * c5))))

        return six
    higher = polynomial(c[5:])

    @device
    def more(z):
        return c0 + z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * higher(z)))))

    return more


def _sin_degrees(real: Any) -> Callable[[Any], Any]:
    radian = real(math.pi / 180)
    terms = range(1, SINE_TERMS[real] + 1)
    series = polynomial(tuple(real((-1) ** k / math.factorial(2 * k + 1)) for k in terms))

    @device
    def sin_degrees(angle):
        x = angle * radian
        z = x * x
        return x + x * (z * series(z))

    return sin_degrees


def _wrap_degrees(real: Any) -> Callable[[Any], Any]:
    turn, per_turn = real(360), real(1 / 360)
    rounder = real(1.5 * 2.0 ** np.finfo(real).nmant)  # added and taken away, it rounds to an integer

    @device
    def wrap_degrees(angle):
        return angle - turn * ((angle * per_turn + rounder) - rounder)

    return wrap_degrees


def _longitude_difference(wrap: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    @device
    def longitude_difference(a, b):
        rounded = b - a
        part = rounded - b
        lost = (b - (rounded - part)) - (a + part)  # Knuth's two-sum: b - a = rounded + lost, exactly
        return wrap(rounded) + lost

    return longitude_difference


def _first_quadrant_angle(real: Any) -> Callable[[Any, Any], Any]:
    right, half = real(math.pi / 2), real(math.pi / 4)
    bend = real(math.sqrt(2) - 1)  # tan(pi/8): beyond it atan(t) = pi/4 + atan((t - 1) / (t + 1))
    series = polynomial(tuple(map(real, ARCTANGENT[real])))

    @device
    def first_quadrant_angle(y, x):
        steep = y > x
        low = x if steep else y
        high = y if steep else x
        bent = low > bend * high
        t = ((low - high) if bent else low) / ((low + high) if bent else high)
        z = t * t
        angle = t - t * (z * series(z))
        angle = half + angle if bent else angle
        return right - angle if steep else angle

    return first_quadrant_angle
