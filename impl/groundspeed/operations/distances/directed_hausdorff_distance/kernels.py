"""What the ways of the engines share: pieces of collections, and the kernels of the GPU's, see `tiles`.

A piece is a run of at most so many points of one collection, so that a collection of a million points keeps
as many cores busy as a million collections of one. The CPU's way is in `blocks`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from groundspeed.engines.kernels import Kernel
from groundspeed.operations.distances.directed_hausdorff_distance.tiles import (
    BITS,
    SPAN,
    THREADS,
    group_body,
    tiles_kernel,
)
from groundspeed.scalar.decorators import elementwise

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


@elementwise
def fold_body(i, first, partial, out):
    """One pair of collections: the largest of its pieces' distances. Bound by memory."""
    row = i // out.shape[1]
    column = i - row * out.shape[1]
    largest = partial[first[row], column]
    for piece in range(first[row] + 1, first[row + 1]):
        value = partial[piece, column]
        largest = value if value > largest else largest
    out[row, column] = largest


def _kernel(dtype: Any) -> Kernel:
    column: Any = np.empty(1, dtype)
    offsets = np.empty(1, np.int64)
    matrix: Any = np.empty((1, 1), BITS[column.dtype.type][0])
    name: Any = str(column.dtype)
    runs = (offsets,) * 4
    return Kernel(
        name=f"directed_hausdorff_{name}",
        function=tiles_kernel(dtype),
        example=(column, column, *runs, offsets, column, column, offsets, matrix),
        bytes_per_element=matrix.itemsize,  # an element is a pair of collections; coordinates are cached
        elementwise=False,
        dtype=name,
        block=THREADS,
    )


KERNELS = (
    _kernel(np.float64),
    _kernel(np.float32),
    Kernel(
        name="directed_hausdorff_groups",
        function=group_body,
        example=(np.int64(SPAN), np.empty(1, np.int64), np.empty(1, np.int64)),
        bytes_per_element=np.dtype(np.int64).itemsize,
    ),
)
