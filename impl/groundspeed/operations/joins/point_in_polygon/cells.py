# mypy: allow-untyped-defs, no-check-untyped-defs
"""Cells of the index and the walk inside one: the scalar half of the algorithm.

The rule that all of it rests on: `column(v)` never decreases when v increases, so the coordinates of one
column are an interval, and so are those of a row. Two points of one cell and everything between them share
the cell. The outermost cells of a grid reach to infinity, or, in a node that refines a cell, to the end of
that cell: a grid need not cover more than its edges. The walk goes from a point to the centre of its cell,
first along x, then along y, so every edge that it crosses meets the cell, and the cell's list has every edge
that meets it.

The parity of a point is the number of edges strictly right of it, counted on the half-open rule in y; an
*up* parity counts those strictly above it on the half-open rule in x. Both are the parity of a point moved
by an infinitesimal step into the first quadrant, (e, e*e) and (e*e, e), so they differ by the edges that
leave the point strictly inside that quadrant. `step` counts the crossings of both legs and these edges
where the walk turns and where it ends; the result is exact wherever vertices, edges and centres fall.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from groundspeed.scalar.orientation import determinant, orientation

# `root` has numbers of the root: LOW_X to PER_Y, HIGH_X, HIGH_Y, and its last column and row as floats.
# Columns of `frame`, one row per node of the index: the lowest coordinates, cells per unit, half the size
# of a cell and the slack of `reach`, the highest coordinates.
LOW_X, LOW_Y, PER_X, PER_Y, REACH_Y, HIGH_X, HIGH_Y = range(7)
# Columns of `shape`: position of the node's first cell, number of columns and rows, positions of their
# centres.
CELLS, COLUMNS, ROWS, CENTRES_X, CENTRES_Y = range(5)

BOUNDARY = 2
OUTSIDE, INFINITE = -1, -2  # instead of a cell's number
EMPTY = -1
# States of a cell while its level is built: no point asks for it, one does, and then it needs a list.
NOBODY, ASKED, LISTED = 0, 1, 3

# Bodies take many arrays: a call that LLVM does not inline pushes a hundred words, and counts references
# atomically.
INLINE: dict[str, Any] = {"error_model": "numpy", "forceinline": True, "_nrt": False}


@njit(**INLINE)
def upwards(edge, vertices):
    """An edge from its lower to its upper end."""
    x, y = vertices
    xa, ya, xb, yb = x[edge], y[edge], x[edge + 1], y[edge + 1]
    rises = ya <= yb
    return (xa if rises else xb), (ya if rises else yb), (xb if rises else xa), (yb if rises else ya)


@njit(**INLINE)
def cell(value, low, per_unit, count):
    """Row or column of a coordinate."""
    found = np.int64((value - low) * per_unit)
    return max(min(found, count - 1), 0)


@njit(**INLINE)
def in_bounds(x, y, root):
    """Whether a point lies in the bounds of all polygons, 1 or 0; NaN does not."""
    low_x, low_y, _, _, high_x, high_y, _, _ = root
    return np.int32((low_x <= x) & (x <= high_x) & (low_y <= y) & (y <= high_y))


@njit(**INLINE)
def root_cell(x, y, root):
    """Number of the root's cell that a point lies in, or of the nearest one; any one for NaN.

    The same as `cell_of`, but it takes numbers, which need not be loaded again for each point.
    """
    low_x, low_y, per_x, per_y, _, _, last_column, last_row = root
    column = np.int32(min(last_column, (max(low_x, x) - low_x) * per_x))
    row = np.int32(min(last_row, (max(low_y, y) - low_y) * per_y))
    return row * (np.int32(last_column) + np.int32(1)) + column


@njit(**INLINE)
def cell_of(x, y, node, frame, shape):
    """Number of the cell of a node that a point lies in."""
    row = cell(y, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    column = cell(x, frame[node, LOW_X], frame[node, PER_X], shape[node, COLUMNS])
    return shape[node, CELLS] + row * shape[node, COLUMNS] + column


@njit(**INLINE)
def crossed_columns(x1, y1, x2, y2, centre_y, slack, node, frame, shape):
    """First and last column where an edge (y1 <= y2) may lie in a row; the last is less if in none."""
    bottom = max(y1, centre_y - frame[node, REACH_Y])
    top = min(y2, centre_y + frame[node, REACH_Y])
    if bottom > top:
        return 0, -1
    a, b = x1, x2
    if y1 < bottom or top < y2:
        a = x1 + (bottom - y1) / (y2 - y1) * (x2 - x1)
        b = x1 + (top - y1) / (y2 - y1) * (x2 - x1)
    left = max(min(a, b) - slack, min(x1, x2))
    right = min(max(a, b) + slack, max(x1, x2))
    if right < frame[node, LOW_X] or left > frame[node, HIGH_X]:
        return 0, -1
    first = cell(left, frame[node, LOW_X], frame[node, PER_X], shape[node, COLUMNS])
    return first, cell(right, frame[node, LOW_X], frame[node, PER_X], shape[node, COLUMNS])


@njit(**INLINE)
def centres_left(x1, y1, x2, y2, centre_y, slack, centres_x, frame, shape):
    """How many column centres of the root lie strictly left of an edge (y1 < y2) on a row's centre line."""
    x = x1 + (centre_y - y1) / (y2 - y1) * (x2 - x1)
    low, per_unit, count = frame[0, LOW_X], frame[0, PER_X], shape[0, COLUMNS]
    found = cell(x - slack, low, per_unit, count)
    last = cell(x + slack, low, per_unit, count)
    while found <= last and orientation(x1, y1, x2, y2, centres_x[found], centre_y) > 0:
        found += 1
    return found


@njit(**INLINE)
def step(x, y, centre_x, centre_y, x1, y1, x2, y2):
    """What one edge does to the walk from (x, y) to the centre.

    Whether the edge crosses a leg is anybody's guess, so that branches would cost more than they save.

    Returns:
        1 if it changes the parity, else 0; plus BOUNDARY if the point lies on the edge.
    """
    here, here_bound = determinant(x1, y1, x2, y2, x, y)
    turn, turn_bound = determinant(x1, y1, x2, y2, centre_x, y)
    end, end_bound = determinant(x1, y1, x2, y2, centre_x, centre_y)
    if (abs(here) > here_bound) & (abs(turn) > turn_bound) & (abs(end) > end_bound):
        along_x = ((y1 > y) ^ (y2 > y)) & ((here > 0) ^ (turn > 0))
        along_y = ((x1 > centre_x) ^ (x2 > centre_x)) & ((turn > 0) ^ (end > 0))
        return np.int64(along_x ^ along_y)
    return exact_step(x, y, centre_x, centre_y, x1, y1, x2, y2)


@njit(**INLINE)
def exact_step(x, y, centre_x, centre_y, x1, y1, x2, y2):
    """`step` where a corner of the walk may lie on the line through the edge."""
    rises = y2 > y1
    east = x2 > x1
    crosses_x = (x1 > centre_x) != (x2 > centre_x)
    changes = False
    boundary = False
    if (y1 > y) != (y2 > y):
        here = orientation(x1, y1, x2, y2, x, y)
        turn = orientation(x1, y1, x2, y2, centre_x, y)
        boundary = here == 0
        changes = (here > 0 if rises else here < 0) != (turn > 0 if rises else turn < 0)
        if turn == 0 and crosses_x and east == rises:
            changes = not changes
    else:
        boundary = on_end(x, y, x1, y1, x2, y2)
        if crosses_x:
            turn = orientation(x1, y1, x2, y2, centre_x, y)
    if crosses_x:
        end = orientation(x1, y1, x2, y2, centre_x, centre_y)
        if (turn < 0 if east else turn > 0) != (end < 0 if east else end > 0):
            changes = not changes
        if end == 0 and east == rises and (y1 > centre_y) != (y2 > centre_y):
            changes = not changes
    return (1 if changes else 0) + (BOUNDARY if boundary else 0)


@njit(**INLINE)
def on_end(x, y, x1, y1, x2, y2):
    """Whether a point lies on an edge unseen by the half-open rule: at its upper end, or on a level edge."""
    if y1 == y and y2 == y:
        return min(x1, x2) <= x <= max(x1, x2)
    return (y1 == y and x1 == x) or (y2 == y and x2 == x)


@njit(**INLINE)
def locate(x, y, root, frame, shape, words):
    """Node, number and word of the innermost cell that a point inside the bounds lies in."""
    node = np.int64(0)
    number = np.int64(root_cell(x, y, root))
    word = np.int64(words[number])
    while word >= 0 and word & 1:
        node = word >> 1
        number = cell_of(x, y, node, frame, shape)
        word = np.int64(words[number])
    return node, number - shape[node, CELLS], word
