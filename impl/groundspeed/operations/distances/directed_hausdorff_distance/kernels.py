"""Max-min of squared distances from pieces of source collections to target collections.

A piece is a run of at most so many points of one collection, so that a collection of a million points keeps
as many cores busy as a million collections of one. Here are the GPU's kernel and what all engines share; the
CPU's way is in `blocks`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from groundspeed.engines._numba_cuda import cuda
from groundspeed.engines.kernels import Kernel
from groundspeed.scalar.decorators import elementwise

THREADS = 256
"""Largest piece, and block, on a GPU."""

FLOPS_PER_POINT_PAIR = 6
"""Two differences, two products, a sum and a minimum."""


class Pieces(NamedTuple):
    """How source collections are cut; host arrays of int64.

    Attributes:
        starts, stops: (p,) first point of every piece and one past its last; an empty collection has one
        empty piece. first: (n + 1,) the pieces of collection i are `first[i]` to `first[i + 1]`.
    """

    starts: np.ndarray
    stops: np.ndarray
    first: np.ndarray


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
    return Pieces(starts, stops, first)


def block_size(points: int, collections: int) -> int:
    """Threads per block: the power of two from 32 to THREADS that covers a collection of average size.

    >>> block_size(30_000, 1_000), block_size(100, 1), block_size(10**6, 1)
    (32, 128, 256)
    """
    average = points / max(collections, 1)
    return min(THREADS, max(32, 1 << math.ceil(math.log2(max(average, 1)))))


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


@elementwise
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
