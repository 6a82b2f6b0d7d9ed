"""The branch-free functions of scalar/trig.py against 80-bit arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from groundspeed.scalar.trig import polynomial, trig

LONG = np.longdouble
RADIAN = np.arctan2(LONG(0), LONG(-1)) / 180
COUNT = 200_000

pytestmark = pytest.mark.skipif(np.finfo(LONG).eps > 1e-18, reason="needs an 80-bit long double as reference")


def column(function, a, b=None):
    """The function on every element of a, or of a and b."""

    @njit(error_model="numpy")
    def of_one(a, out):
        for i in range(out.size):
            out[i] = function(a[i])

    @njit(error_model="numpy")
    def of_two(a, b, out):
        for i in range(out.size):
            out[i] = function(a[i], b[i])

    out = np.empty_like(a)
    of_one(a, out) if b is None else of_two(a, b, out)
    return out


def worst(actual, expected, dtype):
    """Largest relative error in units of the dtype's epsilon."""
    return float(np.max(np.abs((actual - expected) / expected)) / np.finfo(dtype).eps)


@pytest.fixture(params=["float64", "float32"])
def dtype(request):
    return request.param


@pytest.fixture
def angles(dtype):
    """Of every size in [-90, 90], zero excluded."""
    random = np.random.default_rng(7)
    even, small = random.uniform(-90, 90, COUNT), 10.0 ** random.uniform(-20, 0, COUNT)
    return np.concatenate([even, small, -small, [90.0, -90.0, 45.0, 30.0]]).astype(dtype)


def test_sine(dtype, angles):
    expected = np.sin(angles.astype(LONG) * RADIAN)
    assert worst(column(trig(dtype).sin_degrees, angles), expected, dtype) < 1.3


def test_sine_is_odd_and_zero_at_zero(dtype, angles):
    sine = trig(dtype).sin_degrees
    assert np.array_equal(column(sine, angles), -column(sine, -angles))
    assert sine(trig(dtype).real(0)) == 0


def test_cosine_by_the_complement_keeps_digits_near_ninety(dtype):
    real = trig(dtype).real
    latitudes = (90 - 10.0 ** np.random.default_rng(1).uniform(-10, 0, COUNT)).astype(dtype)
    latitudes = latitudes[latitudes < 90]
    cosines = column(trig(dtype).sin_degrees, real(90) - latitudes)
    assert worst(cosines, np.sin((90 - latitudes.astype(LONG)) * RADIAN), dtype) < 1.3


def test_angle(dtype):
    random = np.random.default_rng(3)
    theta = np.concatenate([random.uniform(0, math.pi / 2, COUNT), 10.0 ** random.uniform(-15, 0, COUNT)])
    y, x = np.sin(theta).astype(dtype), np.cos(theta).astype(dtype)
    angle = trig(dtype).first_quadrant_angle
    assert worst(column(angle, y, x), np.arctan2(y.astype(LONG), x.astype(LONG)), dtype) < 2
    assert worst(column(angle, x, y), np.arctan2(x.astype(LONG), y.astype(LONG)), dtype) < 2


@pytest.mark.parametrize(("y", "x", "expected"), [(0, 1, 0.0), (1, 0, math.pi / 2), (1, 1, math.pi / 4)])
def test_angle_is_exact_where_it_can_be(dtype, y, x, expected):
    real = trig(dtype).real
    assert trig(dtype).first_quadrant_angle(real(y), real(x)) == real(expected)


@given(turns=st.integers(-2777, 2777), rest=st.integers(-179 * 8, 179 * 8))
def test_wrapping_whole_turns_is_exact(turns, rest):
    for dtype in ("float64", "float32"):
        real = trig(dtype).real
        assert trig(dtype).wrap_degrees(real(360 * turns + rest / 8)) == real(rest / 8)


def test_wrapping_is_exact_for_any_longitude_up_to_a_million():
    angles = np.random.default_rng(5).uniform(-1e6, 1e6, COUNT)
    wrapped = column(trig("float64").wrap_degrees, angles)
    assert np.array_equal(wrapped, [math.remainder(angle, 360) for angle in angles])


def test_longitude_difference_across_the_antimeridian_is_correctly_rounded(dtype):
    real, random = trig(dtype).real, np.random.default_rng(9)
    east = (180 - 10.0 ** random.uniform(-12, 1, COUNT)).astype(dtype)
    west = (-180 + 10.0 ** random.uniform(-12, 1, COUNT)).astype(dtype)
    across = column(trig(dtype).longitude_difference, east, west)
    exact = (west.astype(LONG) - east.astype(LONG)) + 360
    assert np.array_equal(across, exact.astype(real))
    assert np.array_equal(across, -column(trig(dtype).longitude_difference, west, east))


def test_nan_stays_nan(dtype):
    functions, nan = trig(dtype), trig(dtype).real(math.nan)
    one = functions.real(1)
    assert math.isnan(functions.sin_degrees(nan))
    assert math.isnan(functions.wrap_degrees(nan))
    assert math.isnan(functions.longitude_difference(one, nan))
    assert math.isnan(functions.first_quadrant_angle(nan, nan))


def test_results_keep_the_dtype(dtype):
    functions = trig(dtype)
    argument = np.array([30], dtype)

    @njit(error_model="numpy")
    def dtypes(a):
        return np.array([functions.sin_degrees(a[0])]), np.array([functions.first_quadrant_angle(a[0], a[0])])

    assert {array.dtype for array in dtypes(argument)} == {np.dtype(dtype)}


@pytest.mark.parametrize("terms", [5, 6, 10, 11, 16])
def test_polynomial_is_horner(terms):
    assert polynomial(tuple(float(k) for k in range(terms)))(2.0) == sum(k * 2.0**k for k in range(terms))


def test_another_dtype_is_refused():
    with pytest.raises(ValueError, match=r"dtype must be float64 or float32, got int64.*astype"):
        trig("int64")
