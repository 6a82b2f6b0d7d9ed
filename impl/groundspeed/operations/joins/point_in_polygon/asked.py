"""The points that will be asked for: they decide which cells the index needs, and how fine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import building
from groundspeed.operations.joins.point_in_polygon.cells import ASKED
from groundspeed.operations.joins.point_in_polygon.frames import Frames

SAMPLE = 1 << 15
"""About so many points, evenly spaced in the input, tell how many lie in a cell."""


def find_cells(engine: Engine, points: tuple[Any, Any], root: tuple[Any, ...]) -> Any:
    """(n,) int32: the root's cell of each point, or OUTSIDE or INFINITE."""
    numbers = engine.empty(len(points[0]), np.int32)
    engine.for_each(building.find_cell, len(numbers), points, root, numbers)
    return numbers


@dataclass(frozen=True)
class Asked:
    """Points on the engine.

    Attributes:
        count: how many there are.
        points: (x, y) of all of them, or None where they are not at hand: then every cell is indexed.
        sample: (x, y) of every `step`-th point, or None where points may lie anywhere.
    """

    count: int
    points: tuple[Any, Any] | None
    sample: tuple[Any, Any] | None
    step: int

    @property
    def sampled(self) -> tuple[Any, Any]:
        """The sample, where there is one."""
        if self.sample is None:
            raise TypeError("points that may lie anywhere have no sample")
        return self.sample

    def numbers(self, engine: Engine, frames: Frames) -> Any:
        """(count,) int32: the root's cells of the points, see `find_cells`; None if they are not at hand."""
        return None if self.points is None else find_cells(engine, self.points, frames.root)

    def states(self, engine: Engine, frames: Frames, numbers: Any) -> Any:
        """(cells of the root,) uint8: ASKED where a point lies, else NOBODY."""
        if numbers is None or self.count > 4 * frames.cells:
            return engine.xp.full(frames.cells, ASKED, np.uint8)
        states = engine.xp.zeros(frames.cells, np.uint8)
        engine.for_each(building.ask, self.count, numbers, states)
        return states


ANYWHERE = Asked(1 << 40, None, None, 1)
"""For an index that is made before the points are known."""


def step(count: int) -> int:
    """Which part of so many points makes a sample.

    >>> step(1_000), step(1_000_000)
    (1, 30)
    """
    return max(1, count // SAMPLE)


@dataclass(frozen=True)
class Load:
    """How many points lie in the cells of one level, told from the sample.

    Attributes:
        keys, points, nodes: of each point of the sample that lies in the level: its cell, counted from the
            level's first, in ascending order; its coordinates; its node.
        step: how many points each stands for.
    """

    keys: Any
    points: tuple[Any, Any]
    nodes: Any
    step: int

    @classmethod
    def at_root(cls, engine: Engine, asked: Asked, frames: Frames, numbers: Any, cells: Any) -> Load:
        """Load of some of the root's cells, the others count as empty: sorting all takes a millisecond."""
        xp = engine.xp
        wanted = xp.zeros(frames.cells, np.bool_)
        wanted[cells] = True
        if numbers is None:
            sample = find_cells(engine, asked.sampled, frames.root)
        else:
            sample = numbers[:: asked.step]
        kept = xp.flatnonzero(wanted[xp.maximum(sample, 0)] & (sample >= 0))
        points = asked.sampled[0][kept], asked.sampled[1][kept]
        return cls._sorted(engine, points, xp.zeros(len(kept), np.int64), 0, frames, asked.step)

    def on(self, xp: Any, cells: Any) -> Any:
        """How many points lie in some cells of the level."""
        low, high = (xp.searchsorted(self.keys, cells, side=side) for side in ("left", "right"))
        return (high - low) * self.step

    def below(self, engine: Engine, cells: Any, first_node: int, frames: Frames) -> Load:
        """Load of the next level, whose nodes are these cells (ascending) of this level."""
        xp = engine.xp
        node = xp.minimum(xp.searchsorted(cells, self.keys), len(cells) - 1)
        kept = xp.flatnonzero(cells[node] == self.keys)
        points = self.points[0][kept], self.points[1][kept]
        return self._sorted(engine, points, first_node + node[kept], first_node, frames, self.step)

    @classmethod
    def _sorted(
        cls, engine: Engine, points: tuple[Any, Any], nodes: Any, first_node: int, frames: Frames, step: int
    ) -> Load:
        keys = engine.empty(len(nodes), np.int64)
        where = (points, nodes, first_node, frames.root, frames.on(engine))
        engine.for_each(building.place, len(nodes), *where, keys)
        order = engine.xp.argsort(keys)
        load = cls(keys, points, nodes, step)
        return replace(
            load, keys=keys[order], points=(points[0][order], points[1][order]), nodes=nodes[order]
        )
