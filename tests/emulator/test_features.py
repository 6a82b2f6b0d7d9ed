"""What kernels use, run through the real compiler and the emulator, equals NumPy."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from groundspeed.engines._numba_cuda import COMPILER, cuda
from groundspeed.engines.emulator import EmulatorEngine, UnsupportedPtx, build
from groundspeed.engines.emulator.ptx import parse

RANDOM = np.random.default_rng(7)


def defect_of_mlir(what):
    """Expect a failure under numba-cuda-mlir, and fail where a new release has repaired it."""
    return pytest.mark.xfail(COMPILER == "mlir", reason=f"numba-cuda-mlir 0.6.0 {what}", strict=True)


@pytest.fixture(scope="module", params=[(False, 0), (True, 0), (True, 5)], ids=["unfused", "fused", "seed5"])
def engine(request):
    contract, seed = request.param
    return EmulatorEngine(contract=contract, seed=seed)


@pytest.fixture(scope="module")
def emulator():
    return EmulatorEngine()


@njit
def twice_plus_index(i, x, out):
    out[i] = 2.0 * x[i] + i


@pytest.mark.parametrize("n", [0, 1, 31, 32, 255, 256, 257, 767, 768, 769, 49_152, 50_000])
def test_every_element_is_visited_once(engine, n):
    x = RANDOM.random(n)
    out = np.full(n, np.nan)
    engine.for_each(twice_plus_index, n, x, out)
    np.testing.assert_array_equal(out, 2.0 * x + np.arange(n))


def test_a_million_elements_take_seconds(emulator):
    x = RANDOM.random(1_000_000)
    out = np.empty_like(x)
    start = time.perf_counter()
    emulator.for_each(twice_plus_index, x.size, x, out)
    assert time.perf_counter() - start < 20.0
    np.testing.assert_array_equal(out, 2.0 * x + np.arange(x.size))


@njit
def mixed_columns(i, table, scales, offset, flags, out):
    names, (factor, shift) = scales
    if flags[i]:
        out[i] = (table[i, 0] + table[i, 1]) * factor + shift + names[i] + offset


def test_tuples_scalars_flags_and_matrices(engine):
    n = 1000
    table, names, flags = RANDOM.random((n, 2)), RANDOM.integers(0, 9, n, np.int32), RANDOM.random(n) < 0.5
    out = np.zeros(n)
    engine.for_each(mixed_columns, n, table, (names, (2.0, np.float32(0.5))), np.int64(-3), flags, out)
    expected = np.where(flags, table.sum(axis=1) * 2.0 + 0.5 + names - 3, 0.0)
    np.testing.assert_allclose(out, expected, rtol=1e-15, atol=1e-15)


def test_grouping_is_the_cpu_engines(emulator):
    order, starts = emulator.group(np.array([2, 0, 2, 1], np.int64), 4)
    assert order.tolist() == [1, 3, 0, 2]
    assert starts.tolist() == [0, 1, 2, 4, 4]


def atomics(keys, values, sums, floats, lowest, highest, bits):
    i = cuda.grid(1)
    if i < keys.size:
        k = keys[i]
        cuda.atomic.add(sums, k, values[i])
        cuda.atomic.add(floats, k, np.float64(values[i]) * 0.5)
        cuda.atomic.min(lowest, k, values[i])
        cuda.atomic.max(highest, k, np.float64(values[i]))
        cuda.atomic.or_(bits, k, np.uint32(1) << np.uint32(values[i] & 31))
        cuda.atomic.xor(bits, 16 + k, np.uint32(values[i]))
        cuda.atomic.and_(bits, 32 + k, np.uint32(values[i]))


def test_atomics(engine):
    n = 3000
    keys, values = RANDOM.integers(0, 16, n), RANDOM.integers(-1000, 1000, n)
    sums, floats = np.zeros(16, np.int64), np.zeros(16)
    lowest, highest = np.full(16, 10**6), np.full(16, -np.inf)
    bits = np.zeros(48, np.uint32)
    bits[32:] = 0xFFFFFFFF
    engine.launch(atomics, 12, 256, keys, values, sums, floats, lowest, highest, bits)
    groups = [values[keys == k] for k in range(16)]
    unsigned = [group.astype(np.uint32) for group in groups]
    assert sums.tolist() == [g.sum() for g in groups]
    np.testing.assert_array_equal(floats, [g.sum() / 2 for g in groups])
    assert lowest.tolist() == [g.min() for g in groups]
    assert highest.tolist() == [g.max() for g in groups]
    assert bits[:16].tolist() == [
        np.bitwise_or.reduce(np.uint32(1) << (g & 31).astype(np.uint32)) for g in groups
    ]
    assert bits[16:32].tolist() == [np.bitwise_xor.reduce(u) for u in unsigned]
    assert bits[32:].tolist() == [np.bitwise_and.reduce(u) for u in unsigned]


def exchanges(tickets, owner, seen):
    i = cuda.grid(1)
    seen[i] = cuda.atomic.add(tickets, 0, 1)
    cuda.atomic.cas(owner, 0, np.int64(-1), np.int64(i))
    cuda.atomic.exch(owner, 1, np.int64(i))


def test_exchange_and_compare_and_swap(engine):
    tickets, owner, seen = np.zeros(1, np.int64), np.full(2, -1), np.empty(512, np.int64)
    engine.launch(exchanges, 4, 128, tickets, owner, seen)
    assert sorted(seen) == list(range(512))
    assert tickets[0] == 512
    assert 0 <= owner[0] < 512
    assert 0 <= owner[1] < 512


def block_sum(x, out):
    tile = cuda.shared.array(128, np.float64)
    t, i = cuda.threadIdx.x, cuda.grid(1)
    tile[t] = x[i] if i < x.size else 0.0
    cuda.syncthreads()
    half = 64
    while half > 0:
        if t < half:
            tile[t] += tile[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = tile[0]


def test_shared_memory_reduction(engine):
    x = RANDOM.integers(0, 1000, 10_007).astype(np.float64)
    out = np.empty(79)
    engine.launch(block_sum, 79, 128, x, out)
    padded = np.append(x, np.zeros(79 * 128 - x.size))
    np.testing.assert_array_equal(out, padded.reshape(79, 128).sum(axis=1))


def warp_sum_and_votes(x, sums, votes, swapped):
    i = cuda.grid(1)
    value = x[i]
    step = 16
    while step > 0:
        value += cuda.shfl_down_sync(0xFFFFFFFF, value, step)
        step //= 2
    if i % 32 == 0:
        sums[i // 32] = value
    ballot = cuda.ballot_sync(0xFFFFFFFF, x[i] > 500)
    votes[i, 0] = ballot
    votes[i, 1] = cuda.any_sync(0xFFFFFFFF, x[i] > 990)
    votes[i, 2] = cuda.all_sync(0xFFFFFFFF, x[i] > 10)
    swapped[i, 0] = cuda.shfl_xor_sync(0xFFFFFFFF, x[i], 5)
    swapped[i, 1] = cuda.shfl_up_sync(0xFFFFFFFF, x[i], 3)
    swapped[i, 2] = cuda.shfl_sync(0xFFFFFFFF, x[i], 9)


def test_warp_operations(engine):
    x = RANDOM.integers(0, 1000, 256)
    warps = x.reshape(8, 32)
    sums, votes, swapped = np.empty(8, np.int64), np.empty((256, 3), np.int64), np.empty((256, 3), np.int64)
    engine.launch(warp_sum_and_votes, 2, 128, x, sums, votes, swapped)
    lane = np.arange(32)
    assert sums.tolist() == warps.sum(axis=1).tolist()
    assert votes[::32, 0].astype(np.uint32).tolist() == ((warps > 500) << lane).sum(axis=1).tolist()
    assert votes[::32, 1].tolist() == (warps > 990).any(axis=1).tolist()
    assert votes[::32, 2].tolist() == (warps > 10).all(axis=1).tolist()
    np.testing.assert_array_equal(swapped[:, 0], warps[:, lane ^ 5].ravel())
    np.testing.assert_array_equal(swapped[:, 1], warps[:, np.where(lane < 3, lane, lane - 3)].ravel())
    np.testing.assert_array_equal(swapped[:, 2], np.repeat(warps[:, 9], 32))


def shuffle_pairs(x, out):
    i = cuda.grid(1)
    out[i] = cuda.shfl_xor_sync(0xFFFFFFFF, x[i], 1)


@defect_of_mlir("shuffles 64-bit values in 32 bits")
@pytest.mark.parametrize("dtype", [np.float64, np.int64], ids=["float64", "int64"])
def test_shuffles_of_64_bits(emulator, dtype):
    x = (RANDOM.random(64) * 2.0**60).astype(dtype)
    out = np.empty_like(x)
    emulator.launch(shuffle_pairs, 1, 64, x, out)
    np.testing.assert_array_equal(out, x.reshape(32, 2)[:, ::-1].ravel())


def barrier_votes(x, out):
    t = cuda.threadIdx.x
    out[t, 0] = cuda.syncthreads_count(np.int32(x[t] > 0))
    out[t, 1] = cuda.syncthreads_and(np.int32(x[t] > 0))
    out[t, 2] = cuda.syncthreads_or(np.int32(x[t] > 0))


@pytest.mark.parametrize("positive", [0, 40, 96])
def test_barriers_with_a_vote(emulator, positive):
    x = np.where(np.arange(96) < positive, 1.0, -1.0)
    out = np.empty((96, 3), np.int64)
    emulator.launch(barrier_votes, 1, 96, x, out)
    assert set(map(tuple, out)) == {(positive, int(positive == 96), int(positive > 0))}


def plane(out):
    x, y = cuda.grid(2)
    if x < out.shape[0] and y < out.shape[1]:
        out[x, y] = x * 1000 + y + cuda.blockDim.x * cuda.gridDim.y


def test_two_dimensional_grids(engine):
    out = np.zeros((37, 21), np.int64)
    engine.launch(plane, (5, 6), (8, 4), out)
    expected = np.arange(37)[:, None] * 1000 + np.arange(21) + 48
    np.testing.assert_array_equal(out, expected)


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


_ENGINES: list[EmulatorEngine] = []


def _shared_engine():
    if not _ENGINES:
        _ENGINES.append(EmulatorEngine())
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


def local_stack(out):
    """Depth-first walk of a complete binary tree, children before siblings."""
    stack = cuda.local.array(32, np.int32)
    i = cuda.grid(1)
    stack[0] = 1
    depth, total = 1, 0
    while depth > 0:
        depth -= 1
        node = stack[depth]
        total += node
        if node < i:
            stack[depth] = 2 * node
            stack[depth + 1] = 2 * node + 1
            depth += 2
    out[i] = total


def test_local_arrays(engine):
    out = np.zeros(64, np.int64)
    engine.launch(local_stack, 2, 32, out)

    def total(node, limit):
        return node + (total(2 * node, limit) + total(2 * node + 1, limit) if node < limit else 0)

    assert out.tolist() == [total(1, i) for i in range(64)]


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


def test_every_seed_gives_the_same_sums():
    x = RANDOM.integers(0, 1000, 5000).astype(np.float64)
    results = []
    for seed in range(4):
        out = np.empty(40)
        EmulatorEngine(seed=seed).launch(block_sum, 40, 128, x, out)
        results.append(out.tolist())
    assert results.count(results[0]) == 4


def test_fibers_of_other_processors(monkeypatch):
    """Where there is no context switch of our own, `ucontext` takes its place."""
    library = build.library
    monkeypatch.setattr(
        build, "library", lambda c, contract: library(f"#define PORTABLE_FIBERS\n{c}", contract)
    )

    def reverse_block(x):
        tile = cuda.shared.array(128, np.float64)
        t = cuda.threadIdx.x
        tile[t] = x[t]
        cuda.syncthreads()
        x[t] = tile[127 - t]

    x = np.arange(128.0)
    EmulatorEngine().launch(reverse_block, 1, 128, x)
    np.testing.assert_array_equal(x, np.arange(128.0)[::-1])


@pytest.mark.parametrize("capability", [(7, 5), (8, 0), (8, 9), (10, 0), (12, 0)])
def test_other_capabilities(capability):
    engine = EmulatorEngine(capability=capability)
    x = RANDOM.integers(0, 1000, 1000).astype(np.float64)
    out = np.empty(8)
    engine.launch(block_sum, 8, 128, x, out)
    assert out.sum() == x.sum()


def test_unknown_ptx_is_refused_by_name():
    with pytest.raises(UnsupportedPtx, match=r"PTX line 1: \.surf"):
        parse(".surf thing;")


@pytest.mark.skipif(COMPILER == "mlir", reason="numba-cuda-mlir compiles print differently")
def test_what_is_not_modelled_is_refused(emulator):
    def shouts(x):
        print(x[0])

    with pytest.raises(UnsupportedPtx, match="vprintf"):
        emulator.launch(shouts, 1, 1, np.zeros(1))
