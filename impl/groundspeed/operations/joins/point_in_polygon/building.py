# mypy: allow-untyped-defs, no-check-untyped-defs
"""The kernels that build the cell index, in the order in which they run.

A body that writes a varying number of values runs twice, first to count (`write` is False), then to write
between the offsets that a scan made of the counts. Arguments that belong together come as tuples: `grid`
(frame, shape, centres_x, centres_y), `vertices` (x, y), `state` (states, words: of each cell of the level),
`target` (what is written).

States and words are written by several threads that do not wait for each other; all that write one value at
one time write the same, or (`paint`) it does not matter which comes last.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import (
    ASKED,
    CELLS,
    CENTRES_Y,
    COLUMNS,
    INLINE,
    LISTED,
    LOW_Y,
    NOBODY,
    PER_Y,
    ROWS,
    cell,
    cell_of,
    centres_left,
    crossed_columns,
    in_bounds,
    root_cell,
    upwards,
)


@njit(**INLINE)
def find_cell(i, points, root, numbers):
    """One thread finds the root's cell that a point lies in, or OUTSIDE or INFINITE. Bounded by memory."""
    x, y = points[0][i], points[1][i]
    outside = in_bounds(x, y, root) - np.int32(1)
    infinite = np.int32(abs(x) == math.inf) | np.int32(abs(y) == math.inf)
    numbers[i] = (root_cell(x, y, root) | outside) - infinite


@njit(**INLINE)
def ask(i, numbers, states):
    """One thread notes in which cell a point lies; it does no harm that those outside ask for the first."""
    states[max(numbers[i], 0)] = ASKED


@njit(**INLINE)
def place(i, points, nodes, first_node, root, grid, keys):
    """One thread tells in which cell of its node a point lies, counted from the level's first cell."""
    frame, shape, _, _ = grid
    x, y = points[0][i], points[1][i]
    keys[i] = -1
    if in_bounds(x, y, root):
        keys[i] = cell_of(x, y, nodes[i], frame, shape) - shape[first_node, CELLS]


@njit(**INLINE)
def row_crossings(i, write, items, grid, vertices, slack, counts, offsets, found):
    """One thread finds where edge i crosses the centre lines of the root's rows.

    It writes how many centres of the row lie left of it, behind the row, behind the owner, in one number.
    """
    edges, owners = items
    frame, shape, centres_x, centres_y = grid
    if write and offsets[i] == offsets[i + 1]:
        return
    x1, y1, x2, y2 = upwards(edges[i], vertices)
    row = cell(y1, frame[0, LOW_Y], frame[0, PER_Y], shape[0, ROWS])
    if centres_y[row] < y1:
        row += 1
    n = 0
    while row < shape[0, ROWS] and centres_y[row] < y2:
        if write:
            left = centres_left(x1, y1, x2, y2, centres_y[row], slack, centres_x, frame, shape)
            found[offsets[i] + n] = (owners[i] * shape[0, ROWS] + row) * (shape[0, COLUMNS] + 1) + left
        n += 1
        row += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def pair_crossings(i, found, rows, stride, owners, firsts, stops):
    """One thread makes a run of cells of two crossings that follow each other; see `row_crossings`."""
    line = found[2 * i] // stride
    owner = line // rows
    before = line + owner * (rows * (stride - 1))
    owners[i] = owner
    firsts[i] = found[2 * i] - before
    stops[i] = found[2 * i + 1] - before


@njit(**INLINE)
def paint(i, compare, runs, polygons, state):
    """One thread writes its polygon into the words of a run of cells whose centres are inside.

    With `compare`, when all have painted, it lists the cells that another polygon has painted too.
    """
    owners, firsts, stops = runs
    states, words = state
    word = -2 - polygons[owners[i]]
    for k in range(firsts[i], stops[i]):
        if not compare:
            words[k] = word
        elif words[k] != word and states[k] != NOBODY:
            states[k] = LISTED


@njit(**INLINE)
def edge_cells(i, write, items, grid, vertices, slack, first_node, state, cells, offsets, marks, target):
    """One thread lists the cells with points that edge i of a level may meet, behind the owner's marks.

    Few edges meet more than two cells: `cells` has how many, and which if it is one or two. `numbers` are the
    vertices' cells where vectors have found them (in the root), else empty. Bounded by reading the vertices.
    """
    edges, owners, nodes, numbers = items
    states, words = state
    counts, firsts, seconds = cells
    keys, values = target
    e = edges[i]
    at = offsets[i] + marks[owners[i] + 1] if write else np.int64(0)
    if write and counts[i] <= 2:
        if counts[i] >= 1:
            keys[at] = words[firsts[i]]
            values[at] = e
        if counts[i] == 2:
            keys[at + 1] = words[seconds[i]]
            values[at + 1] = e
        return
    frame, shape, _, centres_y = grid
    x, y = vertices
    node = nodes[owners[i]]
    zero = shape[first_node, CELLS]
    first = last = np.int64(0)
    if numbers.size:
        first, last = np.int64(numbers[e]), np.int64(numbers[e + 1])
    elif not write:
        first = cell_of(x[e], y[e], node, frame, shape) - zero
        last = cell_of(x[e + 1], y[e + 1], node, frame, shape) - zero
    if first == last and not write:
        asked = states[first] & ASKED
        states[first] |= asked * LISTED
        counts[i] = asked
        firsts[i] = first
        return
    x1, y1, x2, y2 = upwards(e, vertices)
    row = cell(y1, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    last = cell(y2, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    second = first
    n = 0
    while row <= last:
        centre_y = centres_y[shape[node, CENTRES_Y] + row]
        left, right = crossed_columns(x1, y1, x2, y2, centre_y, slack, node, frame, shape)
        for column in range(left, right + 1):
            k = shape[node, CELLS] - zero + row * shape[node, COLUMNS] + column
            asked = states[k] & ASKED
            if not write:
                states[k] |= asked * LISTED
                second = first if asked else second
                first = k if asked else first
            elif asked:
                keys[at + n] = words[k]
                values[at + n] = e
            n += asked
        row += 1
    if not write:
        counts[i] = n
        firsts[i] = first
        seconds[i] = second


@njit(**INLINE)
def mark_cells(i, write, runs, polygons, state, counts, offsets, edge_offsets, owner_edges, target):
    """One thread marks the listed cells of a run as inside its polygon, before the polygon's edges."""
    owners, firsts, stops = runs
    states, words = state
    keys, values = target
    n = 0
    for k in range(firsts[i], stops[i]):
        if states[k] == LISTED:
            if write:
                at = offsets[i] + edge_offsets[owner_edges[owners[i]]] + n
                keys[at] = words[k]
                values[at] = ~polygons[owners[i]]
            n += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def cell_lists(i, write, cells, grouped, polygon_of, position, parents, counts, crowd, offsets, target):
    """One thread makes the list of a cell from its grouped marks and edges."""
    starts, values = grouped
    parent_edges, per_node, most = parents
    words, lists = target
    if write:
        words[cells[i]] = 2 * (position + offsets[i])
        lists[offsets[i]] = counts[i] - 1
    n = 1
    edges = 0
    previous = -1
    for k in range(starts[i], starts[i + 1]):
        value = values[k]
        polygon = ~value if value < 0 else polygon_of[value]
        if polygon != previous:
            if write:
                lists[offsets[i] + n] = ~(2 * polygon + (1 if value < 0 else 0))
            n += 1
            previous = polygon
        if value >= 0:
            if write:
                lists[offsets[i] + n] = value
            n += 1
            edges += 1
    if not write:
        counts[i] = n
        # Refining pays where polygons have many edges, and once more only where the last time thinned them
        # out.
        thinned = 4 * edges <= 3 * parent_edges[cells[i] // per_node]
        crowd[i] = edges if edges > most and edges >= 2 * (n - 1 - edges) and thinned else 0
