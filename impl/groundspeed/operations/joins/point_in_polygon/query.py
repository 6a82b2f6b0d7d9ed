"""Index the polygons for the points at hand and ask for every point, in pieces that fit the memory budget."""

from __future__ import annotations

from typing import Any

import numpy as np
from tqdm import tqdm

from groundspeed.dispatch import Call
from groundspeed.engines import Engine, settings
from groundspeed.geometry import GeometryColumn
from groundspeed.operations.joins.point_in_polygon import kernels
from groundspeed.operations.joins.point_in_polygon.asked import Asked, find_cells, step
from groundspeed.operations.joins.point_in_polygon.cells import EMPTY, INFINITE
from groundspeed.operations.joins.point_in_polygon.index import CellIndex, build

BYTES_PER_POINT = 80  # coordinates, cell, count, first hit, offset, a pair and its making, on the engine


def pairs(call: Call, polygons: GeometryColumn, points: GeometryColumn, accept: int) -> tuple[Any, Any]:
    """Sorted pairs (left, right), where the inputs came from.

    Args:
        polygons: closed rings, finite coordinates, of the dtype to compute with.
        accept: bit 0, 1, 2: whether a point outside, inside, on the boundary of a polygon makes a pair.

    Raises:
        ValueError: an infinite coordinate, naming the row; see `build` for others.
    """
    pieces = list(call.chunks(len(points), BYTES_PER_POINT))
    whole = _bring(call, points, polygons.dtype, slice(None)) if len(pieces) == 1 else None
    index = _indexed(call, polygons, points, whole)
    found = []
    with tqdm(total=len(points), unit="points", disable=not settings().progress) as bar:
        for start, stop in pieces:
            x, y = whole or _bring(call, points, polygons.dtype, slice(start, stop))
            found.append(call.give_back(_piece(call.engine, index, x, y, start, accept)))
            bar.update(stop - start)
    if len(found) == 1:
        return found[0]
    xp = np if call.host else call.engine.xp
    none = xp.empty(0, np.int64)
    left, right = (
        (xp.concatenate([none, *sides]) for sides in zip(*found, strict=True)) if found else (none, none)
    )
    return left, right


def _bring(call: Call, points: GeometryColumn, dtype: Any, rows: slice) -> tuple[Any, Any]:
    x, y = (call.bring(side[rows], dtype) for side in (points.x, points.y))
    if points.validity is not None:
        x = call.engine.xp.where(call.bring(points.validity[rows]), x, np.nan)
    return x, y


def _indexed(
    call: Call, polygons: GeometryColumn, points: GeometryColumn, whole: tuple[Any, Any] | None
) -> CellIndex:
    every = step(len(points))
    if whole is None:
        sample = _bring(call, points, polygons.dtype, slice(None, None, every))
    else:
        sample = whole[0][::every], whole[1][::every]
    return build(call.engine, call.bring(polygons), Asked(len(points), whole, sample, every))


def _piece(engine: Engine, index: CellIndex, x: Any, y: Any, start: int, accept: int) -> tuple[Any, Any]:
    hits, rows = _look_up(engine, index, x, y, start, accept)
    where = (rows, start, (x, y), accept, index.root, index.grid, index.cells, index.vertices, hits)
    engine.fetch(len(rows), *index.vertices, *index.cells)
    none = engine.empty(0, np.int64)
    engine.for_each(kernels.walk_list, len(rows), False, *where, none, (none, none))
    offsets = engine.offsets(hits[0])
    left = engine.expand(offsets)
    pairs = left, engine.empty(len(left), np.int64)
    engine.for_each(kernels.write_pair, len(left), start, hits[1], pairs)
    engine.for_each(kernels.walk_list, len(rows), True, *where, offsets, pairs)
    return pairs


def _look_up(
    engine: Engine, index: CellIndex, x: Any, y: Any, start: int, accept: int
) -> tuple[tuple[Any, Any], Any]:
    """Counts of pairs and words of the points that need no list, and the rows of the others."""
    numbers = find_cells(engine, (x, y), index.root) if index.numbers is None else index.numbers
    _refuse_infinite(engine.xp, numbers, x, y, start)
    counts, found = engine.empty(len(x), np.int32), engine.empty(len(x), np.int32)
    engine.for_each(kernels.look_up, len(x), numbers, index.cells[0], found)
    engine.for_each(kernels.count_pairs, len(x), found, accept, counts)
    return (counts, found), engine.xp.flatnonzero(counts == kernels.ASK_LIST)


def _refuse_infinite(xp: Any, numbers: Any, x: Any, y: Any, start: int) -> None:
    if len(numbers) == 0 or int(numbers.min()) > INFINITE:
        return
    row = int(xp.argmin(numbers))
    raise ValueError(
        f"points: row {start + row} is infinite, ({float(x[row])}, {float(y[row])}); drop it or make it null"
    )


def counters(call: Call, polygons: GeometryColumn, points: GeometryColumn) -> dict[str, float]:
    """What joining these points costs: how many are answered without an edge, how many edges others see.

    Returns:
        interior_points: in a cell that one polygon covers; boundary_points: in a cell with a list;
        edge_tests: edges in the lists of the boundary points; refined_points: in a cell of a finer node;
        list_entries: numbers in all lists, what building the index costs.
    """
    engine, xp = call.engine, call.engine.xp
    x, y = _bring(call, points, polygons.dtype, slice(None))
    index = _indexed(call, polygons, points, (x, y))
    (_, words), rows = _look_up(engine, index, x, y, 0, accept=2)
    edges, nodes = engine.empty(len(rows), np.int64), engine.empty(len(rows), np.int64)
    where = rows, (x, y), index.root, index.grid, index.cells
    engine.for_each(kernels.count_edges, len(rows), *where, words, edges, nodes)
    return {
        "interior_points": float(xp.count_nonzero(words < EMPTY)),
        "boundary_points": float(xp.count_nonzero(words >= 0)),
        "refined_points": float(xp.count_nonzero(nodes)),
        "edge_tests": float(edges.sum()),
        "list_entries": float(len(index.cells[1])),
    }
