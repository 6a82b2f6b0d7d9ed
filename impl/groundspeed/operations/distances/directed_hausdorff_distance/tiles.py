"""The GPU's way: blocks of source points, of whichever collections, against tiles of target points.

A block holds 256 consecutive source points in registers, two a thread, and takes the targets in tiles of 128
through shared memory; tiles, like blocks, run on across collections. Short collections therefore leave no
thread idle, and one kernel does what collections of any length need.
"""

# mypy: disallow-untyped-defs=False
# Numba types the kernels from their arguments.

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from groundspeed.engines import Engine
from groundspeed.engines._numba_cuda import cuda, libdevice

THREADS = 128
"""Of a block, and target points of a tile."""

POINTS = 2 * THREADS
"""Source points of a block."""

RUN_BITS = 5
RUN = 1 << RUN_BITS
"""Longest run, see `Runs`."""

SLOT_BITS = 2
SLOTS = 1 << SLOT_BITS
"""Target collections whose results a block keeps before it writes them."""

STRIDE = POINTS + POINTS // RUN + SLOTS
"""Results between two slots, so that runs and slots begin in different banks of shared memory."""

PAIR = 16
"""Bytes that two float64 are aligned to, for one read to bring both."""

STASH = SLOTS * STRIDE  # the compilers take shapes that are numbers and no expressions

SPAN = 4 * THREADS
"""Target points of a group: what a block does for the source points that it has read."""

MOST_GROUPS = 65_535
"""Largest second dimension of a grid; more groups are looped over."""


class Runs(NamedTuple):
    """Points of one collection whose maximum one thread takes: within 32 points that begin at a multiple.

    Host arrays of int64. An empty collection has one empty run.

    Attributes:
        spans: (3, r) the first point of every run, one past its last, and its collection.
        first: (blocks + 1,) the runs of block b are `first[b]` to `first[b + 1]`; at least one block.
    """

    spans: np.ndarray
    first: np.ndarray


def runs(offsets: np.ndarray) -> Runs:
    """Cut source collections into runs.

    >>> runs(np.array([0, 2, 2, 40])).spans
    array([[ 0,  2,  2, 32],
           [ 2,  2, 32, 40],
           [ 0,  1,  2,  2]])
    """
    starts, stops = offsets[:-1], offsets[1:]
    begin = starts // RUN
    counts = np.maximum(1, -(-stops // RUN) - begin)
    owners = np.repeat(np.arange(len(starts)), counts)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    cut = (begin[owners] + within) * RUN
    spans = np.stack([np.maximum(starts[owners], cut), np.minimum(stops[owners], cut + RUN), owners])
    blocks = max(1, -(-int(offsets[-1]) // POINTS))
    block = np.minimum(spans[0] // POINTS, blocks - 1)  # empty collections at the end begin past all points
    return Runs(spans, np.searchsorted(block, np.arange(blocks + 1)))


@njit(error_model="numpy")
def group_body(group, span, offsets, firsts):
    """One thread finds the first target collection that begins in a group's points, by bisection."""
    low, high = np.int64(0), np.int64(offsets.size - 1)
    while low < high:
        middle = (low + high) >> 1
        if offsets[middle] < group * span:
            low = middle + 1
        else:
            high = middle
    firsts[group] = low


# Distances are not negative, so their bits are in the order of their values: integers take minima and maxima
# off the floating-point pipe, which has 2 lanes for float64 on a consumer GPU, and have an atomic maximum.
@njit
def _bits_of_double(value):
    return libdevice.double_as_longlong(value)


@njit
def _double_of_bits(bits):
    return libdevice.longlong_as_double(bits)


@njit
def _bits_of_float(value):
    return libdevice.float_as_int(value)


@njit
def _float_of_bits(bits):
    return libdevice.int_as_float(bits)


BITS: dict[type, tuple[type, Any, Any]] = {
    np.float64: (np.int64, _bits_of_double, _double_of_bits),
    np.float32: (np.int32, _bits_of_float, _float_of_bits),
}
"""Real -> the integer of its size, and the conversions there and back."""


def tiles_kernel(dtype: Any) -> Callable[..., None]:
    """The kernel for one dtype, see `measure` for its arguments."""
    return _tiles_kernel(np.dtype(dtype).type)


@functools.cache
def _tiles_kernel(real: Any) -> Callable[..., None]:
    integer, bits_of, of_bits = BITS[real]
    nearest_yet, nothing = (integer(np.array(value, real).view(integer)) for value in (math.inf, math.nan))
    zero, least = real(0), integer(0)
    one, run_bits = np.uint64(1), np.uint64(RUN_BITS)
    second = THREADS + THREADS // RUN

    def directed_hausdorff(
        x, y, starts, stops, owners, first_run, offsets, target_x, target_y, firsts, out
    ):  # fmt: skip
        # Bound by arithmetic. A pair of points takes 4 floating-point instructions (two differences, a
        # product, a fused product and sum) and an integer minimum; half a read of shared memory, as one
        # brings x and y of a target, for both points of a thread. Two barriers a step: 128 target points or
        # the ends of 4 collections, whichever comes first, so one for up to 16,384 pairs.
        tile = cuda.shared.array(POINTS, real, alignment=PAIR)  # x and y by turns
        stash = cuda.shared.array(STASH, integer)
        thread, block = np.int64(cuda.threadIdx.x), np.int64(cuda.blockIdx.x)
        home = thread + (thread >> RUN_BITS)
        origin = block * POINTS
        source = origin + thread
        ax, ay, bx, by = zero, zero, zero, zero
        if source < x.size:
            ax, ay = x[source], y[source]
        if source + THREADS < x.size:
            bx, by = x[source + THREADS], y[source + THREADS]
        first, tasks = first_run[block], (first_run[block + 1] - first_run[block]) * SLOTS
        group = np.int64(cuda.blockIdx.y)
        while group < firsts.size - 1:
            target, last = firsts[group], firsts[group + 1]
            at, end = offsets[target], offsets[last]
            begun, used = target, np.int64(0)
            near_a, near_b = nearest_yet, nearest_yet
            while target < last or used > 0:
                # The next tile comes while the collections that the last one finished are written.
                if at + thread < end:
                    tile[2 * thread], tile[2 * thread + 1] = target_x[at + thread], target_y[at + thread]
                task = thread
                while task < tasks:
                    run, slot = first + (task >> SLOT_BITS), task & (SLOTS - 1)
                    if slot < used:
                        p, stop = np.uint64(starts[run] - origin), np.uint64(stops[run] - origin)
                        largest = least if p < stop else nothing
                        row = np.uint64(slot * STRIDE)
                        while p < stop:
                            value = stash[row + p + (p >> run_bits)]
                            largest = value if value > largest else largest
                            p += one
                        distance = bits_of(math.sqrt(of_bits(largest)))
                        cuda.atomic.max(out, (owners[run], begun + slot), distance)
                    task += THREADS
                cuda.syncthreads()
                begun, used = target, np.int64(0)
                k, count = np.uint64(0), np.uint64(min(np.int64(THREADS), end - at))
                while used < SLOTS and target < last:
                    stop = np.uint64(offsets[target + 1] - at)
                    here = min(stop, count)
                    while k < here:
                        tx, ty = tile[k << one], tile[(k << one) + one]
                        dx, dy = ax - tx, ay - ty
                        square = bits_of(dx * dx + dy * dy)
                        near_a = square if square < near_a else near_a
                        dx, dy = bx - tx, by - ty
                        square = bits_of(dx * dx + dy * dy)
                        near_b = square if square < near_b else near_b
                        k += one
                    if stop > count:
                        break  # it goes on in the next tile
                    empty = offsets[target] == offsets[target + 1]
                    stash[used * STRIDE + home] = nothing if empty else near_a
                    stash[used * STRIDE + home + second] = nothing if empty else near_b
                    near_a, near_b = nearest_yet, nearest_yet
                    used += 1
                    target += 1
                at += np.int64(k)
                cuda.syncthreads()
            group += cuda.gridDim.y

    return directed_hausdorff


def measure(engine: Engine, offsets: np.ndarray, source: tuple[Any, ...], target: tuple[Any, ...]) -> Any:
    """Distances from every source collection to every target collection.

    Args:
        engine: one that launches kernels.
        offsets: of the source collections, on the host.
        source: x and y of the source points, on the engine.
        target: offsets, x and y of the target points, of the same dtype.

    Returns:
        (sources, targets) of that dtype, on the engine.
    """
    x, y = source
    shape, integer = (len(offsets) - 1, len(target[0]) - 1), BITS[x.dtype.type][0]
    out = engine.xp.zeros(shape, integer)
    if out.size:
        spans, first = map(engine.asarray, runs(offsets))
        groups = target[1].size // SPAN + 1
        firsts = engine.empty(groups + 1, np.int64)
        engine.for_each(group_body, groups + 1, np.int64(SPAN), target[0], firsts)
        grid = len(first) - 1, min(groups, MOST_GROUPS)
        engine.launch(tiles_kernel(x.dtype), grid, THREADS, x, y, *spans, first, *target, firsts, out)
    return out.view(x.dtype)
