# mypy: allow-untyped-defs, no-check-untyped-defs
"""Kernels of the index of small polygons: their boxes in hashed grids, a few grids for all sizes.

A box goes into a grid whose cells are at least as wide as it is, and there into each cell that it meets, four
at most. A grid has no bounds and an empty cell costs nothing: what a point pays depends on the boxes near it,
wherever the others lie. A cell is a *bucket* of a table, found by hashing; boxes of other cells that share
the bucket are told by a tag. An entry is a number of 64 bits: tag, box in sixty-fourths of the cell, polygon.
Whether such a box holds a point is one subtraction, of four differences at a time.

Why it is exact: `column`, the whole number below a coordinate times a constant, never decreases when the
coordinate increases, and a box meets two columns of cells at most (`measure` sees to that). So a point of the
box is in a cell of its low side or of its high side, each of those cells has the box, and the place of the
point in the cell is between those of the box's sides, as far as they lie in the cell. The cells of one box
are never in one bucket (`bucket`), so no polygon is met twice. What passes is asked edge by edge:
`quick_side` decides where rounding cannot, else `side_of` by exact orientations.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import BOUNDARY, INLINE, on_end
from groundspeed.scalar.orientation import determinant, orientation

MOST_EDGES = 64
"""A polygon with more is not small."""
LEAST, STEPS = -1000, 2
"""Classes of size begin at 2**LEAST; so many double it. Behind them are those of what is in no grid."""
LARGE, NOTHING, TOO_FAR, CLASSES = STEPS * 1500, STEPS * 1500 + 1, STEPS * 1500 + 2, STEPS * 1500 + 3
FAR = 2.0**61
"""No box lies in a column or row beyond."""
FINE = 6
"""Binary digits of a place in a cell."""
LAST = (1 << FINE) - 1
LANE, TAG = FINE + 1, 56  # bits of a lane, which has one to borrow from, and of polygon and lanes together
POLYGON = (1 << (TAG - 4 * LANE)) - 1
FEW = 4
BORROW = sum(1 << (TAG - 4 * LANE + k * LANE + FINE) for k in range(4))
LANES = sum(LAST << (TAG - 4 * LANE + k * LANE) for k in range(4))
MULTIPLIER = np.int64(-7046029254386353131)  # 2**64 divided by the golden ratio: Fibonacci hashing


@njit(**INLINE)
def column(value, scale):
    """Column (or row) of a coordinate in sixty-fourths of a cell: a whole number, as a float."""
    return math.floor(value * scale)


@njit(**INLINE)
def bucket(column, row, first, mask):
    """Bucket and tag of a cell. A block of 4 x 4 cells is hashed as a whole: neighbours are neighbours.

    Args:
        column, row: int64, of cells.
        first: of the grid's buckets.
        mask: one less than the number of the grid's blocks, a power of two.
    """
    mixed = ((column >> 2) * MULTIPLIER + (row >> 2)) * MULTIPLIER
    block = (mixed >> 32) & mask
    return first + (block << 4) + ((row & 3) << 2) + (column & 3), (mixed >> 24) & 0xFF


@njit(**INLINE)
def lanes(left, low, right, high):
    """Four places in a cell, each in its lane: greater than or equal to those of a box that holds them."""
    packed = ((high << LANE | right) << LANE | low) << LANE | left
    return packed << (TAG - 4 * LANE)


@njit(**INLINE)
def measure(i, parts, vertices, limits, scales, boxes, sizes, shapes):
    """One thread finds the box of a polygon, the class of its size, its number of vertices and the first.

    Args:
        parts: (polygons + 1,) first rings of the polygons, (rings + 1,) first vertices of the rings.
        limits: binary digits that a column may have, LEAST, STEPS, the largest coordinate.
        scales: (CLASSES,) sixty-fourths of a cell per unit, of each class.
        boxes: (4 * polygons,) low x, low y, high x, high y; only of those in a grid.
        shapes: (polygons,) of those in a grid the number of vertices, negative if they make several rings,
            else 0; (polygons,) the first vertex.
    """
    rings, starts = parts
    x, y = vertices
    digits, least, steps, farthest = limits
    lengths, firsts = shapes
    at, stop = starts[rings[i]], starts[rings[i + 1]]
    length = stop - at
    lengths[i] = 0
    firsts[i] = at
    sizes[i] = NOTHING if length == 0 else LARGE
    if length == 0 or length > MOST_EDGES + 1:
        return
    low_x, low_y = x[at], y[at]
    high_x, high_y = low_x, low_y
    at += 1
    while at < stop:
        low_x, high_x = min(low_x, x[at]), max(high_x, x[at])
        low_y, high_y = min(low_y, y[at]), max(high_y, y[at])
        at += 1
    reach = max(max(-low_x, high_x), max(-low_y, high_y))
    if reach > farthest:
        sizes[i] = TOO_FAR
        return
    boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3] = low_x, low_y, high_x, high_y
    lengths[i] = length if rings[i + 1] - rings[i] == 1 else -length
    size = np.int64(size_of(max(high_x - low_x, high_y - low_y), reach, digits, least) * steps) + 1
    while cells_across(low_x, high_x, scales[size]) > 2 or cells_across(low_y, high_y, scales[size]) > 2:
        size += 1
    sizes[i] = size


@njit(**INLINE)
def size_of(width, reach, digits, least):
    """Binary logarithm of a box's width, not below what rounding allows, less `least`."""
    return max(max(math.log2(width), math.log2(reach) - digits), least) - least


@njit(**INLINE)
def cells_across(low, high, scale):
    """How many columns (or rows) an interval meets."""
    return (np.int64(column(high, scale)) >> FINE) - (np.int64(column(low, scale)) >> FINE) + 1


@njit(**INLINE)
def enter(i, sizes, boxes, grid_of, grids, nowhere, keys, entries):
    """One thread writes the buckets of a polygon's cells: four, `nowhere` in place of one that is not met.

    Args:
        grid_of: (CLASSES,) number of the grid for each class of size, -1 for none.
        grids: (grids,) sixty-fourths of a cell per unit, first bucket and mask of each.
        entries: int64, see above.
    """
    scales, firsts, masks = grids
    grid = grid_of[sizes[i]]
    for k in range(4 * i, 4 * i + 4):
        keys[k] = nowhere
        entries[k] = 0
    if grid < 0:
        return
    scale = scales[grid]
    left, right = np.int64(column(boxes[4 * i], scale)), np.int64(column(boxes[4 * i + 2], scale))
    low, high = np.int64(column(boxes[4 * i + 1], scale)), np.int64(column(boxes[4 * i + 3], scale))
    k = 4 * i
    for row in range(low >> FINE, (high >> FINE) + 1):
        for column_ in range(left >> FINE, (right >> FINE) + 1):
            place, tag = bucket(column_, row, firsts[grid], masks[grid])
            west, south = max(left - (column_ << FINE), 0), max(low - (row << FINE), 0)
            east, north = min(right - (column_ << FINE), LAST), min(high - (row << FINE), LAST)
            keys[k] = place
            entries[k] = tag << TAG | lanes(west, south, LAST - east, LAST - north) | i
            k += 1


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
