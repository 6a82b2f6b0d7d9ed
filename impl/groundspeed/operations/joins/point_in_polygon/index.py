"""The cell index of polygons: built by counting, scanning and writing, so that one source serves every
engine.

A grid over the bounds, about four cells per edge; a cell in which edges crowd becomes a node of 4 x 4 finer
cells, level by level. See cells.py for why it is exact and kernels.py for what a cell holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn
from groundspeed.operations.joins.point_in_polygon import frames as grids
from groundspeed.operations.joins.point_in_polygon.asked import Asked, Load
from groundspeed.operations.joins.point_in_polygon.cells import ASKED
from groundspeed.operations.joins.point_in_polygon.frames import Frames
from groundspeed.operations.joins.point_in_polygon.levels import (
    Cells,
    Edges,
    Level,
    Marks,
    Vertices,
    cell_lists,
    child_level,
    child_marks,
    count_cells,
    root_level,
    root_marks,
)

DEPTH = 10  # levels, the root included
ITEMS_PER_EDGE, MOST_ITEMS = 32, 1 << 25  # marks and edges in the root's cells; a coarser grid is used beyond


@dataclass(frozen=True)
class CellIndex:
    """Polygons ready to be asked; every array lives on the engine.

    Attributes:
        root: numbers of the root; see cells.py.
        grid: (nodes, 7) float frame and (nodes, 5) int64 shape, where each node and its cells are;
            coordinates of the centres of columns and of rows; see cells.py.
        cells: int32 words and lists, what is in each cell; see kernels.py.
        vertices: x and y.
        numbers: (points,) int32, the root's cells of the points that were at hand, or None; see `find_cells`.
    """

    root: tuple[Any, ...]
    grid: tuple[Any, Any, Any, Any]
    cells: tuple[Any, Any]
    vertices: Vertices
    numbers: Any


def build(engine: Engine, polygons: GeometryColumn, asked: Asked) -> CellIndex:
    """Index polygons that live on the engine.

    Args:
        engine: where to build.
        polygons: closed rings, finite coordinates.
        asked: the points that will be asked for; in cells without any the index may be wrong.

    Raises:
        ValueError: 2**28 vertices or polygons, or more, or coordinates beyond 2**450.
    """
    _check_size(polygons)
    xp, vertices = engine.xp, (polygons.x, polygons.y)
    level = root_level(engine, polygons)
    frames, numbers, cells, marks, edges = _root(engine, level, vertices, asked)
    load = None
    parent_edges = xp.full(1, 1 << 40, np.int64)
    words: list[Any] = []
    lists: list[Any] = []
    for depth in range(DEPTH):
        position = sum(map(len, lists))
        listed, own_lists, crowd = cell_lists(
            engine, level, frames, vertices, cells, edges, marks, parent_edges, position
        )
        words.append(cells.words)
        lists.append(own_lists)
        crowded = xp.flatnonzero(crowd)
        if len(crowded) == 0 or depth == DEPTH - 1 or not frames.can_refine:
            break
        load = load or Load.at_root(engine, asked, frames, numbers, listed[crowded])
        points = load.on(xp, listed[crowded])
        worth = points >= grids.WORTH_REFINING
        if not bool(worth.any()) or int((points * crowd[crowded])[worth].sum()) < grids.WORTH_A_LEVEL:
            break
        crowded = crowded[worth]
        parent_edges, crowded = crowd[crowded].astype(np.int64), listed[crowded]
        finer, centres = grids.refine(frames, level.first_node, engine.to_host(crowded), sum(map(len, words)))
        level, inside = child_level(
            engine, level, crowded, cells.words, own_lists, position, len(frames.frame)
        )
        frames = finer
        cells.words[crowded] = 2 * xp.arange(level.first_node, len(frames.frame)) + 1
        parents = engine.asarray(centres[0]), engine.asarray(centres[1])
        marks = child_marks(engine, level, inside, frames, vertices, parents)
        load = load.below(engine, crowded, level.first_node, frames)
        cells = Cells.of(engine, xp.full(len(crowded) * grids.SPLIT**2, ASKED, np.uint8))
        edges = count_cells(engine, level, frames, vertices, cells)
    whole = [parts[0] if len(parts) == 1 else xp.concatenate(parts) for parts in (words, lists)]
    return CellIndex(frames.root, frames.on(engine), (whole[0], whole[1]), vertices, numbers)


def _check_size(polygons: GeometryColumn) -> None:
    if max(len(polygons), polygons.num_vertices) >= 1 << 28:
        raise ValueError(
            f"polygons: {len(polygons):,} rows with {polygons.num_vertices:,} vertices are more than the "
            "index can number (2**28); join them in pieces and add each piece's first row to its results"
        )


def _root(
    engine: Engine, level: Level, vertices: Vertices, asked: Asked
) -> tuple[Frames, Any, Cells, Marks, Edges]:
    """The finest grid with few enough entries: long edges and deep overlaps need a coarser one."""
    x, y = vertices
    # Without an edge every point is outside these bounds.
    bounds = (1.0, 1.0, 0.0, 0.0)
    if len(x):
        bounds = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    wanted = min(grids.CELLS_PER_EDGE * len(level.edges), grids.CELLS_PER_POINT * asked.count)
    count = max(grids.FEWEST_CELLS, min(wanted, grids.MOST_CELLS))
    most = max(MOST_ITEMS, 4 * len(level.edges))
    allowed = min(ITEMS_PER_EDGE * len(level.edges) + 16 * grids.FEWEST_CELLS, most)
    while True:
        frames = grids.root(bounds, count, x.dtype)
        numbers = asked.numbers(engine, frames)
        cells = Cells.of(engine, asked.states(engine, frames, numbers))
        edges = count_cells(engine, level, frames, vertices, cells)
        items = len(edges)
        if items <= allowed or count == 1:
            marks = root_marks(engine, level, frames, vertices)
            items += int((marks.stops - marks.firsts).sum())
            if items <= allowed or count == 1:
                return frames, numbers, cells, marks, edges
        count = max(1, int(count * min(0.5, allowed / items)))
