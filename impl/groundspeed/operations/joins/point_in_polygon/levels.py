"""One level of the index: its edges in the cells they meet, its marks where centres are inside, its lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn
from groundspeed.columns.arrays import compose
from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import building
from groundspeed.operations.joins.point_in_polygon.cells import COLUMNS, ROWS
from groundspeed.operations.joins.point_in_polygon.frames import Frames

Vertices = tuple[Any, Any]


@dataclass(frozen=True)
class Level:
    """What is to be sorted into the cells of some nodes: owners (a polygon in a node), each with its edges.

    Attributes:
        polygons, nodes: (owners,) int32 and int64.
        owner_edges: (owners + 1,) int64, where an owner's edges start.
        edges, owners: (items,) int32, first vertices of the edges and their owners, in the order of owners.
        polygon_of: (vertices,) int32, the polygon of each vertex.
        first_node: the level's first node.
    """

    polygons: Any
    nodes: Any
    owner_edges: Any
    edges: Any
    owners: Any
    polygon_of: Any
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


def root_level(engine: Engine, polygons: GeometryColumn) -> Level:
    """All edges of all polygons."""
    xp, vertices = engine.xp, polygons.num_vertices
    is_edge = xp.ones(vertices, np.bool_)
    is_edge[polygons.offsets[-1][1:] - 1] = False
    edges = xp.flatnonzero(is_edge).astype(np.int32)
    starts = compose(polygons.offsets)
    polygon_of = (xp.cumsum(xp.bincount(starts[:-1], minlength=vertices + 1)) - 1)[:vertices].astype(np.int32)
    owner_edges = xp.searchsorted(edges, starts.astype(np.int32)).astype(np.int64)
    count = len(polygons)
    nodes = xp.zeros(count, np.int64)
    polygons = xp.arange(count, dtype=np.int32)
    return Level(polygons, nodes, owner_edges, edges, polygon_of[edges], polygon_of, 0)


def count_cells(engine: Engine, level: Level, frames: Frames, vertices: Vertices) -> Any:
    """(items + 1,) offsets of the cells that each edge may meet."""
    counts = engine.empty(len(level.edges), np.int32)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    _edge_cells(engine, False, level, frames, vertices, counts, none, none, (few, few))
    return engine.offsets(counts)


def _edge_cells(
    engine: Engine, write: bool, level: Level, frames: Frames, vertices: Vertices, *output: Any
) -> None:
    items = (level.edges, level.owners, level.nodes)
    where = (items, frames.on(engine), vertices, frames.slack[0], level.first_node)
    engine.for_each(building.edge_cells, len(level.edges), write, *where, *output)


def root_marks(engine: Engine, level: Level, frames: Frames, vertices: Vertices) -> Marks:
    """Cut each row's centre line at the polygon's edges; every second piece is inside."""
    where = ((level.edges, level.owners), frames.on(engine), vertices, frames.slack[0])
    counts = engine.empty(len(level.edges), np.int32)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    engine.for_each(building.row_crossings, len(level.edges), False, *where, counts, none, (few, few))
    offsets = engine.offsets(counts)
    total = int(offsets[-1])
    keys, owners = engine.empty(total, np.int32), engine.empty(total, np.int32)
    engine.for_each(building.row_crossings, len(level.edges), True, *where, counts, offsets, (keys, owners))
    rows, stride = int(frames.shape[0, ROWS]), int(frames.shape[0, COLUMNS]) + 1
    order, _ = engine.group(keys, rows * stride)
    keys, owners = keys[order], owners[order]
    order, starts = engine.group(owners, len(level.polygons))
    keys = keys[order]
    # Rings are closed, so a line crosses a polygon an even number of times: no pair mixes polygons or rows.
    firsts = keys[0::2] - keys[0::2] // stride
    run_offsets = engine.offsets(keys[1::2] - keys[0::2])
    return Marks(owners[order[0::2]], firsts, run_offsets, run_offsets[starts // 2])


def cell_lists(
    engine: Engine,
    level: Level,
    frames: Frames,
    vertices: Vertices,
    edge_offsets: Any,
    marks: Marks,
    crowding: tuple[Any, int],
    position: int,
) -> tuple[Any, Any, Any]:
    """Sort a level's marks and edges into its cells.

    Args:
        edge_offsets: as `count_cells` gives them.
        crowding: (nodes,) int64 edges of the cells that became the level's nodes, and from how many edges
            on a cell is refined.
        position: of the level's first list.

    Returns:
        (cells,) int32 words, int32 lists, and (cells,) int32 number of edges where they crowd, else 0.
    """
    items = int(marks.offsets[-1]) + int(edge_offsets[-1])
    keys, values = engine.empty(items, np.int32), engine.empty(items, np.int32)
    runs = (marks.owners, marks.firsts, marks.offsets)
    mark = (runs, level.polygons, edge_offsets, level.owner_edges, (keys, values))
    engine.for_each(building.mark_cells, len(marks.owners), *mark)
    few = engine.empty(0, np.int32)
    _edge_cells(engine, True, level, frames, vertices, few, edge_offsets, marks.owner_marks, (keys, values))
    per_node = int(frames.shape[-1, COLUMNS] * frames.shape[-1, ROWS])
    cells = per_node * (len(frames.frame) - level.first_node)
    order, starts = engine.group(keys, cells)
    counts, crowd, words = (engine.empty(cells, np.int32) for _ in range(3))
    where = (
        (starts, values[order]),
        level.polygon_of,
        position,
        (crowding[0], per_node, crowding[1]),
        counts,
        crowd,
    )
    engine.for_each(building.cell_lists, cells, False, *where, engine.empty(0, np.int64), (few, few))
    offsets = engine.offsets(counts)
    lists = engine.empty(int(offsets[-1]), np.int32)
    engine.for_each(building.cell_lists, cells, True, *where, offsets, (words, lists))
    return words, lists, crowd


def child_level(
    engine: Engine, level: Level, cells: Any, words: Any, lists: Any, position: int, node: int
) -> tuple[Level, Any]:
    """Make crowded cells the nodes of the next level.

    Args:
        cells: the crowded cells of a level, counted from its first.
        words, lists, position: of that level.
        node: number of the first new node.

    Returns:
        The next level, and (owners,) int32 whether the centre of the crowded cell was inside.
    """
    counts = engine.empty(len(cells), np.int32), engine.empty(len(cells), np.int32)
    source = (cells, (words, lists), position, node, counts)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    engine.for_each(
        building.unpack_lists, len(cells), False, *source, (none, none), (few, few, none, none, few, few)
    )
    offsets = engine.offsets(counts[0]), engine.offsets(counts[1])
    owners, edges = int(offsets[0][-1]), int(offsets[1][-1])
    polygons, inside = engine.empty(owners, np.int32), engine.empty(owners, np.int32)
    nodes, owner_edges = engine.empty(owners, np.int64), engine.empty(owners + 1, np.int64)
    owner_edges[owners] = edges
    edge, owner = engine.empty(edges, np.int32), engine.empty(edges, np.int32)
    target = (polygons, inside, nodes, owner_edges, edge, owner)
    engine.for_each(building.unpack_lists, len(cells), True, *source, offsets, target)
    return Level(polygons, nodes, owner_edges, edge, owner, level.polygon_of, node), inside


def child_marks(
    engine: Engine, level: Level, inside: Any, frames: Frames, vertices: Vertices, parents: tuple[Any, Any]
) -> Marks:
    """Decide every owner's children by a walk to the centre of the parent's cell.

    Args:
        inside: (owners,) whether that centre is inside.
        parents: x and y of that centre for each node of the level.
    """
    xp = engine.xp
    per_node = int(frames.shape[-1, COLUMNS] * frames.shape[-1, ROWS])
    runs = len(level.polygons) * per_node
    counts = engine.empty(runs, np.int32)
    items = (inside, level.nodes, level.owner_edges, level.edges)
    engine.for_each(building.child_marks, runs, items, parents, frames.on(engine), vertices, counts)
    run = xp.arange(runs, dtype=np.int64)
    owners = run // per_node
    offsets = engine.offsets(counts)
    firsts = (level.nodes[owners] - level.first_node) * per_node + run % per_node
    return Marks(owners.astype(np.int32), firsts.astype(np.int32), offsets, offsets[::per_node].copy())
