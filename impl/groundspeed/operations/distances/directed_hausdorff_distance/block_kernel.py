"""One block of pieces against all targets: estimates, and the distances of the points that they leave."""

# mypy: disallow-untyped-defs=False
# Numba types these functions from their arguments.

from __future__ import annotations

import math

import numpy as np

from groundspeed.operations.distances.directed_hausdorff_distance.filter import (
    LEAST,
    ROW_BITS,
    UNITS,
    estimate,
    may_be_farthest,
    reduced,
    two_largest,
    write_keys,
)
from groundspeed.scalar.decorators import device, elementwise

WIDTH = 16
"""Pieces in a block: the float32 lanes of the widest vectors."""

MOST_ROWS = 1 << ROW_BITS
"""Points in a piece: a row's number must fit a key."""

FEWEST_ROWS = 8
"""Rows that are worth the filter."""

LONGEST_PAUSE = 15
"""Targets for which the filter is not asked after it was of no use several times in a row."""

NO_ROW = np.int32(-1)
"""Stands for a row that repeats a point."""


@device
def _lay_out(chosen, starts, stops, source, frame, exact, estimates, rows):
    """Write the points of a block row by row, as they are and in float32; returns the largest coordinate."""
    (x, y), (centre_x, centre_y, scale), (to_x, to_y), (ax, ay, square) = source, frame, exact, estimates
    reach = np.float32(0)
    for lane in range(WIDTH):
        start, stop = starts[chosen[lane]], stops[chosen[lane]]
        for at in range(lane, rows.size, WIDTH):
            row = at // WIDTH
            to_x[at], to_y[at], ax[at], ay[at] = 0, 0, 0, 0
            if start < stop:
                k = min(start + row, stop - 1)
                to_x[at], to_y[at] = x[k], y[k]
                ax[at], ay[at] = reduced(x[k], centre_x, scale), reduced(y[k], centre_y, scale)
            square[at] = ax[at] * ax[at] + ay[at] * ay[at]
            rows[at] = row if row < max(1, stop - start) else NO_ROW
            reach = max(reach, max(abs(ax[at]), abs(ay[at])))
    return reach


@device
def _pick(keys, first, second, x, y, picked_x, picked_y, ends):
    """Gather the points that may be the farthest, column by column; returns how many, or all if many."""
    n = 0
    for lane in range(WIDTH):
        if not may_be_farthest(second[lane], first[lane]):
            at = (first[lane] & (MOST_ROWS - 1)) * WIDTH + lane
            picked_x[n], picked_y[n] = x[at], y[at]
            n += 1
        else:
            for at in range(lane, keys.size, WIDTH):
                if may_be_farthest(keys[at], first[lane]):
                    picked_x[n], picked_y[n] = x[at], y[at]
                    n += 1
        ends[lane] = n
        if n > WIDTH + keys.size // 4:
            return keys.size
    while n % WIDTH:  # whole vectors
        picked_x[n], picked_y[n] = picked_x[n - 1], picked_y[n - 1]
        n += 1
    return n


@device
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


@device
def _measure_exactly(x, y, nearest, begin, end, target_x, target_y):
    """Write the squared distance to the nearest of the targets `begin` to `end`, as defined; at least one."""
    nearest[:] = np.inf
    last = end - 1
    for b in range(begin, end, 4):
        c, d, e = min(b + 1, last), min(b + 2, last), min(b + 3, last)  # the last one may be met again
        _nearer_of_four(
            x, y, nearest,
            target_x[b], target_y[b], target_x[c], target_y[c],
            target_x[d], target_y[d], target_x[e], target_y[e],
        )  # fmt: skip


# Squares are neither NaN nor -0, so that their maximum may be taken in any order: vectors need that.
@device(fastmath={"nnan", "nsz"})
def _largest_of_columns(squares):
    rows = squares.size // WIDTH
    while rows > 1:
        half, end = rows // 2 * WIDTH, rows * WIDTH
        low, high = squares[:half], squares[end - half : end]
        for lane in range(half):
            low[lane] = high[lane] if high[lane] > low[lane] else low[lane]
        rows -= rows // 2


@device
def _largest_of_runs(squares, ends):
    k = 0
    for lane in range(WIDTH):
        largest = squares[k]
        for at in range(k + 1, ends[lane]):
            largest = squares[at] if squares[at] > largest else largest
        squares[lane], k = largest, ends[lane]


@elementwise
def block_body(t, blocks, frame, source, target, estimates, scratch, pairs, out):
    """One task, a block of pieces against all targets. Bound by float32 arithmetic; data in L1."""
    (pieces, first_row, starts, stops), (offsets, target_x, target_y) = blocks, target
    (twice_x, twice_y, squares, reach), chosen = estimates, pieces[t]
    begin, end = first_row[t] * WIDTH, first_row[t + 1] * WIDTH
    floats, ints, reals = scratch
    ax, ay, square = floats[0, begin:end], floats[1, begin:end], floats[2, begin:end]
    nearest32 = floats[3, begin:end]
    rows, keys, ends = ints[0, begin:end], ints[1, begin:end], ints[2, begin:end]
    first, second = ints[3, begin:end], ints[4, begin:end]
    x, y, nearest = reals[0, begin:end], reals[1, begin:end], reals[2, begin:end]
    picked_x, picked_y = reals[3, begin:end], reals[4, begin:end]
    block_reach = _lay_out(chosen, starts, stops, source, frame, (x, y), (ax, ay, square), rows)
    wait = pause = 0
    for j in range(offsets.size - 1):
        b, e = offsets[j], offsets[j + 1]
        if b == e:
            for piece in chosen:
                out[piece, j] = np.nan
            continue
        n, extent, fours = keys.size, block_reach + reach[j], (e - b + 3) // 4 * 4
        if wait > 0:
            wait -= 1
        elif extent >= LEAST and keys.size >= FEWEST_ROWS * WIDTH:
            pairs[0, t] += keys.size * fours
            estimate(ax, ay, nearest32, b, e, twice_x, twice_y, squares)
            write_keys(square, nearest32, rows, UNITS / (extent * extent), keys)
            two_largest(keys, WIDTH, first, second)
            n = _pick(keys, first, second, x, y, picked_x, picked_y, ends)
            wait = pause = min(LONGEST_PAUSE, 2 * pause + 1) if n == keys.size else 0
        if n == keys.size:
            _measure_exactly(x, y, nearest, b, e, target_x, target_y)
            _largest_of_columns(nearest)
        else:
            _measure_exactly(picked_x[:n], picked_y[:n], nearest[:n], b, e, target_x, target_y)
            _largest_of_runs(nearest, ends)
        pairs[1, t] += n * fours
        for lane in range(WIDTH):
            piece = chosen[lane]
            out[piece, j] = math.sqrt(nearest[lane]) if starts[piece] < stops[piece] else np.nan
