"""One level of the index: its edges in the cells they meet, its marks where centres are inside, its lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import compose
from groundspeed.operations.joins.point_in_polygon import building
from groundspeed.operations.joins.point_in_polygon import frames as grids
from groundspeed.operations.joins.point_in_polygon.asked import find_cells
from groundspeed.operations.joins.point_in_polygon.cells import COLUMNS, EMPTY, LISTED, ROWS
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
        owners, firsts, stops: (runs,) owner, first cell of the level and the one behind the last.
        owner_runs: (owners + 1,) int64, where an owner's runs start.
    """

    owners: Any
    firsts: Any
    stops: Any
    owner_runs: Any

    @property
    def runs(self) -> tuple[Any, Any, Any]:
        """As the kernels take them."""
        return self.owners, self.firsts, self.stops


@dataclass(frozen=True)
class Edges:
    """The cells that the edges of a level may meet, of those with points.

    Attributes:
        cells: (items,) int32, how many for each edge, and which if it is one or two.
        offsets: (items + 1,) int64 scan of the numbers.
    """

    cells: tuple[Any, Any, Any]
    offsets: Any


@dataclass(frozen=True)
class Cells:
    """The cells of a level while it is built.

    Attributes:
        states: (cells,) uint8: NOBODY, ASKED or LISTED.
        words: (cells,) int32, as `kernels` reads them in the end.
    """

    states: Any
    words: Any

    @classmethod
    def of(cls, engine: Engine, states: Any) -> Cells:
        """Cells that no polygon has painted yet."""
        words = engine.empty(len(states), np.int32)
        words[:] = EMPTY
        return cls(states, words)

    @property
    def state(self) -> tuple[Any, Any]:
        """As the kernels take them."""
        return self.states, self.words


def root_level(engine: Engine, polygons: GeometryColumn, numbers: Any) -> Level:
    """All edges of all polygons.

    Args:
        numbers: (polygons,) int32 by which the index calls them; None for their rows.
    """
    xp, count = engine.xp, len(polygons)
    rings, starts = polygons.offsets[-1], compose(polygons.offsets)
    ring_starts = compose(polygons.offsets[:-1])
    # Every vertex begins an edge but the last of its ring.
    owner_edges = starts - ring_starts
    ring_edges = rings - xp.arange(len(rings), dtype=rings.dtype)
    vertices = polygons.num_vertices
    number = vertices - (len(rings) - 1)
    edges = engine.expand(ring_edges, np.int32, number)
    edges += xp.arange(len(edges), dtype=np.int32)
    owners = engine.expand(owner_edges, np.int32, number)
    polygon_of = engine.expand(starts, np.int32, vertices)
    nodes = xp.zeros(count, np.int64)
    if numbers is None:
        numbers = xp.arange(count, dtype=np.int32)
    else:
        polygon_of = numbers[polygon_of]
    return Level(numbers, nodes, owner_edges, edges, owners, polygon_of, 0)


def count_cells(engine: Engine, level: Level, frames: Frames, vertices: Vertices, cells: Cells) -> Edges:
    """Find the cells that each edge may meet; those with points become LISTED."""
    few, none = engine.empty(0, np.int32), engine.empty(0, np.int64)
    counts, firsts, seconds = (engine.empty(len(level.edges), np.int32) for _ in range(3))
    found = counts, firsts, seconds
    _edge_cells(engine, False, level, frames, vertices, cells, found, none, none, (few, few))
    return Edges(found, engine.offsets(counts))


def _edge_cells(
    engine: Engine,
    write: bool,
    level: Level,
    frames: Frames,
    vertices: Vertices,
    cells: Cells,
    *output: Any,
) -> None:
    in_root = level.first_node == 0 and not write
    numbers = find_cells(engine, vertices, frames.root) if in_root else engine.empty(0, np.int32)
    items = (level.edges, level.owners, level.nodes, numbers)
    where = (items, frames.on(engine), vertices, frames.slack[0], level.first_node, cells.state)
    engine.for_each(building.edge_cells, len(level.edges), write, *where, *output)


@dataclass(frozen=True)
class Crossings:
    """How often each edge crosses the centre lines of the root's rows.

    Attributes:
        counts: (edges,) int32.
        offsets: (edges + 1,) int64 scan of them.
    """

    counts: Any
    offsets: Any


def count_crossings(engine: Engine, level: Level, frames: Frames, vertices: Vertices) -> Crossings:
    """Count where edges cross centre lines of the root's rows."""
    counts = engine.empty(len(level.edges), np.int32)
    none = engine.empty(0, np.int64)
    _row_crossings(engine, False, level, frames, vertices, counts, none, none)
    return Crossings(counts, engine.offsets(counts))


def _row_crossings(
    engine: Engine, write: bool, level: Level, frames: Frames, vertices: Vertices, *output: Any
) -> None:
    where = ((level.edges, level.owners), frames.on(engine), vertices, frames.slack[0])
    engine.for_each(building.row_crossings, len(level.edges), write, *where, *output)


def root_marks(
    engine: Engine, level: Level, frames: Frames, vertices: Vertices, crossings: Crossings, total: int
) -> Marks:
    """Cut each row's centre line at the polygon's edges; every second piece is inside.

    Args:
        total: how many crossings there are.
    """
    xp, found = engine.xp, engine.empty(total, np.int64)
    _row_crossings(engine, True, level, frames, vertices, crossings.counts, crossings.offsets, found)
    # Rings are closed, so a line crosses a polygon an even number of times: no pair mixes polygons or rows.
    found = xp.sort(found)
    rows, stride = int(frames.shape[0, ROWS]), int(frames.shape[0, COLUMNS]) + 1
    owner_runs = xp.searchsorted(found[0::2], xp.arange(len(level.polygons) + 1) * (rows * stride))
    runs = total // 2
    owners, firsts, stops = (
        engine.empty(runs, np.int32),
        engine.empty(runs, np.int64),
        engine.empty(runs, np.int64),
    )
    engine.for_each(building.pair_crossings, runs, found, rows, stride, owners, firsts, stops)
    return Marks(owners, firsts, stops, owner_runs)


def cell_lists(
    engine: Engine,
    level: Level,
    frames: Frames,
    vertices: Vertices,
    cells: Cells,
    edges: Edges,
    marks: Marks,
    parent_edges: Any,
    position: int,
) -> tuple[Any, Any, Any, bool]:
    """Finish the words of a level's cells: sort its marks and edges into those that need a list.

    Args:
        parent_edges: (nodes,) int64 edges of the cells that became the level's nodes.
        position: of the level's first list.

    Returns:
        (listed,) int64 the cells that have a list, int32 lists, (listed,) int32 number of edges where they
        crowd, else 0, and whether they do anywhere.
    """
    few, none = engine.empty(0, np.int32), engine.empty(0, np.int64)
    for compare in (False, True):
        engine.for_each(building.paint, len(marks.owners), compare, marks.runs, level.polygons, cells.state)
    listed = engine.xp.flatnonzero(cells.states == LISTED)
    cells.words[listed] = engine.xp.arange(len(listed), dtype=np.int32)

    counts = engine.empty(len(marks.owners), np.int32)
    owned = (edges.offsets, level.owner_edges)
    mark = (marks.runs, level.polygons, cells.state, counts)
    engine.for_each(building.mark_cells, len(marks.owners), False, *mark, none, *owned, (few, few))
    offsets = engine.offsets(counts)
    items = sum(engine.read(offsets[-1], edges.offsets[-1]))
    target = engine.empty(items, np.int32), engine.empty(items, np.int32)
    engine.for_each(building.mark_cells, len(marks.owners), True, *mark, offsets, *owned, target)
    before = offsets[marks.owner_runs]
    _edge_cells(engine, True, level, frames, vertices, cells, edges.cells, edges.offsets, before, target)

    values, starts = engine.group(*target, len(listed))
    counts, crowd = (engine.empty(len(listed), np.int32) for _ in range(2))
    per_node = int(frames.shape[-1, COLUMNS] * frames.shape[-1, ROWS])
    parents = (parent_edges, per_node, grids.CROWDED)
    where = (listed, (starts, values), level.polygon_of, position, parents, counts, crowd)
    engine.for_each(building.cell_lists, len(listed), False, *where, none, (few, few))
    offsets = engine.offsets(counts)
    size, crowds = engine.read(offsets[-1], crowd.sum(dtype=np.int64))
    lists = engine.empty(size, np.int32)
    engine.for_each(building.cell_lists, len(listed), True, *where, offsets, (cells.words, lists))
    return listed, lists, crowd, crowds > 0
