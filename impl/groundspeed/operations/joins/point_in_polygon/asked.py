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


@dataclass(frozen=True)
class Asked:
    """Points on the engine.

    Attributes:
        count: how many there are.
        points: (x, y) of all of them, or None where they are not at hand: then every cell is indexed.
        sample: (x, y) of every `step`-th point.
    """

    count: int
    points: tuple[Any, Any] | None
    sample: tuple[Any, Any]
    step: int

    def states(self, engine: Engine, frames: Frames) -> Any:
        """(cells of the root,) uint8: ASKED where a point lies, else NOBODY."""
        if self.points is None or self.count > 4 * frames.cells:
            return engine.xp.full(frames.cells, ASKED, np.uint8)
        states = engine.xp.zeros(frames.cells, np.uint8)
        engine.for_each(building.ask, self.count, self.points, frames.on(engine), states)
        return states


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
    def at_root(cls, engine: Engine, asked: Asked, frames: Frames) -> Load:
        """Load of the root's cells."""
        nodes = engine.xp.zeros(len(asked.sample[0]), np.int64)
        return cls._sorted(engine, asked.sample, nodes, 0, frames, asked.step)

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
        engine.for_each(building.place, len(nodes), points, nodes, first_node, frames.on(engine), keys)
        order = engine.xp.argsort(keys)
        load = cls(keys, points, nodes, step)
        return replace(
            load, keys=keys[order], points=(points[0][order], points[1][order]), nodes=nodes[order]
        )
