"""The CPU's way: 16 pieces at a time, one per vector lane, filtered in float32 and finished as defined.

The lanes of a vector are pieces of whichever collections, its rows their points: neither the minimum over
targets nor the maximum over points is a reduction across lanes. Short pieces repeat their last point, which
changes no maximum. Pieces are sorted by length, so that few are short in their block.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.distances.directed_hausdorff_distance.block_kernel import (
    FEWEST_ROWS,
    MOST_ROWS,
    WIDTH,
    block_body,
)
from groundspeed.operations.distances.directed_hausdorff_distance.filter import Frame, reduce_body
from groundspeed.operations.distances.directed_hausdorff_distance.kernels import Pieces, fold_body

SCRATCH = 9 * 4 + 5 * 8
"""Bytes per source point."""


class Blocks(NamedTuple):
    """Which pieces are computed together; host arrays of int64.

    Attributes:
        pieces: (b, WIDTH) pieces of a block, longest first; the last piece of all fills the last block.
        rows: (b + 1,) block t has the rows `rows[t]` to `rows[t + 1]`, at least one; an even number
        if the block is filtered.
    """

    pieces: np.ndarray
    rows: np.ndarray


def blocks(pieces: Pieces) -> Blocks:
    """Arrange pieces in blocks.

    >>> from groundspeed.operations.distances.directed_hausdorff_distance.kernels import cut
    >>> blocks(cut(np.arange(0, 21, 5), size=5)).rows
    array([0, 5])
    """
    lengths = pieces.stops - pieces.starts
    order = np.argsort(-lengths, kind="stable")
    lanes = np.arange(-(-order.size // WIDTH) * WIDTH).reshape(-1, WIDTH)
    chosen = order[np.minimum(lanes, order.size - 1)]
    rows = np.maximum(1, lengths[chosen[:, 0]])
    rows += (rows % 2) * (rows >= FEWEST_ROWS)
    return Blocks(chosen, np.concatenate([[0], np.cumsum(rows)]))


def piece_size(points: int) -> int:
    """Points of a piece at most: `MOST_ROWS`, less if there would be too few pieces to fill a block.

    >>> piece_size(30_000), piece_size(100), piece_size(0)
    (256, 7, 1)
    """
    return min(MOST_ROWS, max(1, -(-points // WIDTH)))


def measure(
    engine: Engine, frame: Frame, source: tuple[Any, ...], target: tuple[Any, ...], pieces: Pieces, out: Any
) -> dict[str, float]:
    """Write the distances from every piece to every target collection.

    Args:
        engine: one that runs bodies on host arrays.
        frame: of all points.
        source: x and y of the source points.
        target: offsets, x and y of the target points, of the same dtype.
        pieces: of the source collections.
        out: (pieces, targets) of this dtype.

    Returns:
        How many pairs of points were `estimated` and how many `measured` as defined.
    """
    arranged = blocks(pieces)
    points, size = target[1].size, int(arranged.rows[-1]) * WIDTH
    twice_x, twice_y, squares = engine.empty((3, points), np.float32)
    reach = engine.empty(len(target[0]) - 1, np.float32)
    engine.for_each(reduce_body, reach.size, frame, *target, twice_x, twice_y, squares, reach)
    scratch = (
        engine.empty((4, size), np.float32),
        engine.empty((5, size), np.int32),
        engine.empty((5, size), out.dtype),
    )
    pairs = np.zeros((2, len(arranged.pieces)), np.int64)
    engine.for_each(
        block_body,
        len(arranged.pieces),
        (*arranged, pieces.starts, pieces.stops),
        frame,
        source,
        target,
        (twice_x, twice_y, squares, reach),
        scratch,
        pairs,
        out,
    )
    return dict(zip(("estimated", "measured"), map(float, pairs.sum(axis=1)), strict=True))


def _loops(dtype: Any) -> tuple[tuple[Any, tuple[Any, ...]], ...]:
    """The bodies of this way and values of the types that they are called with."""
    real, real32, large = np.empty(1, dtype), np.empty(1, np.float32), np.empty(1, np.int64)
    frame, target = Frame(0.0, 0.0, 0.0), (large, real, real)
    square = np.empty((1, 1), np.int64)
    scratch = np.empty((1, 1), np.float32), np.empty((1, 1), np.int32), np.empty((1, 1), dtype)
    estimates = (real32,) * 4
    blocked = (
        (square, large, large, large),
        frame,
        (real, real),
        target,
        estimates,
        scratch,
        square,
        scratch[2],
    )
    fold = fold_body, (large, scratch[2], scratch[2])
    return (reduce_body, (frame, *target, *estimates)), (block_body, blocked), fold


LOOPS = (*_loops(np.float64), *_loops(np.float32))
"""For `groundspeed.warm`: no GPU runs these, so that they are not in the compile table."""
