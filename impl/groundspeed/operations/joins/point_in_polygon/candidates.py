"""Points against the index of small polygons: candidates by boxes first, then their edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import finding
from groundspeed.operations.joins.point_in_polygon.small import SmallIndex

BYTES_PER_CANDIDATE = 25  # point, polygon, state, and a pair


@dataclass(frozen=True)
class Candidates:
    """Points in the order of their cells, and polygons whose boxes hold them.

    Attributes:
        order: (points,) int32, rows of the points in that order.
        points: x and y in that order.
        offsets: (points + 1,) int64, where the candidates of each begin.
        candidates: int32 place of the point in that order, and the polygon.
    """

    order: Any
    points: tuple[Any, Any]
    offsets: Any
    candidates: tuple[Any, Any]

    def tested(self, engine: Engine, index: SmallIndex, accept: int, others: Any) -> tuple[Any, Any]:
        """Which candidates make pairs.

        Args:
            others: (points,) int32, how many pairs each row has already.

        Returns:
            (candidates,) uint8, 1 or 0; (points,) int32, how many pairs each row has now.
        """
        count, polygons = len(self.candidates[0]), (index.shapes, index.parts, index.vertices)
        states = engine.empty(count, np.uint8)
        engine.for_each(
            finding.test_candidate, count, self.points, accept, *polygons, self.candidates, states
        )
        counts = others.copy()
        engine.for_each(finding.count_kept, len(self.order), self.order, self.offsets, states, counts)
        return states, counts

    def write(
        self,
        engine: Engine,
        start: int,
        states: Any,
        hits: tuple[Any, Any],
        totals: Any,
        pairs: tuple[Any, Any],
    ) -> None:
        """Write the pairs, see `finding.write_kept`."""
        where = self.candidates, self.offsets, states, hits, totals, pairs
        engine.for_each(finding.write_kept, len(self.order), start, self.order, *where)


def candidates(
    engine: Engine, index: SmallIndex, x: Any, y: Any, start: int, budget: int | None
) -> Candidates | None:
    """Find the boxes that hold points; None if they are too many for the memory budget.

    Args:
        start: number of the first point, for the error.
        budget: bytes, None for half of what is available.

    Raises:
        ValueError: an infinite coordinate, naming the row.
    """
    count = len(x)
    keys, infinite = engine.empty(count, np.int32), engine.xp.zeros(1, np.int64)
    engine.for_each(finding.block_of_point, count, (x, y), *index.main, keys)
    order, _ = engine.group(keys, engine.xp.arange(count, dtype=np.int32), index.main[1] + 1)
    points = engine.empty(count, x.dtype), engine.empty(count, x.dtype)
    engine.for_each(finding.copy_point, count, order, (x, y), points, infinite)
    found = tuple(engine.empty(count, np.int32) for _ in range(3))
    table = index.grids, index.table
    engine.for_each(finding.count_candidates, count, points, table, found, engine.empty(0, np.int32))
    offsets = engine.offsets(found[0])
    total, bad = engine.read(offsets[-1], infinite[0])
    if bad:
        refuse_infinite(engine.xp.isinf(x) | engine.xp.isinf(y), x, y, start)
    if count > 1 and total * BYTES_PER_CANDIDATE > (budget or engine.memory_available() // 2):
        return None
    pairs = engine.empty(total, np.int32), engine.empty(total, np.int32)
    engine.for_each(finding.write_candidates, count, points, table, found, offsets, pairs)
    return Candidates(order, points, offsets, pairs)


def refuse_infinite(infinite: Any, x: Any, y: Any, start: int) -> None:
    """Raise the error that names the first infinite point."""
    row = int(infinite.argmax())
    raise ValueError(
        f"points: row {start + row} is infinite, ({float(x[row])}, {float(y[row])}); drop it or make it null"
    )
