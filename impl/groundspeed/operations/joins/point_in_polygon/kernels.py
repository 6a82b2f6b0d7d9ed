"""The kernels of the cell index: one source for cpu, emulator and cuda.

Every body that writes a varying number of values runs twice, first to count (`write` is False), then,
between the offsets that a scan made of the counts, to write. A cell's *word* says what is in it: EMPTY, one
polygon that covers it (`-2 - polygon`), a list (`2 * position`) or a finer node (`2 * node + 1`). A list is
its length, then for each polygon `~(2 * polygon + whether the cell's centre is inside)` and the polygon's
edges in the cell; an edge is the number of its first vertex.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from groundspeed.engines.kernels import Kernel
from groundspeed.operations.joins.point_in_polygon.cells import (
    BOUNDARY,
    CENTRES_X,
    CENTRES_Y,
    COLUMNS,
    HIGH_X,
    HIGH_Y,
    INLINE,
    LOW_X,
    LOW_Y,
    PER_Y,
    ROWS,
    cell,
    centres_left,
    crossed_columns,
    locate,
    step,
)

EMPTY = -1
INFINITE = -1


@njit(**INLINE)
def upwards(edge, x, y):
    """An edge from its lower to its upper end."""
    if y[edge] <= y[edge + 1]:
        return x[edge], y[edge], x[edge + 1], y[edge + 1]
    return x[edge + 1], y[edge + 1], x[edge], y[edge]


@njit(**INLINE)
def edge_cells(
    i,
    write,
    edges,
    owners,
    nodes,
    first_node,
    frame,
    shape,
    centres_y,
    x,
    y,
    slack,
    counts,
    offsets,
    marks,
    keys,
    values,
):
    """One thread lists the cells that edge i of a level may meet, behind the marks of its owner."""
    owner = owners[i]
    node = nodes[owner]
    x1, y1, x2, y2 = upwards(edges[i], x, y)
    row = cell(y1, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    last = cell(y2, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    columns = shape[node, COLUMNS]
    base = (node - first_node) * columns * shape[node, ROWS]
    n = 0
    while row <= last:
        centre_y = centres_y[shape[node, CENTRES_Y] + row]
        left, right = crossed_columns(x1, y1, x2, y2, centre_y, slack, node, frame, shape)
        if write:
            at = offsets[i] + marks[owner + 1] + n
            for column in range(left, right + 1):
                keys[at] = base + row * columns + column
                values[at] = edges[i]
                at += 1
        n += max(right - left + 1, 0)
        row += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def row_crossings(
    i, write, edges, owners, frame, shape, centres_x, centres_y, x, y, slack, counts, offsets, keys, found
):
    """One thread finds where edge i crosses the centre lines of the root's rows, in columns."""
    x1, y1, x2, y2 = upwards(edges[i], x, y)
    row = cell(y1, frame[0, LOW_Y], frame[0, PER_Y], shape[0, ROWS])
    if centres_y[row] < y1:
        row += 1
    n = 0
    while row < shape[0, ROWS] and centres_y[row] < y2:
        if write:
            left = centres_left(x1, y1, x2, y2, centres_y[row], slack, centres_x, frame, shape)
            keys[offsets[i] + n] = row * (shape[0, COLUMNS] + 1) + left
            found[offsets[i] + n] = owners[i]
        n += 1
        row += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def mark_cells(i, owners, firsts, offsets, polygons, edge_offsets, owner_edges, keys, values):
    """One thread marks a run of cells whose centres are inside a polygon, before the polygon's edges."""
    at = offsets[i] + edge_offsets[owner_edges[owners[i]]]
    for k in range(offsets[i + 1] - offsets[i]):
        keys[at + k] = firsts[i] + k
        values[at + k] = ~polygons[owners[i]]


@njit(**INLINE)
def cell_lists(
    i,
    write,
    starts,
    values,
    polygon_of,
    position,
    parent_edges,
    per_node,
    most,
    counts,
    crowd,
    offsets,
    words,
    lists,
):
    """One thread makes a cell's word and list from its grouped marks and edges."""
    start, stop = starts[i], starts[i + 1]
    if write:
        if counts[i] == 0:
            words[i] = EMPTY if start == stop else -1 + values[start]
            return
        words[i] = 2 * (position + offsets[i])
        lists[offsets[i]] = counts[i] - 1
    n = 1
    edges = 0
    previous = -1
    for k in range(start, stop):
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
        counts[i] = 0 if edges == 0 and n <= 2 else n
        crowded = (
            edges > most and edges >= 2 * (n - 1 - edges) and 4 * edges <= 3 * parent_edges[i // per_node]
        )
        crowd[i] = edges if crowded else 0


@njit(**INLINE)
def unpack_lists(
    i,
    write,
    cells,
    words,
    lists,
    position,
    node,
    owner_counts,
    edge_counts,
    owner_offsets,
    edge_offsets,
    polygons,
    inside,
    nodes,
    owner_edges,
    edges,
    owners,
):
    """One thread turns the list of a crowded cell back into owners (a polygon in a node) and their edges."""
    at = (np.int64(words[cells[i]]) >> 1) - position
    stop = at + 1 + lists[at]
    at += 1
    owner = 0
    edge = 0
    while at < stop:
        value = lists[at]
        if value < 0:
            if write:
                new = owner_offsets[i] + owner
                polygons[new] = ~value >> 1
                inside[new] = ~value & 1
                nodes[new] = node + i
                owner_edges[new] = edge_offsets[i] + edge
            owner += 1
        else:
            if write:
                edges[edge_offsets[i] + edge] = value
                owners[edge_offsets[i] + edge] = owner_offsets[i] + owner - 1
            edge += 1
        at += 1
    if not write:
        owner_counts[i] = owner
        edge_counts[i] = edge


@njit(**INLINE)
def child_marks(
    i, inside, nodes, owner_edges, edges, parents_x, parents_y, shape, centres_x, centres_y, x, y, counts
):
    """One thread tells whether a child's centre is inside an owner's polygon: it walks to the parent's."""
    per_node = shape[nodes[0], COLUMNS] * shape[nodes[0], ROWS]
    owner = i // per_node
    node = nodes[owner]
    child = i - owner * per_node
    row = child // shape[node, COLUMNS]
    column = child - row * shape[node, COLUMNS]
    from_x, from_y = centres_x[shape[node, CENTRES_X] + column], centres_y[shape[node, CENTRES_Y] + row]
    parity = np.int64(inside[owner])
    for k in range(owner_edges[owner], owner_edges[owner + 1]):
        e = edges[k]
        change = step(
            from_x,
            from_y,
            parents_x[node - nodes[0]],
            parents_y[node - nodes[0]],
            x[e],
            y[e],
            x[e + 1],
            y[e + 1],
        )
        parity ^= change & 1
    counts[i] = parity


@njit(**INLINE)
def query(
    i,
    write,
    start,
    px,
    py,
    accept,
    frame,
    shape,
    centres_x,
    centres_y,
    words,
    lists,
    x,
    y,
    counts,
    firsts,
    offsets,
    left,
    right,
):
    """One thread joins one point. Bounded by two dependent random reads (word, list) and the edges of the
    list.

    `accept` has bit 0, 1, 2 set if a point outside, inside, on the boundary of a polygon makes a pair.
    """
    n = 0
    if write:
        total = offsets[i + 1] - offsets[i]
        if total == 0:
            return
        left[offsets[i]] = start + i
        right[offsets[i]] = firsts[i]
        if total == 1:
            return
    a, b = px[i], py[i]
    if not (frame[0, LOW_X] <= a <= frame[0, HIGH_X] and frame[0, LOW_Y] <= b <= frame[0, HIGH_Y]):
        counts[i] = INFINITE if math.isinf(a) or math.isinf(b) else 0
        return
    node, row, column, word = locate(a, b, frame, shape, words)
    if word < 0:
        counts[i] = 1 if word < EMPTY and accept & 2 else 0
        firsts[i] = -2 - word
        return
    centre_x = centres_x[shape[node, CENTRES_X] + column]
    centre_y = centres_y[shape[node, CENTRES_Y] + row]
    at = word >> 1
    stop = at + lists[at] + 1
    at += 1
    while at < stop:
        header = ~lists[at]
        state = header & 1
        at += 1
        while at < stop:
            e = lists[at]
            if e < 0:
                break
            if state < BOUNDARY:
                change = step(a, b, centre_x, centre_y, x[e], y[e], x[e + 1], y[e + 1])
                state = BOUNDARY if change >= BOUNDARY else state ^ change
            at += 1
        if accept >> state & 1:
            if write:
                left[offsets[i] + n] = start + i
                right[offsets[i] + n] = header >> 1
            elif n == 0:
                firsts[i] = header >> 1
            n += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def cost(i, px, py, frame, shape, words, lists, kinds, edges):
    """One thread tells what `query` does with a point: 1 interior, 2 list, 4 finer node; edges in the list."""
    kinds[i] = 0
    edges[i] = 0
    if not (frame[0, LOW_X] <= px[i] <= frame[0, HIGH_X] and frame[0, LOW_Y] <= py[i] <= frame[0, HIGH_Y]):
        return
    node, _, _, word = locate(px[i], py[i], frame, shape, words)
    kinds[i] = (4 if node > 0 else 0) + (2 if word >= 0 else (1 if word < EMPTY else 0))
    if word >= 0:
        at = word >> 1
        for k in range(at + 1, at + 1 + lists[at]):
            edges[i] += 1 if lists[k] >= 0 else 0


KERNELS: tuple[Kernel, ...] = ()
