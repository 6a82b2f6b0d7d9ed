"""orientation: exact against rational arithmetic, antisymmetric, unfused in the machine code of a GPU."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from requirements import need

from groundspeed.engines import _compile
from groundspeed.engines.device import elementwise_kernel
from groundspeed.operations.joins.point_in_polygon.kernels import KERNELS
from groundspeed.scalar.orientation import exact_orientation, orientation
from groundspeed.scalar.unfused import determinant_bound, product

SIZES = ("1", "1e-140", "1e-60", "1e-8", "1e8", "1e60", "1e135")
unit = st.floats(-1, 1, allow_subnormal=False)


def truth(*coordinates):
    ax, ay, bx, by, cx, cy = map(Fraction, coordinates)
    determinant = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx)
    return (determinant > 0) - (determinant < 0)


@st.composite
def near_collinear(draw):
    """Three points, the third one on the line of the others but for rounding and a few ulps."""
    ax, ay, bx, by, t = (draw(unit) for _ in range(5))
    cx, cy = ax + t * (bx - ax), ay + t * (by - ay)
    for _ in range(draw(st.integers(0, 3))):
        cx = float(np.nextafter(cx, draw(st.sampled_from((-2.0, 2.0)))))
    return ax, ay, bx, by, cx, cy


@pytest.mark.parametrize(
    ("triangle", "expected"),
    [
        ((0.0, 0.0, 1.0, 0.0, 0.0, 1.0), 1),
        ((0.0, 0.0, 0.0, 1.0, 1.0, 0.0), -1),
        ((0.0, 0.0, 1.0, 1.0, 2.0, 2.0), 0),
        ((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0),
        ((3.0, 4.0, 3.0, 4.0, 5.0, 6.0), 0),
        ((0.5, 0.5, 12.0, 12.0, 24.0, 24.0), 0),
        ((np.nextafter(0.5, 1), 0.5, 12.0, 12.0, 24.0, 24.0), -1),
        ((5e-324, 0.0, 0.0, 1e-7, 0.0, 0.0), 1),
        ((1e15, 1e15 + 1, 1e15 + 2, 1e15 + 3, 1e15 + 4, 1e15 + 5), 0),
    ],
)
def test_known_triangles(triangle, expected):
    assert orientation(*triangle) == expected
    assert truth(*triangle) == expected


@given(near_collinear(), st.sampled_from(SIZES))
def test_exact_where_rounding_decides(triangle, size):
    triangle = [value * float(size) for value in triangle]
    if any(0 < abs(value) < 1e-145 for value in triangle):
        return
    assert orientation(*triangle) == exact_orientation(*triangle) == truth(*triangle)


@given(st.lists(unit, min_size=6, max_size=6), st.lists(st.integers(-200, 200), min_size=6, max_size=6))
def test_exact_with_magnitudes_far_apart(values, exponents):
    triangle = [value * 2.0**exponent for value, exponent in zip(values, exponents, strict=True)]
    assert orientation(*triangle) == truth(*triangle)


@given(near_collinear())
def test_swapping_two_points_turns_the_sign(triangle):
    ax, ay, bx, by, cx, cy = triangle
    sign = orientation(*triangle)
    assert orientation(bx, by, ax, ay, cx, cy) == -sign
    assert orientation(ax, ay, cx, cy, bx, by) == -sign
    assert orientation(bx, by, cx, cy, ax, ay) == sign


@given(near_collinear(), st.sampled_from((1.0, 1e-18, 1e18, 1e37)))
def test_float32_is_exact_too(triangle, size):
    triangle = [np.float32(value * size) for value in triangle]
    assert orientation(*triangle) == truth(*map(float, triangle))


def test_the_filter_alone_would_fail():
    """The samples above reach the exact part: rounded determinants get thousands of such signs wrong."""
    rng = np.random.default_rng(1)
    a, b, t = rng.uniform(-1, 1, (2, 2000)), rng.uniform(-1, 1, (2, 2000)), rng.uniform(-1, 1, 2000)
    c = a + t * (b - a)
    rounded = np.sign((a[0] - c[0]) * (b[1] - c[1]) - (a[1] - c[1]) * (b[0] - c[0]))
    exact = [orientation(*row) for row in np.vstack([a, b, c]).T.tolist()]
    assert np.count_nonzero(rounded != exact) > 100
    assert exact == [truth(*row) for row in np.vstack([a, b, c]).T.tolist()]


def test_plain_python_gives_the_same():
    for dtype in (np.float64, np.float32):
        assert product(dtype(3), dtype(0.5)) == 1.5
        assert determinant_bound(dtype(1)).dtype == dtype
    assert determinant_bound(np.float32(1)) > determinant_bound(np.float64(1)) > 0


def test_no_product_of_the_predicate_can_be_fused_on_a_gpu():
    need("gcc", "numba_cuda")
    kernel = next(one for one in KERNELS if one.name == "walk_list_float64")
    loop = elementwise_kernel(kernel.function, len(kernel.example))
    ptx = _compile.compile_ptx(loop, (np.int64(1), kernel.example), (9, 0))
    assert len(re.findall(r"\bmul\.rn\.f64", ptx)) > 50
    # What remains are the cell of a coordinate, whose rounding is the same everywhere, and the error bound.
    assert len(re.findall(r"\bmul\.f64", ptx)) <= 12
