# mypy: allow-untyped-defs, no-check-untyped-defs
"""Kernels of the index of small polygons: their boxes in hashed grids, one grid for each size of box.

A box goes into the grid whose cells are about as wide as the box is, and there into each cell that it meets,
four at most. A grid has no bounds and an empty cell costs nothing, so what a point pays depends on the boxes
near it, wherever the others lie. A cell is a *bucket* of a table, found by hashing; boxes of other cells that
share the bucket do not hold the point and are passed over.

Why it is exact: `column`, the whole number below a coordinate times a power of two, never decreases when the
coordinate increases, so a point of a box lies in one of the columns and rows from the box's low side to its
high side, and each of those cells has the box. Cells less than four columns and rows apart are never in one
bucket (`bucket`), so no polygon is met twice. A polygon whose box holds the point is asked by `side_of`, edge
by edge, with exact orientations.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import BOUNDARY, INLINE, on_end
from groundspeed.scalar.orientation import orientation

MOST_EDGES = 64
"""A polygon with more is not small."""
# Classes of size: powers of two from LEAST on, then what is in no grid.
LEAST, LARGE, NOTHING, TOO_FAR, CLASSES = -1000, 1500, 1501, 1502, 1503
FAR = 2.0**60
"""No box lies in a column or row beyond."""
MULTIPLIER = np.int64(-7046029254386353131)  # 2**64 divided by the golden ratio: Fibonacci hashing


@njit(**INLINE)
def column(value, scale):
    """Column (or row) of a coordinate in the grid of `scale` cells per unit: a whole number, as a float."""
    return math.floor(value * scale)


@njit(**INLINE)
def bucket(column, row, first, mask):
    """Bucket of a cell. A block of 4 x 4 cells is hashed as a whole: neighbours are neighbours in memory.

    Args:
        column, row: int64.
        first: of the grid's buckets.
        mask: one less than the number of the grid's blocks, a power of two.
    """
    mixed = ((column >> 2) * MULTIPLIER + (row >> 2)) * MULTIPLIER
    block = (mixed >> 32) & mask
    return first + (block << 4) + ((row & 3) << 2) + (column & 3)


@njit(**INLINE)
def measure(i, parts, vertices, limits, scales, boxes, sizes, edges):
    """One thread finds the box of a polygon, the class of its size and its number of edges.

    Args:
        parts: (polygons + 1,) first rings of the polygons, (rings + 1,) first vertices of the rings.
        limits: binary digits of a coordinate's fraction (a cell is no finer), LEAST, the largest coordinate.
        scales: (CLASSES,) cells per unit of each class.
        boxes: (4 * polygons,) low x, low y, high x, high y; only of those in a grid.
        edges: (polygons,) 0 for those in no grid.
    """
    rings, starts = parts
    x, y = vertices
    digits, least, farthest = limits
    at, stop = starts[rings[i]], starts[rings[i + 1]]
    count = stop - at - (rings[i + 1] - rings[i])
    edges[i] = 0
    sizes[i] = NOTHING if stop == at else LARGE
    if stop == at or count > MOST_EDGES:
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
    edges[i] = count
    size = np.int64(size_of(max(high_x - low_x, high_y - low_y), reach, digits, least)) + 1
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
    return column(high, scale) - column(low, scale) + 1


@njit(**INLINE)
def enter(i, sizes, boxes, grid_of, grids, nowhere, keys, values):
    """One thread writes the buckets of a polygon's cells: four, `nowhere` in place of one that is not met.

    Args:
        grid_of: (CLASSES,) number of the grid for each class of size, -1 for none.
        grids: (grids,) cells per unit, first bucket and mask of each.
    """
    scales, firsts, masks = grids
    for k in range(4):
        keys[4 * i + k] = nowhere
        values[4 * i + k] = i
    grid = grid_of[sizes[i]]
    if grid < 0:
        return
    scale, first, mask = scales[grid], firsts[grid], masks[grid]
    left, right = np.int64(column(boxes[4 * i], scale)), np.int64(column(boxes[4 * i + 2], scale))
    low, high = np.int64(column(boxes[4 * i + 1], scale)), np.int64(column(boxes[4 * i + 3], scale))
    keys[4 * i] = bucket(left, low, first, mask)
    if right > left:
        keys[4 * i + 1] = bucket(right, low, first, mask)
    if high > low:
        keys[4 * i + 2] = bucket(left, high, first, mask)
    if right > left and high > low:
        keys[4 * i + 3] = bucket(right, high, first, mask)


@njit(**INLINE)
def holds(boxes, polygon, x, y):
    """Whether a polygon's box holds a point."""
    k = 4 * np.int64(polygon)
    return (boxes[k] <= x) & (boxes[k + 1] <= y) & (x <= boxes[k + 2]) & (y <= boxes[k + 3])


@njit(**INLINE)
def side_of(px, py, polygon, parts, vertices):
    """Whether a point is outside (0), inside (1) or on the boundary (2) of a polygon: a walk over its edges."""
    rings, starts = parts
    x, y = vertices
    ring, last = rings[polygon], rings[polygon + 1]
    at = starts[ring]
    inside = 0
    while ring < last:
        stop = starts[ring + 1]
        x1, y1 = x[at], y[at]
        at += 1
        while at < stop:
            x2, y2 = x[at], y[at]
            if (y1 > py) != (y2 > py):
                turn = orientation(x1, y1, x2, y2, px, py)
                if turn == 0:
                    return BOUNDARY
                inside ^= (turn > 0) == (y2 > y1)
            elif on_end(px, py, x1, y1, x2, y2):
                return BOUNDARY
            x1, y1 = x2, y2
            at += 1
        ring += 1
    return inside


@njit(**INLINE)
def ask(i, write, points, accept, grids, table, boxes, parts, vertices, at, right):
    """Look up a point in every grid: how many polygons make a pair with it, and the last of them.

    With `write` the polygons go to `right` from `at` on, in any order.
    """
    scales, firsts, masks = grids
    starts, polygons = table
    px, py = points[0][i], points[1][i]
    n = 0
    last = np.int32(0)
    for grid in range(scales.size):
        this_column, this_row = column(px, scales[grid]), column(py, scales[grid])
        if not (abs(this_column) < FAR and abs(this_row) < FAR):
            continue
        place = bucket(np.int64(this_column), np.int64(this_row), firsts[grid], masks[grid])
        k, stop = starts[place], starts[place + 1]
        while k < stop:
            polygon = polygons[k]
            if holds(boxes, polygon, px, py):
                if accept >> side_of(px, py, polygon, parts, vertices) & 1:
                    if write:
                        right[at + n] = polygon
                    last = polygon
                    n += 1
            k += 1
    return n, last


@njit(**INLINE)
def count_in_boxes(i, points, accept, index, hits, infinite, none):
    """One thread asks the small polygons about a point. Bounded by random reads: bucket, boxes, vertices."""
    grids, table, boxes, parts, vertices = index
    counts, found = hits
    n, last = ask(i, False, points, accept, grids, table, boxes, parts, vertices, 0, none)
    counts[i] = n
    found[i] = last
    if abs(points[0][i]) == math.inf or abs(points[1][i]) == math.inf:
        infinite[0] = 1


@njit(**INLINE)
def write_in_boxes(i, start, points, accept, index, cell_hits, hits, offsets, pairs):
    """One thread writes all pairs of a point, those that the cell index has found (and written) before.

    Args:
        cell_hits: counts and words, see `kernels.walk_list`.
        hits: of `count_in_boxes`.
    """
    grids, table, boxes, parts, vertices = index
    left, right = pairs
    before, n = np.int64(cell_hits[0][i]), np.int64(hits[0][i])
    at = offsets[i]
    if before == 1:
        right[at] = -2 - cell_hits[1][i]
    if n == 1:
        right[at + before] = hits[1][i]
    elif n > 1:
        ask(i, True, points, accept, grids, table, boxes, parts, vertices, at + before, right)
    for k in range(at, at + before + n):
        left[k] = start + i
    if n >= 1 and before + n > 1:
        sort_run(right, at, at + before + n)


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


@njit(**INLINE)
def count_tests(i, points, index, edges, polygon_edges):
    """One thread counts the edges that `count_in_boxes` asks, at most."""
    grids, table, boxes, _, _ = index
    scales, firsts, masks = grids
    starts, polygons = table
    px, py = points[0][i], points[1][i]
    edges[i] = 0
    for grid in range(scales.size):
        this_column, this_row = column(px, scales[grid]), column(py, scales[grid])
        if not (abs(this_column) < FAR and abs(this_row) < FAR):
            continue
        place = bucket(np.int64(this_column), np.int64(this_row), firsts[grid], masks[grid])
        for k in range(starts[place], starts[place + 1]):
            if holds(boxes, polygons[k], px, py):
                edges[i] += polygon_edges[polygons[k]]
