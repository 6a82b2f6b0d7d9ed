"""The next level of the index: crowded cells as nodes, with the owners, edges and marks of their cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import dividing
from groundspeed.operations.joins.point_in_polygon.cells import COLUMNS, ROWS
from groundspeed.operations.joins.point_in_polygon.frames import Frames
from groundspeed.operations.joins.point_in_polygon.levels import Level, Marks, Vertices


def child_level(
    engine: Engine, level: Level, cells: Any, words: Any, lists: Any, position: int, node: int
) -> tuple[Level, Any, Any]:
    """Make crowded cells the nodes of the next level.

    Args:
        cells: the crowded cells of a level, counted from its first.
        words, lists, position: of that level.
        node: number of the first new node.

    Returns:
        The next level, (owners,) int32 whether the centre of the crowded cell was inside, and (cells + 1,)
        int64 where the owners of each cell begin.
    """
    counts = engine.empty(len(cells), np.int32), engine.empty(len(cells), np.int32)
    source = (cells, (words, lists), position, node, counts)
    none, few = engine.empty(0, np.int64), engine.empty(0, np.int32)
    engine.for_each(
        dividing.unpack_lists, len(cells), False, *source, (none, none), (few, few, none, none, few, few)
    )
    offsets = engine.offsets(counts[0]), engine.offsets(counts[1])
    owners, edges = engine.read(offsets[0][-1], offsets[1][-1])
    polygons, inside = engine.empty(owners, np.int32), engine.empty(owners, np.int32)
    nodes, owner_edges = engine.empty(owners, np.int64), engine.empty(owners + 1, np.int64)
    owner_edges[owners] = edges
    edge, owner = engine.empty(edges, np.int32), engine.empty(edges, np.int32)
    target = (polygons, inside, nodes, owner_edges, edge, owner)
    engine.for_each(dividing.unpack_lists, len(cells), True, *source, offsets, target)
    return Level(polygons, nodes, owner_edges, edge, owner, level.polygon_of, node), inside, offsets[0]


def own_bounds(
    engine: Engine, level: Level, begins: Any, rectangles: np.ndarray, vertices: Vertices
) -> np.ndarray:
    """(nodes, 4) low x, low y, high x, high y of the edges in each node, cut to its rectangle.

    Args:
        begins: (nodes + 1,) where the owners of each node begin.
        rectangles: (nodes, 4) float64.
    """
    dtype, count = vertices[0].dtype, len(level.polygons)
    bounds = engine.empty(4 * count, dtype)
    items = level.nodes, level.owner_edges, level.edges
    cut = engine.asarray(rectangles.astype(dtype).ravel())
    engine.for_each(dividing.owner_bounds, count, items, cut, vertices, bounds)
    found = engine.to_host(bounds).reshape(-1, 4).astype(np.float64)
    starts = engine.to_host(begins)[:-1]
    low, high = np.minimum.reduceat(found[:, :2], starts), np.maximum.reduceat(found[:, 2:], starts)
    return np.concatenate([low, high], axis=1)


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
    engine.for_each(dividing.child_marks, runs, items, parents, frames.on(engine), vertices, counts)
    run = xp.arange(runs, dtype=np.int64)
    owners = run // per_node
    firsts = (level.nodes[owners] - level.first_node) * per_node + run % per_node
    owner_runs = xp.arange(len(level.polygons) + 1, dtype=np.int64) * per_node
    return Marks(owners.astype(np.int32), firsts, firsts + counts, owner_runs)
