# mypy: allow-untyped-defs, no-check-untyped-defs
"""The index of small polygons and the kernels that build it: boxes in hashed grids, a few for all sizes.

A box goes into a grid whose cells are at least as wide as it is, and there into each cell that it meets, four
at most. A grid has no bounds and an empty cell costs nothing: what a point pays depends on the boxes near it,
wherever the others lie. A cell is a *bucket* of a table, found by hashing; boxes of other cells that share
the bucket are told by a tag. An entry is a number of 64 bits: tag, box in sixty-fourths of the cell, polygon.
Whether such a box holds a point is one subtraction, of four differences at a time.

Why it is exact: `column`, the whole number below a coordinate times a constant, never decreases when the
coordinate increases, and a box meets two columns of cells at most (`measure` sees to that). So a point of the
box is in a cell of its low side or of its high side, each of those cells has the box, and the place of the
point in the cell is between those of the box's sides, as far as they lie in the cell. The cells of one box
are never in one bucket (`bucket`), so no polygon is met twice. What passes is asked edge by edge (`finding`).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import INLINE

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
