"""Max-min of squared distances from pieces of source collections to target collections.

A piece is a run of at most so many points of one collection, so that a collection of a million points keeps
as many cores busy as a million collections of one. On a CPU the lanes of a vector are source points,
whichever collection they belong to: the minimum over targets is then no reduction, and short collections fill
the lanes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from groundspeed.engines._numba_cuda import cuda
from groundspeed.engines.kernels import Kernel
from groundspeed.scalar.trig import inlined

LANES = 512
"""Source points of one piece on a CPU: with their minima they fill half of a 32 KiB L1 cache."""

THREADS = 256
"""Largest piece, and block, on a GPU."""

FLOPS_PER_POINT_PAIR = 6
"""Two differences, two products, a sum and a minimum."""


class Pieces(NamedTuple):
    """How source collections are cut; host arrays of int64.

    Attributes:
        starts, stops: (p,) first point of every piece and one past its last; an empty collection has one
        empty piece. first: (n + 1,) the pieces of collection i are `first[i]` to `first[i + 1]`. blocks: (b +
        1,) runs of pieces that are computed together, of 1 to 2 * size points.
    """

    starts: np.ndarray
    stops: np.ndarray
    first: np.ndarray
    blocks: np.ndarray


def cut(offsets: np.ndarray, size: int) -> Pieces:
    """Cut collections into pieces of at most `size` points.

    >>> cut(np.array([0, 2, 2, 7]), size=4).starts
    array([0, 2, 2, 6])
    """
    counts = np.maximum(1, -(-np.diff(offsets) // size))
    first = np.concatenate([[0], np.cumsum(counts)])
    within = np.arange(first[-1]) - np.repeat(first[:-1], counts)
    starts = np.repeat(offsets[:-1], counts) + within * size
    stops = np.minimum(starts + size, np.repeat(offsets[1:], counts))
    ends = np.ones(len(starts) + 1, dtype=bool)
    ends[1:-1] = starts[1:] // size != starts[:-1] // size
    return Pieces(starts, stops, first, np.flatnonzero(ends))


def block_size(points: int, collections: int) -> int:
    """Threads per block: the power of two from 32 to THREADS that covers a collection of average size.

    >>> block_size(30_000, 1_000), block_size(100, 1), block_size(10**6, 1)
    (32, 128, 256)
    """
    average = points / max(collections, 1)
    return min(THREADS, max(32, 1 << math.ceil(math.log2(max(average, 1)))))


@inlined
def _nearer_of_four(x, y, nearest, x0, y0, x1, y1, x2, y2, x3, y3):
    for lane in range(nearest.size):
        px, py = x[lane], y[lane]
        d0 = (px - x0) * (px - x0) + (py - y0) * (py - y0)
        d1 = (px - x1) * (px - x1) + (py - y1) * (py - y1)
        d2 = (px - x2) * (px - x2) + (py - y2) * (py - y2)
        d3 = (px - x3) * (px - x3) + (py - y3) * (py - y3)
        low = d0 if d0 < d1 else d1
        high = d2 if d2 < d3 else d3
        low = low if low < high else high
        nearest[lane] = low if low < nearest[lane] else nearest[lane]


# Squares are neither NaN nor -0, so that their maximum may be taken in any order: vectors need that.
@njit(error_model="numpy", fastmath={"nnan", "nsz"})
def _largest(squares):
    largest = squares[0]
    for lane in range(squares.size):
        largest = squares[lane] if squares[lane] > largest else largest
    return largest


@njit(error_model="numpy")
def pieces_body(t, blocks, starts, stops, x, y, minima, target_offsets, target_x, target_y, out):
    """The CPU's way: one task, a block of pieces against all targets. Bound by arithmetic; data in L1."""
    begin = starts[blocks[t]]
    end = stops[blocks[t + 1] - 1]
    lanes_x, lanes_y, nearest = x[begin:end], y[begin:end], minima[begin:end]
    for j in range(target_offsets.size - 1):
        nearest[:] = np.inf
        last = target_offsets[j + 1] - 1
        for b in range(target_offsets[j], target_offsets[j + 1], 4):
            c, d, e = min(b + 1, last), min(b + 2, last), min(b + 3, last)  # the last point may be met again
            _nearer_of_four(
                lanes_x, lanes_y, nearest,
                target_x[b], target_y[b], target_x[c], target_y[c],
                target_x[d], target_y[d], target_x[e], target_y[e],
            )  # fmt: skip
        for piece in range(blocks[t], blocks[t + 1]):
            if starts[piece] == stops[piece] or target_offsets[j] == target_offsets[j + 1]:
                out[piece, j] = np.nan
            else:
                out[piece, j] = math.sqrt(_largest(nearest[starts[piece] - begin : stops[piece] - begin]))


def pieces_kernel(dtype: Any) -> Callable[..., None]:
    """The GPU's way: `kernel(starts, stops, x, y, target_offsets, target_x, target_y, out)`."""
    return _pieces_kernel(np.dtype(dtype).type)


@functools.cache
def _pieces_kernel(real: Any) -> Callable[..., None]:
    zero, infinity, nan = real(0), real(math.inf), real(math.nan)

    def directed_hausdorff(starts, stops, x, y, target_offsets, target_x, target_y, out):
        # One block: one piece against one target collection, one source point per thread; the targets pass
        # through shared memory a block's width at a time. Bound by arithmetic (float64) or shared-memory
        # reads (float32).
        tile_x = cuda.shared.array(THREADS, real)
        tile_y = cuda.shared.array(THREADS, real)
        largest = cuda.shared.array(THREADS, real)
        thread, width = cuda.threadIdx.x, cuda.blockDim.x
        targets = target_offsets.size - 1
        task = np.int64(cuda.blockIdx.x)
        while task < starts.size * targets:
            piece = task // targets
            target = task - piece * targets
            source = starts[piece] + thread
            inside = source < stops[piece]
            px, py = zero, zero
            if inside:
                px, py = x[source], y[source]
            nearest = infinity
            tile, stop = target_offsets[target], target_offsets[target + 1]
            while tile < stop:
                if tile + thread < stop:
                    tile_x[thread] = target_x[tile + thread]
                    tile_y[thread] = target_y[tile + thread]
                cuda.syncthreads()
                count = min(np.int64(width), stop - tile)
                k = 0  # a `range` would test for negative indices: twice the instructions
                while k < count:
                    dx, dy = px - tile_x[k], py - tile_y[k]
                    square = dx * dx + dy * dy
                    nearest = square if square < nearest else nearest
                    k += 1
                cuda.syncthreads()
                tile += width
            # Halved in shared memory and not by shuffles, which numba-cuda-mlir does in 32 bits.
            largest[thread] = nearest if inside else zero
            half = width // 2
            while half > 0:
                cuda.syncthreads()
                if thread < half and largest[thread + half] > largest[thread]:
                    largest[thread] = largest[thread + half]
                half //= 2
            if thread == 0:
                empty = starts[piece] == stops[piece] or target_offsets[target] == stop
                out[piece, target] = nan if empty else math.sqrt(largest[0])
            cuda.syncthreads()
            task += cuda.gridDim.x

    return directed_hausdorff


@njit(error_model="numpy")
def fold_body(i, first, partial, out):
    """One thread, one pair of collections: the largest of its pieces' distances. Bound by memory."""
    row = i // out.shape[1]
    column = i - row * out.shape[1]
    largest = partial[first[row], column]
    for piece in range(first[row] + 1, first[row + 1]):
        value = partial[piece, column]
        largest = value if value > largest else largest
    out[row, column] = largest


def _kernels(dtype: Any) -> tuple[Kernel, Kernel]:
    column, matrix, offsets = np.empty(1, dtype), np.empty((1, 1), dtype), np.empty(1, np.int64)
    name: Any = str(column.dtype)
    source_and_target = (offsets, offsets, column, column, offsets, column, column, matrix)
    pieces = Kernel(
        name=f"directed_hausdorff_{name}",
        function=pieces_kernel(dtype),
        example=source_and_target,
        bytes_per_element=matrix.itemsize,  # an element is a pair of collections; coordinates are cached
        elementwise=False,
        dtype=name,
    )
    fold = Kernel(
        name=f"directed_hausdorff_fold_{name}",
        function=fold_body,
        example=(offsets, matrix, matrix),
        bytes_per_element=2 * matrix.itemsize,
        dtype=name,
    )
    return pieces, fold


KERNELS = (*_kernels(np.float64), *_kernels(np.float32))
