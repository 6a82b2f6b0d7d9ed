"""Index the polygons for the points at hand and ask for every point, in pieces that fit the memory budget."""

from __future__ import annotations

from typing import Any

import numpy as np
from tqdm import tqdm

from groundspeed.dispatch import Call
from groundspeed.engines import Engine, settings
from groundspeed.geometry import GeometryColumn
from groundspeed.operations.joins.point_in_polygon import finding, kernels
from groundspeed.operations.joins.point_in_polygon.asked import Asked, find_cells, step
from groundspeed.operations.joins.point_in_polygon.candidates import candidates, refuse_infinite
from groundspeed.operations.joins.point_in_polygon.cells import EMPTY, INFINITE
from groundspeed.operations.joins.point_in_polygon.index import CellIndex
from groundspeed.operations.joins.point_in_polygon.prepared import Index, Prepared, indexed

BYTES_PER_POINT = 80  # coordinates, cell, count, first hit, offset, a pair and its making, on the engine


def pairs(
    call: Call, polygons: GeometryColumn | Prepared, points: GeometryColumn, accept: int
) -> tuple[Any, Any]:
    """Sorted pairs (left, right), where the inputs came from.

    Args:
        polygons: of the dtype to compute with; prepared, or with closed rings and finite coordinates.
        accept: bit 0, 1, 2: whether a point outside, inside, on the boundary of a polygon makes a pair.

    Raises:
        ValueError: an infinite coordinate, naming the row; see `build` for others.
    """
    pieces = list(call.chunks(len(points), BYTES_PER_POINT))
    whole = _bring(call, points, polygons.dtype, slice(None)) if len(pieces) == 1 else None
    if isinstance(polygons, Prepared):
        index = polygons.index
    else:
        asked = _asked(points, whole, call, polygons.dtype)
        index = indexed(call.engine, call.bring(polygons), asked)
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


def _asked(points: GeometryColumn, whole: tuple[Any, Any] | None, call: Call, dtype: Any) -> Asked:
    every = step(len(points))
    if whole is None:
        sample = _bring(call, points, dtype, slice(None, None, every))
    else:
        sample = whole[0][::every], whole[1][::every]
    return Asked(len(points), whole, sample, every)


def _piece(engine: Engine, index: Index, x: Any, y: Any, start: int, accept: int) -> tuple[Any, Any]:
    none = engine.empty(0, np.int64)
    hits, rows = _look_up(engine, index.cells, x, y, start, accept)
    walk: tuple[Any, ...] = ()
    if index.cells is not None:
        cells = index.cells
        walk = (rows, start, (x, y), accept, cells.root, cells.grid, cells.cells, cells.vertices, hits)
        engine.fetch(len(rows), *cells.vertices, *cells.cells)
        engine.for_each(kernels.walk_list, len(rows), False, *walk, none, (none, none))
    if index.small is None:
        offsets = engine.offsets(hits[0])
        left = engine.expand(offsets)
        pairs = left, engine.empty(len(left), np.int64)
        engine.for_each(kernels.write_pair, len(left), start, hits[1], pairs)
        engine.for_each(kernels.walk_list, len(rows), True, *walk, offsets, pairs)
        return pairs
    found = candidates(engine, index.small, x, y, start, settings().memory_budget)
    if found is None:
        half = len(x) // 2
        parts = (
            _piece(engine, index, x[:half], y[:half], start, accept),
            _piece(engine, index, x[half:], y[half:], start + half, accept),
        )
        left, right = (engine.xp.concatenate(sides) for sides in zip(*parts, strict=True))
        return left, right
    states, counts = found.tested(engine, index.small, accept, hits[0])
    totals = engine.offsets(counts)
    (total,) = engine.read(totals[-1])
    pairs = engine.empty(total, np.int64), engine.empty(total, np.int64)
    if walk:
        engine.for_each(kernels.walk_list, len(rows), True, *walk, totals, pairs)
    found.write(engine, start, states, hits, totals, pairs)
    return pairs


def _look_up(
    engine: Engine, index: CellIndex | None, x: Any, y: Any, start: int, accept: int
) -> tuple[tuple[Any, Any], Any]:
    """Counts of pairs and words of the points that need no list, and the rows of the others."""
    if index is None:
        nothing = engine.xp.zeros(len(x), np.int32)
        return (nothing, nothing), nothing[:0]
    numbers, least = index.numbers, index.least
    if numbers is None:
        numbers = find_cells(engine, (x, y), index.root)
        (least,) = engine.read(numbers.min() if len(x) else 0)
    if least == INFINITE:
        refuse_infinite(numbers == INFINITE, x, y, start)
    counts, found = engine.empty(len(x), np.int32), engine.empty(len(x), np.int32)
    engine.for_each(kernels.look_up, len(x), numbers, index.cells[0], found)
    engine.for_each(kernels.count_pairs, len(x), found, accept, counts)
    return (counts, found), engine.xp.flatnonzero(counts == kernels.ASK_LIST)


def counters(call: Call, polygons: GeometryColumn, points: GeometryColumn) -> dict[str, float]:
    """What joining these points costs: how many are answered without an edge, how many edges others see.

    Returns:
        interior_points: in a cell that one polygon covers; boundary_points: in a cell with a list;
        edge_tests: edges in the lists of the boundary points; refined_points: in a cell of a finer node;
        list_entries: numbers in all lists, what building the index costs.
    """
    engine, xp = call.engine, call.engine.xp
    x, y = _bring(call, points, polygons.dtype, slice(None))
    index = indexed(call.engine, call.bring(polygons), _asked(points, (x, y), call, polygons.dtype))
    (_, words), rows = _look_up(engine, index.cells, x, y, 0, accept=2)
    edges, nodes = engine.empty(len(rows), np.int64), engine.empty(len(rows), np.int64)
    small_edges = xp.zeros(len(x), np.int64)
    entries = 0
    if index.cells is not None:
        where = rows, (x, y), index.cells.root, index.cells.grid, index.cells.cells
        engine.for_each(kernels.count_edges, len(rows), *where, words, edges, nodes)
        entries += len(index.cells.cells[1])
    if index.small is not None:
        found = candidates(engine, index.small, x, y, 0, 1 << 62)
        polygons = found.candidates[1] if found else engine.empty(0, np.int32)
        small_edges = engine.empty(len(polygons), np.int64)
        engine.for_each(finding.count_tests, len(polygons), index.small.shapes[0], polygons, small_edges)
        entries += len(index.small.table[1])
    return {
        "interior_points": float(xp.count_nonzero(words < EMPTY)),
        "boundary_points": float(xp.count_nonzero(words >= 0)),
        "refined_points": float(xp.count_nonzero(nodes)),
        "edge_tests": float(edges.sum() + small_edges.sum()),
        "list_entries": float(entries),
    }
