# mypy: allow-untyped-defs, no-check-untyped-defs
"""Kernels that ask the index of small polygons: which boxes hold a point (`boxes`), then their edges.

Points go by cells, which makes neighbours of neighbours: what one has fetched the next one finds in the
caches. `quick_side` judges the edges of a ring where rounding cannot tell otherwise, else `side_of` does, by
exact orientations.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.operations.joins.point_in_polygon.boxes import (
    BORROW,
    FAR,
    FINE,
    LANES,
    LAST,
    POLYGON,
    TAG,
    bucket,
    column,
    lanes,
)
from groundspeed.operations.joins.point_in_polygon.cells import BOUNDARY, INLINE, on_end
from groundspeed.scalar.orientation import determinant, orientation

FEW = 4
"""Entries of a bucket that are looked at whether they are there or not."""


@njit(**INLINE)
def quick_side(px, py, at, stop, vertices):
    """Whether a point is inside (1) or outside (0) of a ring, without branches; -1 where rounding may tell.

    Which side of an edge a point is on is anybody's guess, so that branches would cost more than they save.
    """
    x, y = vertices
    inside = uncertain = np.int64(0)
    x1, y1 = x[at], y[at]
    above = np.int64(y1 > py)
    at += 1
    while at < stop:
        x2, y2 = x[at], y[at]
        area, bound = determinant(x1, y1, x2, y2, px, py)
        above_too = np.int64(y2 > py)
        inside ^= (above ^ above_too) & (np.int64(area > 0) ^ above)
        uncertain |= np.int64(not abs(area) > bound)
        x1, y1, above = x2, y2, above_too
        at += 1
    return inside if uncertain == 0 else np.int64(-1)


@njit(**INLINE)
def side_of(px, py, polygon, parts, vertices):
    """Whether a point is outside (0), inside (1) or on the boundary (2) of a polygon, exactly."""
    rings, starts = parts
    x, y = vertices
    side = np.int64(0)
    for ring in range(rings[polygon], rings[polygon + 1]):
        for k in range(starts[ring], starts[ring + 1] - 1):
            x1, y1, x2, y2 = x[k], y[k], x[k + 1], y[k + 1]
            if (y1 > py) != (y2 > py):
                turn = orientation(x1, y1, x2, y2, px, py)
                side |= np.int64(turn == 0) << 1
                side ^= np.int64((turn > 0) == (y2 > y1))
            elif on_end(px, py, x1, y1, x2, y2):
                side |= BOUNDARY
    return min(side, np.int64(BOUNDARY))


@njit(**INLINE)
def block_of_point(i, points, scale, mask, keys):
    """One thread finds the block of a point in one grid, by which points are sorted."""
    c, r = column(points[0][i], scale), column(points[1][i], scale)
    keys[i] = 0
    if abs(c) < FAR and abs(r) < FAR:
        place, _ = bucket(np.int64(c) >> FINE, np.int64(r) >> FINE, np.int64(0), mask)
        keys[i] = place >> 4


@njit(**INLINE)
def copy_point(i, order, points, copies, infinite):
    """One thread copies a point to where its block has it, and tells if it is infinite."""
    x, y = points[0][order[i]], points[1][order[i]]
    copies[0][i], copies[1][i] = x, y
    if abs(x) == math.inf or abs(y) == math.inf:
        infinite[0] = 1


@njit(**INLINE)
def look_around(px, py, write, index, at, right):
    """How many boxes hold a point, and the last two of them; with `write` all, in `right` from `at` on."""
    (scales, firsts, masks), (begins, entries) = index
    n = 0
    last = before = np.int32(0)
    for grid in range(scales.size):
        this_column, this_row = column(px, scales[grid]), column(py, scales[grid])
        if not (abs(this_column) < FAR and abs(this_row) < FAR):
            continue
        c, r = np.int64(this_column), np.int64(this_row)
        place, tag = bucket(c >> FINE, r >> FINE, firsts[grid], masks[grid])
        east, north = c & LAST, r & LAST
        here = lanes(east, north, LAST - east, LAST - north) | BORROW
        k, stop = begins[np.uint64(place)], begins[np.uint64(place + 1)]
        # Nobody can predict how many entries there are, but most often no more than FEW.
        held = 0
        for j in range(FEW):
            entry = entries[np.uint64(min(k + j, entries.size - 1))]
            held |= np.int64((k + j < stop) & fits(here, tag, entry)) << j
        j = 0
        while held:
            if held & 1:
                before, last = last, np.int32(entries[np.uint64(k + j)] & POLYGON)
                n = noted(last, n, write, at, right)
            held >>= 1
            j += 1
        for other in range(k + FEW, stop):
            if fits(here, tag, entries[np.uint64(other)]):
                before, last = last, np.int32(entries[np.uint64(other)] & POLYGON)
                n = noted(last, n, write, at, right)
    return n, last, before


@njit(**INLINE)
def fits(here, tag, entry):
    """Whether the box of an entry holds a place (lanes, and bits to borrow from) of a cell with that tag."""
    return ((here - (entry & LANES)) & BORROW == BORROW) & ((entry >> TAG) & 0xFF == tag)


@njit(**INLINE)
def noted(polygon, n, write, at, right):
    """One more polygon."""
    if write:
        right[at + n] = polygon
    return n + 1


@njit(**INLINE)
def count_candidates(i, points, index, found, none):
    """One thread finds the boxes that hold a point. Bounded by reading a bucket and its entries.

    Args:
        points: in the order of their blocks, like all that follows here.
        found: (points,) how many boxes; the last two polygons.
    """
    counts, lasts, befores = found
    counts[i], lasts[i], befores[i] = look_around(points[0][i], points[1][i], False, index, 0, none)


@njit(**INLINE)
def write_candidates(i, points, index, found, offsets, candidates):
    """One thread writes the candidates of a point, those polygons whose boxes hold it."""
    owners, polygons = candidates
    counts, lasts, befores = found
    n, at = np.int64(counts[i]), offsets[i]
    for k in range(at, at + n):
        owners[k] = i
    if n > 2:
        look_around(points[0][i], points[1][i], True, index, at, polygons)
    elif n > 0:
        polygons[at + n - 1] = lasts[i]
        if n == 2:
            polygons[at] = befores[i]


@njit(**INLINE)
def test_candidate(k, points, accept, shapes, parts, vertices, candidates, states):
    """One thread tests a point against the edges of one polygon. Bounded by random reads of vertices."""
    owners, polygons = candidates
    lengths, firsts = shapes
    polygon = np.int64(polygons[k])
    px, py = points[0][owners[k]], points[1][owners[k]]
    length, first = np.int64(lengths[polygon]), np.int64(firsts[polygon])
    side = np.int64(-1)
    if length > 0:
        side = quick_side(px, py, first, first + length, vertices)
    if side < 0:
        side = side_of(px, py, polygon, parts, vertices)
    states[k] = accept >> side & 1


@njit(**INLINE)
def count_kept(i, order, offsets, states, counts):
    """One thread adds the candidates of a point that are pairs to what the cell index has found."""
    n = np.int32(0)
    for k in range(offsets[i], offsets[i + 1]):
        n += states[k]
    counts[order[i]] += n


@njit(**INLINE)
def write_kept(i, start, order, candidates, offsets, states, cell_hits, totals, pairs):
    """One thread writes the pairs of a point in order, after those that `kernels.walk_list` has written.

    Args:
        cell_hits: counts and words of the cell index, see `kernels.walk_list`, by rows of points.
        totals: offsets of the pairs, by rows of points.
    """
    left, right = pairs
    row = np.int64(order[i])
    begin, stop = totals[row], totals[row + 1]
    if begin == stop:
        return
    sure = np.int64(cell_hits[0][row])
    if sure == 1:
        right[begin] = -2 - cell_hits[1][row]
    at = begin + sure
    for k in range(offsets[i], offsets[i + 1]):
        if states[k]:
            right[at] = candidates[1][k]
            at += 1
    for k in range(begin, stop):
        left[k] = start + row
    if stop - begin > max(sure, 1):
        sort_run(right, begin, stop)


@njit(**INLINE)
def count_tests(k, lengths, polygons, tests):
    """One thread counts the edges that `test_candidate` asks."""
    tests[k] = abs(lengths[polygons[k]]) - 1


@njit(**INLINE)
def sort_run(values, start, stop):
    """Sort a part of an array in place: Shell's method, which needs neither memory nor recursion."""
    gap = np.int64(1)
    while 3 * gap < stop - start:
        gap = 3 * gap + 1
    while gap >= 1:
        for k in range(start + gap, stop):
            value = values[k]
            hole = k
            while hole - gap >= start and values[hole - gap] > value:
                values[hole] = values[hole - gap]
                hole -= gap
            values[hole] = value
        gap //= 3
