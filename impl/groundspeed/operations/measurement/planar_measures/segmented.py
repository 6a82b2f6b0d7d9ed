"""Reduce segments of a column (rings, lines, whole rows) to a few numbers each, whatever their lengths.

The vertices are cut into tiles of equal size, not into segments: a ring of a million vertices keeps as many
cores busy as a million of squares. A tile reduces its piece of every segment that it meets. The piece in
which a segment begins goes to `totals`; what a tile holds of a segment that began in an earlier tile is its
only *carry*. Carries are merged in the order of the tiles: the result does not depend on who ran when.
"""

# mypy: disallow-untyped-defs=False
# Numba types most of these functions from their arguments.

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from groundspeed.engines import Engine
from groundspeed.engines._numba_cuda import cuda
from groundspeed.scalar.decorators import device

CPU_TILE, GPU_TILE = 12, 8
"""Binary logarithms of the vertices in a tile: 4,096 for a thread of a CPU, 256 for a block of a GPU."""

MOST_BLOCKS = 1 << 16
NON_NEGATIVE = np.int64(2**63 - 1)
"""Tells the compiler that an index from memory is not negative: float32 takes a fifth less time."""


class Reduction(NamedTuple):
    """What is computed of a segment; `value` is a tuple of `width` numbers.

    Attributes:
        name: of its kernels.
        term: `term(v, start, x, y)`, the value of vertex v of the segment whose first vertex is `start`.
        merge: `merge(a, b)`, the value of two pieces of which a lies before b; associative.
        load, store: `load(array, k)` and `store(array, k, value)`, a value as column k of a (width, n) array.
        identity: the value of no vertex.
        head, tail: how many vertices at the beginning and at the end of a segment have no term.
        tile: what a thread of a CPU does, `walk` with all this.
        carry: what merges carries, `merge_carries` with all this.
        dtype: of the values; None for that of the coordinates.
    """

    name: str
    term: Callable[..., Any]
    merge: Callable[..., Any]
    load: Callable[..., Any]
    store: Callable[..., Any]
    identity: tuple[float, ...]
    head: int
    tail: int
    tile: Callable[..., None]
    carry: Callable[..., None]
    dtype: Any = None


@device
def load1(array, k):
    """Column k of a (1, n) array."""
    return (array[0, k],)


@device
def store1(array, k, value):
    """Column k of a (1, n) array becomes a value."""
    array[0, k] = value[0]


@device
def load2(array, k):
    """Column k of a (2, n) array."""
    return array[0, k], array[1, k]


@device
def store2(array, k, value):
    """Column k of a (2, n) array becomes a value."""
    array[0, k], array[1, k] = value


@device
def load4(array, k):
    """Column k of a (4, n) array."""
    return array[0, k], array[1, k], array[2, k], array[3, k]


@device
def store4(array, k, value):
    """Column k of a (4, n) array becomes a value."""
    array[0, k], array[1, k], array[2, k], array[3, k] = value


@device
def is_open(start, stop, x, y):
    """Whether a ring has fewer than four vertices or does not end where it begins."""
    return stop - start < 4 or x[start] != x[stop - 1] or y[start] != y[stop - 1]


@device
def walk(t, size, segments, x, y, results, term, merge, store, head, tail):
    """One thread reduces one tile, segment by segment. Bound by memory."""
    first, offsets, must_close = segments
    totals, carries, unclosed = results
    segment = first[t]
    at = t << size
    end = min(at + (1 << size), x.size)
    while at < end:
        while offsets[segment + 1] <= at:
            segment += 1
        start, stop = offsets[segment], offsets[segment + 1]
        if must_close and at == start and is_open(start, stop, x, y):
            unclosed[0] = 1
        v, last = max(at, start + head) & NON_NEGATIVE, min(end, stop - tail)
        if v < last:
            value = term(v, start, x, y)
            for k in range(v + 1, last):
                value = merge(value, term(k, start, x, y))
            if at == start:
                store(totals, segment, value)
            else:
                store(carries, t, value)
        at = min(end, stop)


@device
def merge_carries(t, size, segments, results, merge, load, store):
    """One thread completes the segment whose first carry is that of tile t, if there is one."""
    first, offsets, _ = segments
    totals, carries, _ = results
    segment = first[t]
    start = offsets[segment]
    if start < t << size and start >> size == t - 1:
        value = load(totals, segment)
        for k in range(t, ((offsets[segment + 1] - 1) >> size) + 1):
            value = merge(value, load(carries, k))
        store(totals, segment, value)


def block_kernel(reduction: Reduction, dtype: Any) -> Callable[..., None]:
    """The GPU's way for coordinates of a dtype: `kernel(segments, x, y, results)`, a block per tile."""
    return _block_kernel(reduction, np.dtype(reduction.dtype or dtype).type)


@functools.cache
def _block_kernel(reduction: Reduction, real: Any) -> Callable[..., None]:
    width, threads = len(reduction.identity), 1 << GPU_TILE
    term, merge, load, store = reduction[1:5]
    head, tail = reduction.head, reduction.tail
    nothing = tuple(map(real, reduction.identity))

    def reduce_tiles(segments, x, y, results):
        # One block, one tile; one thread, one vertex: loads are coalesced whatever the lengths of segments,
        # and every coordinate is read once. Bound by memory, except where that is as fast as an H100's (by
        # instructions, some 300 a warp) or float64 as slow as on consumer cards (by the additions). The scan:
        # with the step of 2^k a thread comes to hold the last 2^(k+1) vertices up to its own, within its
        # segment.
        first, offsets, must_close = segments
        totals, carries, unclosed = results
        values = cuda.shared.array((width, threads), real)
        thread = np.int64(cuda.threadIdx.x)
        tile = np.int64(cuda.blockIdx.x)
        while tile < first.size - 1:
            base = tile * threads
            v = base + thread
            inside = v < x.size
            value = nothing
            segment, high = first[tile], first[tile + 1]
            start, stop = v, v
            if inside:
                while segment < high:  # the last that begins at v or before
                    middle = (segment + high + 1) >> 1
                    if offsets[middle] <= v:
                        segment = middle
                    else:
                        high = middle - 1
                start, stop = offsets[segment], offsets[segment + 1]
                if must_close and v == start and is_open(start, stop, x, y):
                    unclosed[0] = 1
                if v >= start + head and v < stop - tail:
                    value = term(v, start, x, y)
            begin = max(start - base, np.int64(0))
            step = 1
            while step < threads:
                store(values, thread, value)
                cuda.syncthreads()
                if thread - step >= begin:
                    value = merge(load(values, thread - step), value)
                cuda.syncthreads()
                step *= 2
            if inside and (v == stop - 1 or v == x.size - 1 or thread == threads - 1):
                if start >= base:
                    store(totals, segment, value)
                else:
                    store(carries, tile, value)
            tile += cuda.gridDim.x

    reduce_tiles.__name__ = reduce_tiles.__qualname__ = f"{reduction.name}_of_tiles"
    return reduce_tiles


def reduce(
    engine: Engine, reduction: Reduction, offsets: Any, x: Any, y: Any, must_close: bool = False
) -> tuple[Any, bool]:
    """The values of all segments.

    Args:
        engine: the arrays' own.
        reduction: what to compute.
        offsets: (n + 1,) int64, vertices of segment i are `offsets[i]` to `offsets[i + 1]`.
        x, y: coordinates, of one dtype.
        must_close: whether every segment must be a closed ring of four vertices or more.

    Returns:
        (width, n) values, and whether a segment is not closed that must be.
    """
    xp, n, real = engine.xp, len(offsets) - 1, np.dtype(reduction.dtype or x.dtype)
    size = GPU_TILE if engine.cooperative else CPU_TILE
    tiles = -(-len(x) >> size) if len(x) else 0
    totals, carries = _filled(engine, reduction, real, n), _filled(engine, reduction, real, tiles)
    unclosed = xp.zeros(1, np.int32)
    if not tiles:
        return totals, bool(must_close and n)
    starts = xp.arange(tiles + 1, dtype=np.int64) << size
    first = xp.searchsorted(offsets, starts, side="right").astype(np.int64, copy=False) - 1
    segments, results = (first, offsets, np.int64(must_close)), (totals, carries, unclosed)
    if engine.cooperative:
        kernel = block_kernel(reduction, x.dtype)
        engine.launch(kernel, min(tiles, MOST_BLOCKS), 1 << size, segments, x, y, results)
    else:
        engine.for_each(reduction.tile, tiles, np.int64(size), segments, x, y, results)
    if tiles > 1:
        engine.for_each(reduction.carry, tiles, np.int64(size), segments, results)
    return totals, bool(must_close and unclosed[0])


def _filled(engine: Engine, reduction: Reduction, real: np.dtype, n: int) -> Any:
    values = engine.empty((len(reduction.identity), n), real)
    for row, number in zip(values, reduction.identity, strict=True):
        row[:] = real.type(number)
    return values
