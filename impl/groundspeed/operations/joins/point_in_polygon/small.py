"""The index of small polygons, which are many and crowd: one sort, whatever their places and sizes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import compose
from groundspeed.operations.joins.point_in_polygon import boxes
from groundspeed.operations.joins.point_in_polygon.frames import LARGEST

FEWEST, FEW_EDGES = 512, 12
"""Small polygons are worth an index of their own if there are so many of them, with so few edges each."""
MANY = 1 << 13
"""Fewer polygons of more edges on average than a small one may have: hardly any of them can be small."""
BUCKETS_PER_POLYGON = 2
"""At least."""
PROBE = 6.0
"""What looking into a grid costs, counted in entries that are met there."""
ROUNDED = 10
"""Binary digits that a column has less than a coordinate, so that rounding does not move it by a cell."""


@dataclass(frozen=True)
class SmallIndex:
    """Small polygons ready to be asked; every array lives on the engine.

    Attributes:
        grids: (grids,) scale, first bucket and mask of each; see `boxes.bucket`.
        table: (buckets + 2,) int64 where each bucket begins, int64 entries; see `boxes`.
        shapes: (polygons,) int32 number of vertices and first vertex, see `boxes.measure`.
        parts: (polygons + 1,) first rings and (rings + 1,) first vertices.
        vertices: x and y.
        main: scale and mask of the grid with most polygons.
    """

    grids: tuple[Any, Any, Any]
    table: tuple[Any, Any]
    shapes: tuple[Any, Any]
    parts: tuple[Any, Any]
    vertices: tuple[Any, Any]
    main: tuple[Any, int]


def build(engine: Engine, polygons: GeometryColumn) -> tuple[SmallIndex | None, Any]:
    """Index the small polygons among those that live on the engine.

    Returns:
        The index, and the rows of the polygons that are not in it; None and None if all are better asked
        elsewhere.

    Raises:
        ValueError: coordinates beyond 2**450.
    """
    n, dtype = len(polygons), polygons.dtype
    if n < FEWEST or (n < MANY and polygons.num_vertices > boxes.MOST_EDGES * n):
        return None, None
    parts, vertices = (compose(polygons.offsets[:-1]), polygons.offsets[-1]), (polygons.x, polygons.y)
    scales = _scales(dtype)
    bounds, sizes = engine.empty(4 * n, dtype), engine.empty(n, np.int32)
    shapes = engine.empty(n, np.int32), engine.empty(n, np.int32)
    farthest = min(LARGEST, float(np.finfo(dtype).max))
    limits = tuple(map(dtype.type, (np.finfo(dtype).nmant - ROUNDED, boxes.LEAST, boxes.STEPS, farthest)))
    where = parts, vertices, limits, engine.asarray(scales)
    engine.for_each(boxes.measure, n, *where, bounds, sizes, shapes)
    by_size, starts = engine.group(sizes, engine.xp.arange(n, dtype=np.int32), boxes.CLASSES)
    total = abs(shapes[0]).sum(dtype=np.int64).reshape(1)
    read = engine.to_host(engine.xp.concatenate([starts, total]))
    counts = np.diff(read[:-1])
    if counts[boxes.TOO_FAR]:
        _refuse(polygons)
    few = int(counts[: boxes.LARGE].sum())
    if few < FEWEST or read[-1] > (FEW_EDGES + 1) * few:
        return None, None
    grid_of, classes, members = _grids(counts[: boxes.LARGE])
    host_grids, buckets = _buckets(classes, members, scales)
    grids = tuple(map(engine.asarray, host_grids))
    keys, values = engine.empty(4 * n, np.int32), engine.empty(4 * n, np.int64)
    engine.for_each(boxes.enter, n, sizes, bounds, engine.asarray(grid_of), grids, buckets, keys, values)
    entries, begins = engine.group(keys, values, buckets + 1)
    others = by_size[int(read[boxes.LARGE]) : int(read[boxes.LARGE + 1])]
    most = int(np.argmax(members))
    main = host_grids[0][most], int(host_grids[2][most])
    return SmallIndex(grids, (begins, entries), shapes, parts, vertices, main), others


@functools.cache
def _scales(dtype: Any) -> np.ndarray:
    """What `boxes.column` multiplies with for each class of size, as far as numbers of the dtype go."""
    powers = boxes.FINE - boxes.LEAST - np.arange(boxes.CLASSES) / boxes.STEPS
    largest = np.finfo(dtype).maxexp - 2
    return np.exp2(np.clip(powers, -largest, largest)).astype(dtype)


def _grids(counts: np.ndarray) -> tuple[np.ndarray, list[int], list[int]]:
    """Which classes of size share a grid: the cheapest division of all sizes into runs.

    A point pays PROBE for each grid and 1 for each entry that it meets. How densely boxes lie nobody knows:
    the model takes it that those of one class cover their own area once, and that so many points lie there as
    the class has of all boxes. Then in cells c wide a point meets (1 + c / w)**2 boxes that are w wide.

    Args:
        counts: polygons in each class.

    Returns:
        (classes,) int32, the grid of each class, -1 for none; the class of each grid and its polygons.
    """
    sizes = np.flatnonzero(counts)
    members = counts[sizes]
    share = members / members.sum()
    best, begin = [0.0], list[int]()
    for last in range(len(sizes)):
        wider = np.exp2(np.minimum(sizes[last] - sizes[: last + 1], 64 * boxes.STEPS) / boxes.STEPS)
        met = share[: last + 1] * np.minimum(members[: last + 1], (1 + wider) ** 2)
        costs = np.array(best) + np.cumsum(met[::-1])[::-1] + PROBE
        begin.append(int(np.argmin(costs)))
        best.append(float(np.min(costs)))
    grid_of = np.full(boxes.CLASSES, -1, np.int32)
    classes: list[int] = []
    polygons: list[int] = []
    stop = len(sizes)
    while stop:
        start = begin[stop - 1]
        grid_of[sizes[start:stop]] = len(classes)
        classes.append(int(sizes[stop - 1]))
        polygons.append(int(counts[sizes[start:stop]].sum()))
        stop = start
    return grid_of, classes, polygons


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
