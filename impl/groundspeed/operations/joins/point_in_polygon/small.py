"""The index of small polygons, which are many and crowd: built by one sort, whatever their places and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn
from groundspeed.columns.arrays import compose
from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon import boxes
from groundspeed.operations.joins.point_in_polygon.frames import LARGEST

FEWEST, FEW_EDGES = 512, 12
"""Small polygons are worth an index of their own if there are so many of them, with so few edges each."""
BUCKETS_PER_POLYGON = 4
MOST_GRIDS = 16
"""A point looks into each; where boxes are of more sizes, the largest, which are few, share a grid."""
COARSEN = 2
"""A grid may hold boxes so many powers of two below its own size, more only if they are VERY_FEW."""
VERY_FEW = 8


@dataclass(frozen=True)
class SmallIndex:
    """Small polygons ready to be asked; every array lives on the engine.

    Attributes:
        grids: (grids,) cells per unit, first bucket and mask of each; see `boxes.bucket`.
        table: (buckets + 2,) int64 where each bucket begins, int32 polygons.
        boxes: (4 * polygons,) low x, low y, high x, high y of each.
        parts: (polygons + 1,) first rings and (rings + 1,) first vertices.
        vertices: x and y.
        edges: (polygons,) int32, number of edges.
    """

    grids: tuple[Any, Any, Any]
    table: tuple[Any, Any]
    boxes: Any
    parts: tuple[Any, Any]
    vertices: tuple[Any, Any]
    edges: Any

    @property
    def arrays(self) -> tuple[Any, ...]:
        """As the kernels take them."""
        return self.grids, self.table, self.boxes, self.parts, self.vertices


def build(engine: Engine, polygons: GeometryColumn) -> tuple[SmallIndex | None, Any]:
    """Index the small polygons among those that live on the engine.

    Returns:
        The index, and the rows of the polygons that are not in it; None and None if all are better asked
        elsewhere.

    Raises:
        ValueError: coordinates beyond 2**450.
    """
    n, dtype = len(polygons), polygons.dtype
    parts = compose(polygons.offsets[:-1]), polygons.offsets[-1]
    if n < FEWEST:
        return None, None
    scales = _scales(dtype)
    bounds, sizes = engine.empty(4 * n, dtype), engine.empty(n, np.int32)
    edges, vertices = engine.empty(n, np.int32), (polygons.x, polygons.y)
    farthest = min(LARGEST, float(np.finfo(dtype).max))
    limits = tuple(map(dtype.type, (np.finfo(dtype).nmant, boxes.LEAST, farthest)))
    engine.for_each(
        boxes.measure, n, parts, vertices, limits, engine.asarray(scales), bounds, sizes, edges
    )
    order, starts = engine.group(sizes, engine.xp.arange(n, dtype=np.int32), boxes.CLASSES)
    read = engine.to_host(engine.xp.concatenate([starts, edges.sum(dtype=np.int64).reshape(1)]))
    counts = np.diff(read[:-1])
    if counts[boxes.TOO_FAR]:
        _refuse(polygons)
    few = int(counts[: boxes.LARGE].sum())
    if few < FEWEST or read[-1] > FEW_EDGES * few:
        return None, None
    grid_of, classes, members = _grids(counts[: boxes.LARGE])
    grids, buckets = _buckets(classes, members, scales)
    grids = tuple(map(engine.asarray, grids))
    keys, values = engine.empty(4 * n, np.int32), engine.empty(4 * n, np.int32)
    engine.for_each(boxes.enter, n, sizes, bounds, engine.asarray(grid_of), grids, buckets, keys, values)
    entries, begins = engine.group(keys, values, buckets + 1)
    others = order[int(read[boxes.LARGE]) : int(read[boxes.LARGE + 1])]
    return SmallIndex(grids, (begins, entries), bounds, parts, vertices, edges), others


def _scales(dtype: Any) -> np.ndarray:
    """Cells per unit of each class of size; the finest cells are as small as the reciprocal allows."""
    powers = np.arange(boxes.CLASSES) + boxes.LEAST
    largest = np.finfo(dtype).maxexp - 2
    return np.ldexp(1.0, -np.clip(powers, -largest, largest)).astype(dtype)


def _grids(counts: np.ndarray) -> tuple[np.ndarray, list[int], list[int]]:
    """Which classes of size share a grid: from small to large, few go to their larger neighbours.

    Args:
        counts: polygons in each class.

    Returns:
        (classes,) int32, the grid of each class, -1 for none; the class of each grid and its polygons.
    """
    grid_of = np.full(boxes.CLASSES, -1, np.int32)
    groups: list[list[int]] = []
    members: list[int] = []
    for size in np.flatnonzero(counts):
        few = bool(groups) and (
            members[-1] <= VERY_FEW or (size - groups[-1][0] <= COARSEN and 2 * members[-1] <= counts[size])
        )
        if groups and (few or len(groups) == MOST_GRIDS):
            groups[-1].append(int(size))
            members[-1] += int(counts[size])
        else:
            groups.append([int(size)])
            members.append(int(counts[size]))
    for grid, group in enumerate(groups):
        grid_of[group] = grid
    return grid_of, [group[-1] for group in groups], members


def _buckets(
    classes: list[int], members: list[int], scales: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], int]:
    """What `boxes.bucket` needs of each grid, and the number of all buckets."""
    blocks = [1 << max(BUCKETS_PER_POLYGON * count // 16 - 1, 0).bit_length() for count in members]
    ends = 16 * np.cumsum(blocks, dtype=np.int64)
    firsts = ends - 16 * np.array(blocks, np.int64)
    return (scales[classes], firsts, np.array(blocks, np.int64) - 1), int(ends[-1])


def _refuse(polygons: GeometryColumn) -> None:
    largest = max(float(abs(side).max()) for side in (polygons.x, polygons.y))
    raise ValueError(f"polygons: a coordinate of magnitude {largest:g} is beyond {LARGEST:g}; rescale them")
