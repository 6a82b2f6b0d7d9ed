"""One level of the index: its edges in the cells they meet, its marks where centres are inside, its lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn
from groundspeed.columns.arrays import compose
from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import kernels
from groundspeed.operations.joins.point_in_polygon.cells import COLUMNS, ROWS
from groundspeed.operations.joins.point_in_polygon.frames import Frames

CROWDED = 24  # edges in a cell beyond which it is refined


@dataclass(frozen=True)
class Level:
    """What is to be sorted into the cells of some nodes: owners (a polygon in a node), each with its edges.

    Attributes:
        polygons, nodes: (owners,) int32 and int64.
        owner_edges: (owners + 1,) int64, where an owner's edges start.
        edges, owners: (items,) int32, first vertices of the edges and their owners, in the order of owners.
        first_node: the level's first node.
    """

    polygons: Any
    nodes: Any
    owner_edges: Any
    edges: Any
    owners: Any
    first_node: int


@dataclass(frozen=True)
class Marks:
    """Runs of cells whose centres are inside the owner's polygon, in the order of owners.

    Attributes:
        owners, firsts: (runs,) owner, and first cell of the level.
        offsets: (runs + 1,) int64 scan of the lengths.
        owner_marks: (owners + 1,) int64, how many marks lie before an owner's.
    """

    owners: Any
    firsts: Any
    offsets: Any
    owner_marks: Any


def root_level(engine: Engine, polygons: GeometryColumn) -> tuple[Level, Any]:
    """All edges of all polygons, and (vertices,) int32 the polygon of each vertex."""
    xp, vertices = engine.xp, polygons.num_vertices
    is_edge = xp.ones(vertices, np.bool_)
    is_edge[polygons.offsets[-1][1:] - 1] = False
    edges = xp.flatnonzero(is_edge).astype(np.int32)
    starts = compose(polygons.offsets)
    polygon_of = (xp.cumsum(xp.bincount(starts[:-1], minlength=vertices + 1)) - 1)[:vertices].astype(np.int32)
    owner_edges = xp.searchsorted(edges, starts.astype(np.int32)).astype(np.int64)
    count = len(polygons)
    nodes = xp.zeros(count, np.int64)
    level = Level(xp.arange(count, dtype=np.int32), nodes, owner_edges, edges, polygon_of[edges], 0)
    return level, polygon_of


def count_cells(engine: Engine, level: Level, frames: Frames, x: Any, y: Any) -> Any:
    """(items + 1,) offsets of the cells that each edge may meet."""
    counts = engine.empty(len(level.edges), np.int32)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    _edge_cells(engine, False, level, frames, x, y, counts, none, none, few, few)
    return engine.offsets(counts)


def _edge_cells(
    engine: Engine, write: bool, level: Level, frames: Frames, x: Any, y: Any, *output: Any
) -> None:
    frame, shape, _, centres_y = frames.on(engine)
    where = (level.edges, level.owners, level.nodes, level.first_node, frame, shape, centres_y)
    engine.for_each(kernels.edge_cells, len(level.edges), write, *where, x, y, frames.slack[0], *output)


def root_marks(engine: Engine, level: Level, frames: Frames, x: Any, y: Any) -> Marks:
    """Cut each row's centre line at the polygon's edges; every second piece is inside."""
    frame, shape, centres_x, centres_y = frames.on(engine)
    where = (level.edges, level.owners, frame, shape, centres_x, centres_y, x, y, frames.slack[0])
    counts = engine.empty(len(level.edges), np.int32)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    engine.for_each(kernels.row_crossings, len(level.edges), False, *where, counts, none, few, few)
    offsets = engine.offsets(counts)
    total = int(offsets[-1])
    keys, owners = engine.empty(total, np.int32), engine.empty(total, np.int32)
    engine.for_each(kernels.row_crossings, len(level.edges), True, *where, counts, offsets, keys, owners)
    rows, stride = int(frames.shape[0, ROWS]), int(frames.shape[0, COLUMNS]) + 1
    order, _ = engine.group(keys, rows * stride)
    keys, owners = keys[order], owners[order]
    order, starts = engine.group(owners, len(level.polygons))
    keys = keys[order]
    # Rings are closed, so a line crosses a polygon an even number of times and pairs never mix polygons or
    # rows.
    firsts = keys[0::2] - keys[0::2] // stride
    lengths = keys[1::2] - keys[0::2]
    run_offsets = engine.offsets(lengths)
    return Marks(owners[order[0::2]], firsts, run_offsets, run_offsets[starts // 2])


def cell_lists(
    engine: Engine,
    level: Level,
    frames: Frames,
    marks: Marks,
    edge_offsets: Any,
    polygon_of: Any,
    parent_edges: Any,
    position: int,
    x: Any,
    y: Any,
) -> tuple[Any, Any, Any]:
    """Sort a level's marks and edges into its cells.

    Args:
        position: of the level's first list.
        parent_edges: (nodes,) int64 edges of the cells that became the level's nodes.

    Returns:
        (cells,) int32 words, int32 lists, and (cells,) int32 number of edges where they crowd, else 0.
    """
    items = int(marks.offsets[-1] + edge_offsets[-1])
    keys, values = engine.empty(items, np.int32), engine.empty(items, np.int32)
    runs = (marks.owners, marks.firsts, marks.offsets)
    engine.for_each(
        kernels.mark_cells,
        len(marks.owners),
        *runs,
        level.polygons,
        edge_offsets,
        level.owner_edges,
        keys,
        values,
    )
    few = engine.empty(0, np.int32)
    _edge_cells(engine, True, level, frames, x, y, few, edge_offsets, marks.owner_marks, keys, values)
    per_node = int(frames.shape[-1, COLUMNS] * frames.shape[-1, ROWS])
    cells = per_node * (len(frames.frame) - level.first_node)
    order, starts = engine.group(keys, cells)
    values = values[order]
    counts, crowd, words = (engine.empty(cells, np.int32) for _ in range(3))
    where = (starts, values, polygon_of, position, parent_edges, per_node, CROWDED, counts, crowd)
    engine.for_each(kernels.cell_lists, cells, False, *where, engine.empty(0, np.int64), few, few)
    offsets = engine.offsets(counts)
    lists = engine.empty(int(offsets[-1]), np.int32)
    engine.for_each(kernels.cell_lists, cells, True, *where, offsets, words, lists)
    return words, lists, crowd


def child_level(
    engine: Engine, cells: Any, words: Any, lists: Any, position: int, node: int
) -> tuple[Level, Any]:
    """Make crowded cells the nodes of the next level.

    Args:
        cells: the crowded cells of a level, counted from its first.
        words, lists, position: of that level.
        node: number of the first new node.

    Returns:
        The level, and (owners,) int32 whether the centre of the crowded cell was inside.
    """
    owner_counts, edge_counts = engine.empty(len(cells), np.int32), engine.empty(len(cells), np.int32)
    source = (cells, words, lists, position, node, owner_counts, edge_counts)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    engine.for_each(
        kernels.unpack_lists, len(cells), False, *source, none, none, few, few, none, none, few, few
    )
    owner_offsets, edge_offsets = engine.offsets(owner_counts), engine.offsets(edge_counts)
    owners, edges = int(owner_offsets[-1]), int(edge_offsets[-1])
    polygons, inside = engine.empty(owners, np.int32), engine.empty(owners, np.int32)
    nodes, owner_edges = engine.empty(owners, np.int64), engine.empty(owners + 1, np.int64)
    owner_edges[owners] = edges
    edge, owner = engine.empty(edges, np.int32), engine.empty(edges, np.int32)
    target = (polygons, inside, nodes, owner_edges, edge, owner)
    engine.for_each(kernels.unpack_lists, len(cells), True, *source, owner_offsets, edge_offsets, *target)
    return Level(polygons, nodes, owner_edges, edge, owner, node), inside


def child_marks(
    engine: Engine, level: Level, inside: Any, frames: Frames, parents: tuple[Any, Any], x: Any, y: Any
) -> Marks:
    """Decide every owner's children by a walk to the centre of the parent's cell.

    Args:
        inside: (owners,) whether that centre is inside.
        parents: x and y of that centre for each node of the level.
    """
    xp = engine.xp
    _, shape, centres_x, centres_y = frames.on(engine)
    per_node = int(frames.shape[-1, COLUMNS] * frames.shape[-1, ROWS])
    runs = len(level.polygons) * per_node
    counts = engine.empty(runs, np.int32)
    walk = (inside, level.nodes, level.owner_edges, level.edges, *parents, shape, centres_x, centres_y)
    engine.for_each(kernels.child_marks, runs, *walk, x, y, counts)
    run = xp.arange(runs, dtype=np.int64)
    owners = run // per_node
    offsets = engine.offsets(counts)
    firsts = (level.nodes[owners] - level.first_node) * per_node + run % per_node
    return Marks(owners.astype(np.int32), firsts.astype(np.int32), offsets, offsets[::per_node].copy())
