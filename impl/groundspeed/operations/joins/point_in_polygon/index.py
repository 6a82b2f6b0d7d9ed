"""The cell index of polygons: built by counting, scanning and writing, so that one source serves every
engine.

A grid over the bounds, about four cells per edge; a cell in which edges crowd becomes a node of 4 x 4 finer
cells over the bounds of its own edges, level by level. See cells.py for why it is exact and kernels.py for
what a cell holds.
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
from groundspeed.operations.joins.point_in_polygon.children import child_level, child_marks, own_bounds
from groundspeed.operations.joins.point_in_polygon.frames import Frames
from groundspeed.operations.joins.point_in_polygon.levels import (
    Cells,
    Edges,
    Level,
    Marks,
    Vertices,
    cell_lists,
    count_cells,
    count_crossings,
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
        least: of these numbers.
    """

    root: tuple[Any, ...]
    grid: tuple[Any, Any, Any, Any]
    cells: tuple[Any, Any]
    vertices: Vertices
    numbers: Any
    least: int


def build(engine: Engine, polygons: GeometryColumn, asked: Asked, rows: Any = None) -> CellIndex:
    """Index polygons that live on the engine.

    Args:
        engine: where to build.
        polygons: closed rings, finite coordinates.
        asked: the points that will be asked for; in cells without any the index may be wrong.
        rows: (polygons,) int32 by which the answers call them; None for 0, 1, ...

    Raises:
        ValueError: 2**28 vertices or polygons, or more, or coordinates beyond 2**450.
    """
    _check_size(polygons)
    xp, vertices = engine.xp, (polygons.x, polygons.y)
    level = root_level(engine, polygons, rows)
    frames, (numbers, least), cells, marks, edges = _root(engine, level, vertices, asked)
    load = None
    parent_edges = xp.full(1, 1 << 40, np.int64)
    words: list[Any] = []
    lists: list[Any] = []
    for depth in range(DEPTH):
        position = sum(map(len, lists))
        listed, own_lists, crowd, crowds = cell_lists(
            engine, level, frames, vertices, cells, edges, marks, parent_edges, position
        )
        words.append(cells.words)
        lists.append(own_lists)
        if not crowds or depth == DEPTH - 1:
            break
        crowded = xp.flatnonzero(crowd)
        if asked.sample is not None:
            load = load or Load.at_root(engine, asked, frames, numbers, listed[crowded])
            points = load.on(xp, listed[crowded])
            worth = points >= grids.WORTH_REFINING
            any_worth, saved = engine.read(worth.any(), (points * crowd[crowded] * worth).sum())
            if not any_worth or saved < grids.WORTH_A_LEVEL:
                break
            crowded = crowded[worth]
        places = frames.places(level.first_node, engine.to_host(listed[crowded]))
        large = frames.refinable(places)
        if not large.any():
            break
        places, crowded = places[large], crowded[engine.asarray(large)]
        parent_edges, crowded = crowd[crowded].astype(np.int64), listed[crowded]
        level, inside, begins = child_level(
            engine, level, crowded, cells.words, own_lists, position, len(frames.frame)
        )
        own = own_bounds(engine, level, begins, frames.rectangles(places), vertices)
        finer, centres = grids.refine(frames, places, sum(map(len, words)), own)
        frames = finer
        cells.words[crowded] = 2 * xp.arange(level.first_node, len(frames.frame)) + 1
        parents = engine.asarray(centres[0]), engine.asarray(centres[1])
        marks = child_marks(engine, level, inside, frames, vertices, parents)
        if load is not None:
            load = load.below(engine, crowded, level.first_node, frames)
        cells = Cells.of(engine, xp.full(len(crowded) * grids.SPLIT**2, ASKED, np.uint8))
        edges = count_cells(engine, level, frames, vertices, cells)
    whole = [parts[0] if len(parts) == 1 else xp.concatenate(parts) for parts in (words, lists)]
    return CellIndex(frames.root, frames.on(engine), (whole[0], whole[1]), vertices, numbers, least)


def _check_size(polygons: GeometryColumn) -> None:
    if max(len(polygons), polygons.num_vertices) >= 1 << 28:
        raise ValueError(
            f"polygons: {len(polygons):,} rows with {polygons.num_vertices:,} vertices are more than the "
            "index can number (2**28); join them in pieces and add each piece's first row to its results"
        )


def _root(
    engine: Engine, level: Level, vertices: Vertices, asked: Asked
) -> tuple[Frames, tuple[Any, int], Cells, Marks, Edges]:
    """The finest grid with few enough entries: long edges and deep overlaps need a coarser one."""
    x, y = vertices
    # Without an edge every point is outside these bounds.
    bounds = (1.0, 1.0, 0.0, 0.0)
    if len(x):
        ends = engine.to_host(engine.xp.stack([x.min(), y.min(), x.max(), y.max()]))
        bounds = tuple(map(float, ends))  # type: ignore[assignment]
    wanted = min(grids.CELLS_PER_EDGE * len(level.edges), grids.CELLS_PER_POINT * asked.count)
    count = max(grids.FEWEST_CELLS, min(wanted, grids.MOST_CELLS))
    most = max(MOST_ITEMS, 4 * len(level.edges))
    allowed = min(ITEMS_PER_EDGE * len(level.edges) + 16 * grids.FEWEST_CELLS, most)
    while True:
        frames = grids.root(bounds, count, x.dtype)
        numbers = asked.numbers(engine, frames)
        cells = Cells.of(engine, asked.states(engine, frames, numbers))
        edges = count_cells(engine, level, frames, vertices, cells)
        crossings = count_crossings(engine, level, frames, vertices)
        least = numbers.min() if numbers is not None and len(numbers) else 0
        items, lines, least = engine.read(edges.offsets[-1], crossings.offsets[-1], least)
        if items <= allowed or count == 1:
            marks = root_marks(engine, level, frames, vertices, crossings, lines)
            items += engine.read((marks.stops - marks.firsts).sum())[0]
            if items <= allowed or count == 1:
                return frames, (numbers, least), cells, marks, edges
        count = max(1, int(count * min(0.5, allowed / items)))
