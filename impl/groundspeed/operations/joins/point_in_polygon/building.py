# mypy: allow-untyped-defs, no-check-untyped-defs
"""The kernels that build the cell index, in the order in which they run.

A body that writes a varying number of values runs twice, first to count (`write` is False), then to write
between the offsets that a scan made of the counts. Arguments that belong together come as tuples: `grid`
(frame, shape, centres_x, centres_y), `vertices` (x, y), `target` (what is written).
"""

from __future__ import annotations

from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import (
    CENTRES_X,
    CENTRES_Y,
    COLUMNS,
    EMPTY,
    INLINE,
    LOW_Y,
    PER_Y,
    ROWS,
    cell,
    centres_left,
    crossed_columns,
    step,
    upwards,
)


@njit(**INLINE)
def edge_cells(i, write, items, grid, vertices, slack, first_node, counts, offsets, marks, target):
    """One thread lists the cells that edge i of a level may meet, behind the marks of its owner."""
    edges, owners, nodes = items
    frame, shape, _, centres_y = grid
    keys, values = target
    node = nodes[owners[i]]
    x1, y1, x2, y2 = upwards(edges[i], vertices)
    row = cell(y1, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    last = cell(y2, frame[node, LOW_Y], frame[node, PER_Y], shape[node, ROWS])
    base = ((node - first_node) * shape[node, ROWS] + row) * shape[node, COLUMNS]
    n = 0
    while row <= last:
        centre_y = centres_y[shape[node, CENTRES_Y] + row]
        left, right = crossed_columns(x1, y1, x2, y2, centre_y, slack, node, frame, shape)
        if write:
            at = offsets[i] + marks[owners[i] + 1] + n
            for k in range(right - left + 1):
                keys[at + k] = base + left + k
                values[at + k] = edges[i]
        n += max(right - left + 1, 0)
        base += shape[node, COLUMNS]
        row += 1
    if not write:
        counts[i] = n


@njit(**INLINE)
def row_crossings(i, write, items, grid, vertices, slack, counts, offsets, target):
    """One thread finds where edge i crosses the centre lines of the root's rows, in columns."""
    edges, owners = items
    frame, shape, centres_x, centres_y = grid
    keys, found = target
    x1, y1, x2, y2 = upwards(edges[i], vertices)
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
def child_marks(i, items, parents, grid, vertices, counts):
    """One thread tells whether a child's centre is inside an owner's polygon: it walks to the parent's."""
    inside, nodes, owner_edges, edges = items
    parents_x, parents_y = parents
    _, shape, centres_x, centres_y = grid
    x, y = vertices
    first = nodes[0]
    per_node = shape[first, COLUMNS] * shape[first, ROWS]
    owner = i // per_node
    node = nodes[owner]
    row = (i - owner * per_node) // shape[node, COLUMNS]
    column = i - owner * per_node - row * shape[node, COLUMNS]
    child_x, child_y = centres_x[shape[node, CENTRES_X] + column], centres_y[shape[node, CENTRES_Y] + row]
    parent_x, parent_y = parents_x[node - first], parents_y[node - first]
    parity = inside[owner]
    for k in range(owner_edges[owner], owner_edges[owner + 1]):
        e = edges[k]
        parity ^= step(child_x, child_y, parent_x, parent_y, x[e], y[e], x[e + 1], y[e + 1]) & 1
    counts[i] = parity


@njit(**INLINE)
def mark_cells(i, runs, polygons, edge_offsets, owner_edges, target):
    """One thread marks a run of cells whose centres are inside a polygon, before the polygon's edges."""
    owners, firsts, offsets = runs
    keys, values = target
    at = offsets[i] + edge_offsets[owner_edges[owners[i]]]
    for k in range(offsets[i + 1] - offsets[i]):
        keys[at + k] = firsts[i] + k
        values[at + k] = ~polygons[owners[i]]


@njit(**INLINE)
def cell_lists(i, write, grouped, polygon_of, position, parents, counts, crowd, offsets, target):
    """One thread makes a cell's word and list from its grouped marks and edges."""
    starts, values = grouped
    parent_edges, per_node, most = parents
    words, lists = target
    start, stop = starts[i], starts[i + 1]
    if write:
        if counts[i] == 0:
            words[i] = EMPTY if start == stop else values[start] - 1
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
        # Refining pays where polygons have many edges, and once more only where the last time thinned them
        # out.
        crowded = (
            edges > most and edges >= 2 * (n - 1 - edges) and 4 * edges <= 3 * parent_edges[i // per_node]
        )
        crowd[i] = edges if crowded else 0


@njit(**INLINE)
def unpack_lists(i, write, cells, source, position, node, counts, offsets, target):
    """One thread turns the list of a crowded cell back into owners (a polygon in a node) and their edges."""
    words, lists = source
    owner_counts, edge_counts = counts
    owner_offsets, edge_offsets = offsets
    polygons, inside, nodes, owner_edges, edges, owners = target
    start = (words[cells[i]] >> 1) - position
    n_owners = 0
    n_edges = 0
    for k in range(start + 1, start + 1 + lists[start]):
        value = lists[k]
        if value < 0:
            if write:
                new = owner_offsets[i] + n_owners
                polygons[new] = ~value >> 1
                inside[new] = ~value & 1
                nodes[new] = node + i
                owner_edges[new] = edge_offsets[i] + n_edges
            n_owners += 1
        else:
            if write:
                edges[edge_offsets[i] + n_edges] = value
                owners[edge_offsets[i] + n_edges] = owner_offsets[i] + n_owners - 1
            n_edges += 1
    if not write:
        owner_counts[i] = n_owners
        edge_counts[i] = n_edges
