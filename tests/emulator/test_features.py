"""What kernels use besides arithmetic, run through the real compiler and the emulator, equals NumPy."""

from __future__ import annotations

import time

import numpy as np
import pytest
from emulator.defects import defect_of_mlir
from emulator.host_arrays import HostArrays
from numba import njit

from groundspeed.engines._numba_cuda import COMPILER, cuda
from groundspeed.engines.emulator import UnsupportedPtx, build
from groundspeed.engines.emulator.parse import parse

RANDOM = np.random.default_rng(7)


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
    keys, values = map(emulator.asarray, (np.array([2, 0, 2, 1]), np.array([5, 6, 7, 8])))
    grouped, starts = emulator.group(keys, values, 4)
    assert grouped.tolist() == [6, 8, 5, 7]
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


def test_every_seed_gives_the_same_sums():
    x = RANDOM.integers(0, 1000, 5000).astype(np.float64)
    results = []
    for seed in range(4):
        out = np.empty(40)
        HostArrays(seed=seed).launch(block_sum, 40, 128, x, out)
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
    HostArrays().launch(reverse_block, 1, 128, x)
    np.testing.assert_array_equal(x, np.arange(128.0)[::-1])


@pytest.mark.parametrize("capability", [(7, 5), (8, 0), (8, 9), (10, 0), (12, 0)])
def test_other_capabilities(capability):
    engine = HostArrays(capability=capability)
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
