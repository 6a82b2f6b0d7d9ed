"""The kernels of the join: one source for cpu, emulator and cuda; `building` has those that make the index.

A cell's *word* says what is in it: EMPTY, one polygon that covers it (`-2 - polygon`), a list (`2 *
position`) or a finer node (`2 * node + 1`). A list is its length, then for each polygon `~(2 * polygon +
whether the cell's centre is inside)` and the polygon's edges in the cell; an edge is the number of its
first vertex.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from groundspeed.engines.kernels import Kernel
from groundspeed.operations.joins.point_in_polygon import boxes, building, dividing, finding, rings, subset
from groundspeed.operations.joins.point_in_polygon.cells import (
    BOUNDARY,
    CENTRES_X,
    CENTRES_Y,
    COLUMNS,
    EMPTY,
    INLINE,
    locate,
    step,
)

ASK_LIST = -1  # instead of a count


@njit(**INLINE)
def look_up(i, numbers, words, found):
    """One thread fetches the word of the root's cell that a point lies in, EMPTY outside of all.

    `numbers` are those of `find_cell`. Bounded by one random read, so nothing else is done here: a CPU waits
    for as many of them at a time as it can look ahead.
    """
    number = numbers[i]
    outside = number >> np.int32(31)
    found[i] = words[np.int64(number & ~outside)] | outside


@njit(**INLINE)
def count_pairs(i, found, accept, counts):
    """One thread tells from a word whether a point makes a pair, 1 or 0, or ASK_LIST. Bounded by memory.

    `accept` has bit 0, 1, 2 set if a point outside, inside, on the boundary of a polygon makes a pair. There
    are no branches, which nobody could predict.
    """
    asks, covered = ~(found[i] >> np.int32(31)), (found[i] - np.int32(EMPTY)) >> np.int32(31)
    counts[i] = asks | (covered & np.int32(accept >> 1 & 1))


@njit(**INLINE)
def walk_list(k, write, rows, start, points, accept, root, grid, cells, vertices, hits, offsets, pairs):
    """One thread asks the innermost cell about a point. Bounded by the edges in its list, a few of them.

    Counts, or with `write` writes the pairs of points that have several.
    """
    i = rows[k]
    frame, shape, centres_x, centres_y = grid
    words, lists = cells
    x, y = vertices
    counts, found = hits
    left, right = pairs
    if write and counts[i] < 2:
        return
    px, py = points[0][i], points[1][i]
    node, number, word = locate(px, py, root, frame, shape, words)
    if word < 0:
        found[i] = word
        counts[i] = 1 if word < EMPTY and accept & 2 else 0
        return
    row = number // shape[node, COLUMNS]
    centre_x = centres_x[shape[node, CENTRES_X] + number - row * shape[node, COLUMNS]]
    centre_y = centres_y[shape[node, CENTRES_Y] + row]
    at = word >> 1
    stop = at + lists[at] + 1
    at += 1
    n = 0
    last = np.int64(0)
    while at < stop:
        header = ~lists[at]
        state = header & 1
        at += 1
        while at < stop:
            e = lists[at]
            if e < 0:
                break
            change = step(px, py, centre_x, centre_y, x[e], y[e], x[e + 1], y[e + 1])
            state = (state ^ change & 1) | (change & BOUNDARY)
            at += 1
        hit = accept >> min(state, BOUNDARY) & 1
        if write and hit:
            left[offsets[i] + n] = start + i
            right[offsets[i] + n] = header >> 1
        last = header if hit else last
        n += hit
    if not write:
        found[i] = -2 - (last >> 1)
        counts[i] = n


@njit(**INLINE)
def write_pair(k, start, found, pairs):
    """One thread completes a pair that has the row of its point: right where the point has no other."""
    left, right = pairs
    right[k] = -2 - found[left[k]]
    left[k] += start


@njit(**INLINE)
def count_edges(k, rows, points, root, grid, cells, found, edges, nodes):
    """One thread counts the edges that `walk_list` may ask, and tells the word and node of the cell."""
    frame, shape, _, _ = grid
    words, lists = cells
    nodes[k], _, word = locate(points[0][rows[k]], points[1][rows[k]], root, frame, shape, words)
    found[rows[k]] = word
    edges[k] = 0
    if word >= 0:
        at = word >> 1
        for j in range(at + 1, at + 1 + lists[at]):
            edges[k] += 1 if lists[j] >= 0 else 0


SPILLING = walk_list, building.row_crossings, building.edge_cells
MLIR_SPILLS = {
    "numba-cuda-mlir": "0.6 spills up to 320 bytes on sm_100 and sm_120, where numba-cuda spills none"
}


def _kernels(dtype: Any) -> tuple[Kernel, ...]:
    """Every kernel, for coordinates of one dtype; those that touch no coordinate are the same for all."""
    real, small, large = np.empty(1, dtype), np.empty(1, np.int32), np.empty(1, np.int64)
    grid = (np.empty((1, 7), dtype), np.empty((1, 5), np.int64), real, real)
    xy, two, one, slack = (real, real), (small, small), np.int64(0), np.dtype(dtype).type(0)
    states = np.empty(1, np.uint8)
    state, runs = (states, small), (small, large, large)
    name, size = np.dtype(dtype).name, real.itemsize
    exact = (
        "where float32 cannot decide an orientation it is computed exactly in float64" if size == 4 else ""
    )

    def kernel(
        function: Any, example: tuple[Any, ...], bytes_per_element: float, allows_f64: str = ""
    ) -> Kernel:
        return Kernel(
            name=f"{function.__name__}_{name}",
            function=function,
            example=example,
            bytes_per_element=bytes_per_element,
            dtype=name,  # type: ignore[arg-type]
            allows_f64=allows_f64,
            allows_spills=MLIR_SPILLS if function in SPILLING else {},
        )

    root = (slack,) * 8
    edges = (True, (small, small, large, small), grid, xy, slack, one, state, (small,) * 3, large, large, two)
    crossings = (True, two, grid, xy, slack, small, large, large)
    walk = (True, large, one, xy, one, root, grid, two, xy, two, large, (large, large))
    found: tuple[Kernel, ...] = (
        kernel(walk_list, walk, 2 * size + 24, exact),
        kernel(building.find_cell, (xy, root, small), 2 * size + 4),
        kernel(building.place, (xy, large, one, root, grid, large), 2 * size + 16),
        kernel(building.row_crossings, crossings, 4 * size + 8, exact),
        kernel(dividing.child_marks, ((small, large, large, small), xy, grid, xy, small), 4 * size, exact),
        kernel(building.edge_cells, edges, 4 * size + 20),
        kernel(dividing.owner_bounds, ((large, large, small), real, xy, real), 8 * size + 16),
    )
    found += _box_kernels(kernel, np.dtype(dtype), exact)
    if size == 4:
        return found
    marks = (True, runs, small, state, small, large, large, large, two)
    lists = (True, large, (large, small), small, one, (large, one, one), small, small, large, two)
    unpack = (True, large, two, one, one, two, (large, large), (small, small, large, large, small, small))
    return (
        *found,
        kernel(look_up, (small, small, small), 12),
        kernel(count_pairs, (small, one, small), 8),
        kernel(write_pair, (one, small, (large, large)), 28),
        kernel(building.ask, (small, states), 5),
        kernel(building.paint, (True, runs, small, state), 20),
        kernel(building.pair_crossings, (large, one, one, small, large, large), 36),
        kernel(building.mark_cells, marks, 20),
        kernel(subset.measure_row, (small, (large, large), two), 44),
        kernel(subset.copy_rings, (small, (large, large), large, large, large), 36),
        kernel(building.cell_lists, lists, 16),
        kernel(dividing.unpack_lists, unpack, 8),
        kernel(finding.count_kept, (small, large, states, small), 16),
        kernel(finding.write_kept, (one, small, two, large, states, two, large, (large, large)), 48),
    )


def _box_kernels(kernel: Any, dtype: np.dtype, exact: str) -> tuple[Kernel, ...]:
    """Those of the index of small polygons that depend on the dtype."""
    real, small, large = np.empty(1, dtype), np.empty(1, np.int32), np.empty(1, np.int64)
    xy, two, one, scale, size = (real, real), (small, small), np.int64(0), dtype.type(0), dtype.itemsize
    parts, grids, states = (large, large), (real, large, large), np.empty(1, np.uint8)
    measure = (parts, xy, (scale,) * 4, real, real, small, two)
    enter = (small, real, small, grids, one, small, large)
    look = (xy, (grids, (large, large)), (small, small, small))
    test = (xy, one, two, parts, xy, two, states)
    far = "columns are compared with a limit in float64" if size == 4 else ""
    return (
        kernel(rings.check_ring, (large, xy, small), 4 * size + 8, ""),
        kernel(rings.check_vertex, (xy, small), 2 * size, ""),
        kernel(subset.copy_vertex, (small, small, parts, xy, large, xy), 4 * size + 4, ""),
        kernel(boxes.measure, measure, 12 * size + 28, ""),
        kernel(boxes.enter, enter, 4 * size + 52, ""),
        kernel(finding.block_of_point, (xy, scale, one, small), 2 * size + 4, far),
        kernel(finding.copy_point, (small, xy, xy, large), 4 * size + 4, ""),
        kernel(finding.count_candidates, (*look, small), 2 * size + 36, far),
        kernel(finding.write_candidates, (*look, large, two), 2 * size + 36, far),
        kernel(finding.test_candidate, test, 10 * size + 25, exact),
    )


KERNELS = (*_kernels(np.float64), *_kernels(np.float32))
