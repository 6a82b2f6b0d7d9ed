"""Arithmetic, run through the real compiler and the emulator, equals NumPy or the documented error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from emulator.defects import defect_of_mlir
from emulator.host_arrays import HostArrays
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from groundspeed.engines._numba_cuda import cuda

RANDOM = np.random.default_rng(7)


@njit
def bits_and_divisions(i, a, b, out):
    out[i, 0] = a[i] // b[i] if b[i] != 0 else 0
    out[i, 1] = a[i] % b[i] if b[i] != 0 else 0
    out[i, 2] = a[i] << (b[i] & 63)
    out[i, 3] = a[i] >> (b[i] & 63)
    out[i, 4] = a[i] & b[i] | ~a[i] ^ b[i]
    out[i, 5] = a[i] * b[i] - abs(a[i])
    out[i, 6] = min(a[i], b[i]) - max(a[i], b[i])


INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-70, 70)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(INTEGERS, INTEGERS), min_size=1, max_size=20))
def test_integer_arithmetic(pairs):
    a, b = np.array(pairs, np.int64).T.copy()
    out = np.zeros((a.size, 7), np.int64)
    _shared_engine().for_each(bits_and_divisions, a.size, a, b, out)
    # Numba's quotient of the smallest integer and -1 is not defined; leave it out.
    defined = (b != 0) & ~((a == -(2**63)) & (b == -1))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(out[defined, 0], a[defined] // b[defined])
        np.testing.assert_array_equal(out[defined, 1], a[defined] % b[defined])
        np.testing.assert_array_equal(out[:, 2], a << (b & 63))
        np.testing.assert_array_equal(out[:, 3], a >> (b & 63))
        np.testing.assert_array_equal(out[:, 4], a & b | ~a ^ b)
        np.testing.assert_array_equal(out[:, 5], a * b - np.abs(a))
        np.testing.assert_array_equal(out[:, 6], np.minimum(a, b) - np.maximum(a, b))


_ENGINES: list[HostArrays] = []


def _shared_engine():
    if not _ENGINES:
        _ENGINES.append(HostArrays())
    return _ENGINES[0]


@njit
def conversions(i, x, as32, as64, as_unsigned, back):
    as32[i] = np.int32(x[i])
    as64[i] = np.int64(x[i])
    as_unsigned[i] = np.uint8(np.int64(x[i]) & 255)
    back[i] = np.float32(x[i])


def test_conversions(engine):
    x = np.array([0.0, -0.0, 0.5, -0.5, 1.5, -2.7, 255.9, -256.2, 2.0**31 - 1, -(2.0**31), 123456.789])
    out = [np.empty(x.size, kind) for kind in (np.int32, np.int64, np.uint8, np.float32)]
    engine.for_each(conversions, x.size, x, *out)
    integral = np.trunc(x).astype(np.int64)
    np.testing.assert_array_equal(out[0], integral.astype(np.int32))
    np.testing.assert_array_equal(out[1], integral)
    np.testing.assert_array_equal(out[2], (integral & 255).astype(np.uint8))
    np.testing.assert_array_equal(out[3], x.astype(np.float32))


def test_conversions_saturate_as_the_hardware_does(emulator):
    x = np.array([1e30, -1e30, math.inf, -math.inf, math.nan])
    out = [np.empty(x.size, kind) for kind in (np.int32, np.int64, np.uint8, np.float32)]
    emulator.for_each(conversions, x.size, x, *out)
    assert out[1].tolist() == [2**63 - 1, -(2**63), 2**63 - 1, -(2**63), -(2**63)]


@njit
def roundings(i, x, out):
    out[i, 0] = math.floor(x[i])
    out[i, 1] = math.ceil(x[i])
    out[i, 2] = math.trunc(x[i])


@njit
def nearest_even(i, x, out):
    out[i] = round(x[i])


HALVES = np.array([-2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 2.49, -7.51, 1e9 + 0.5])


def test_roundings(engine):
    out = np.empty((HALVES.size, 3))
    engine.for_each(roundings, HALVES.size, HALVES, out)
    expected = [np.floor(HALVES), np.ceil(HALVES), np.trunc(HALVES)]
    np.testing.assert_array_equal(out, np.stack(expected, axis=1))


@defect_of_mlir("rounds halves away from zero")
def test_round_to_even(emulator):
    out = np.empty(HALVES.size)
    emulator.for_each(nearest_even, HALVES.size, HALVES, out)
    np.testing.assert_array_equal(out, np.round(HALVES))


FUNCTIONS = {  # name: lowest and highest argument, allowed error in ulp for float64 and float32
    "sin": (-100.0, 100.0, 2, 2),
    "cos": (-100.0, 100.0, 2, 2),
    "tan": (-1.5, 1.5, 2, 4),
    "asin": (-1.0, 1.0, 2, 2),
    "acos": (-1.0, 1.0, 2, 2),
    "atan": (-50.0, 50.0, 2, 2),
    "exp": (-50.0, 50.0, 1, 1),
    "log": (1e-3, 1e3, 1, 1),
    "log1p": (-0.5, 5.0, 1, 1),
    "expm1": (-2.0, 2.0, 1, 1),
    "tanh": (-3.0, 3.0, 2, 2),
    "sinh": (-3.0, 3.0, 2, 3),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_mathematical_functions(emulator, name, dtype):
    """Within the errors that the CUDA C++ Programming Guide lists under "Mathematical Functions"."""
    function = getattr(math, name)

    @njit
    def body(i, x, out):
        out[i] = function(x[i])

    low, high, *allowed = FUNCTIONS[name]
    x = RANDOM.uniform(low, high, 20_000).astype(dtype)
    out = np.empty_like(x)
    emulator.for_each(body, x.size, x, out)
    numpy_name = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name)
    rounded = getattr(np, numpy_name)(x.astype(np.longdouble)).astype(dtype)
    ulp = np.abs(out - rounded) / np.spacing(np.abs(rounded))
    assert ulp.max() <= allowed[dtype is np.float32]


@njit
def square_root(i, x, out):
    out[i] = math.sqrt(x[i])


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_square_roots_are_correctly_rounded(engine, dtype):
    x = RANDOM.uniform(0, 1e3, 20_000).astype(dtype)
    out = np.empty_like(x)
    engine.for_each(square_root, x.size, x, out)
    np.testing.assert_array_equal(out, np.sqrt(x))


@njit
def two_arguments(i, x, y, out):
    out[i, 0] = x[i] / y[i]
    out[i, 1] = math.atan2(x[i], y[i])
    out[i, 2] = math.hypot(x[i], y[i])
    out[i, 3] = math.pow(abs(x[i]), 1.7)
    out[i, 4] = math.copysign(x[i], y[i])
    out[i, 5] = math.fmod(x[i], y[i])


def test_functions_of_two_arguments(engine):
    x, y = RANDOM.uniform(-50, 50, (2, 5000))
    x[:2], y[:2] = (0.0, 1.0), (-0.0, 0.0)
    out = np.empty((x.size, 6))
    engine.for_each(two_arguments, x.size, x, y, out)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(out[:, 0], x / y)
        np.testing.assert_array_equal(out[:, 5], np.fmod(x, y))
    np.testing.assert_allclose(out[:, 1], np.arctan2(x, y), rtol=5e-16)
    np.testing.assert_allclose(out[:, 2], np.hypot(x, y), rtol=5e-16)
    np.testing.assert_allclose(out[:, 3], np.abs(x) ** 1.7, rtol=5e-16)
    np.testing.assert_array_equal(out[:, 4], np.copysign(x, y))


@njit
def comparisons(i, x, y, out):
    out[i, 0] = x[i] < y[i]
    out[i, 1] = x[i] <= y[i]
    out[i, 2] = x[i] == y[i]
    out[i, 3] = not (x[i] > y[i])
    out[i, 4] = math.isnan(x[i])
    out[i, 5] = math.isinf(x[i])


@njit
def different(i, x, y, out):
    out[i] = x[i] != y[i]


SPECIAL = np.array([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan])
LEFT, RIGHT = np.repeat(SPECIAL, SPECIAL.size), np.tile(SPECIAL, SPECIAL.size)


def test_comparisons_with_nan_and_infinity(engine):
    x, y = LEFT, RIGHT
    out = np.empty((x.size, 6), np.bool_)
    engine.for_each(comparisons, x.size, x, y, out)
    expected = [x < y, x <= y, x == y, ~(x > y), np.isnan(x), np.isinf(x)]
    np.testing.assert_array_equal(out, np.stack(expected, axis=1))


@defect_of_mlir("says that NaN does not differ from anything")
def test_nan_differs_from_everything(emulator):
    out = np.empty(LEFT.size, np.bool_)
    emulator.for_each(different, LEFT.size, LEFT, RIGHT, out)
    np.testing.assert_array_equal(out, LEFT != RIGHT)


def bit_kernel(x, out):
    i = cuda.grid(1)
    if i < x.size:
        out[i, 0] = cuda.popc(x[i])
        out[i, 1] = cuda.clz(x[i])
        out[i, 2] = cuda.brev(x[i])
        out[i, 3] = cuda.ffs(x[i])


def test_bit_counts(emulator):
    x = np.array([0, 1, 2, 0x80000000, 0xFFFFFFFF, 0x12345678], np.uint32)
    out = np.empty((x.size, 4), np.uint32)
    emulator.launch(bit_kernel, 1, 32, x, out)
    text = [f"{value:032b}" for value in x]
    assert out[:, 0].tolist() == [t.count("1") for t in text]
    assert out[:, 1].tolist() == [len(t) - len(t.lstrip("0")) for t in text]
    assert out[:, 2].tolist() == [int(t[::-1], 2) for t in text]
    assert out[:, 3].tolist() == [t[::-1].find("1") + 1 for t in text]
