# mypy: allow-untyped-defs, no-check-untyped-defs
"""The kernels that divide crowded cells, in the order in which they run; conventions as in `building`."""

from __future__ import annotations

from numba import njit

from groundspeed.operations.joins.point_in_polygon.cells import (
    CENTRES_X,
    CENTRES_Y,
    COLUMNS,
    INLINE,
    ROWS,
    step,
)


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


@njit(**INLINE)
def owner_bounds(i, items, rectangles, vertices, bounds):
    """One thread finds the bounds of an owner's edges where they are cut to the cell that becomes a node.

    Args:
        rectangles: (4 * nodes,) low x, low y, high x, high y of that cell.
        bounds: (4 * owners,) likewise.
    """
    nodes, owner_edges, edges = items
    x, y = vertices
    k = 4 * (nodes[i] - nodes[0])
    west, south, east, north = rectangles[k], rectangles[k + 1], rectangles[k + 2], rectangles[k + 3]
    left, low, right, high = east, north, west, south
    for at in range(owner_edges[i], owner_edges[i + 1]):
        e = edges[at]
        left, right = min(left, min(x[e], x[e + 1])), max(right, max(x[e], x[e + 1]))
        low, high = min(low, min(y[e], y[e + 1])), max(high, max(y[e], y[e + 1]))
    bounds[4 * i], bounds[4 * i + 1] = max(left, west), max(low, south)
    bounds[4 * i + 2], bounds[4 * i + 3] = min(right, east), min(high, north)


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
