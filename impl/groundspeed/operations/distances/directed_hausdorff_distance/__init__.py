"""Directed Hausdorff distance between collections of points, all pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.dispatch import Call, dispatch
from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import first, namespace
from groundspeed.inputs import as_collections, require_same_crs
from groundspeed.operations.distances.directed_hausdorff_distance import blocks, kernels, tiles
from groundspeed.operations.distances.directed_hausdorff_distance.filter import frame

__all__ = ["directed_hausdorff_distance"]

ALWAYS_THERE = 1 << 20
"""Bytes; asking the system how much is free takes longer than to compute so few distances."""


def directed_hausdorff_distance(collections: Any, other: Any = None, *, engine: str | None = None) -> Any:
    """How far the farthest point of one collection is from another collection, for all pairs of them.

    Args:
        collections: n collections of points: a GeometryColumn or GeoSeries of MultiPoints, LineStrings (their
            vertices) or Points, a list of (k, 2) arrays, or a tuple (x, y, offsets); see
            `groundspeed.inputs.as_collections`. Coordinates in any unit, on a plane.
        other: m collections to measure to, in any of these forms; by default `collections` themselves.
        engine: `"cpu"`, `"cuda"`, `"emulator"`, or None for the rule in `groundspeed.engines.choice`.

    Returns:
        (n, m) distances in the unit of the coordinates, float32 if all coordinates are float32, else float64.
        Row i, column j is h(i -> j) = max over a in i of min over b in j of |a - b|: the distance of the
        point of `collections[i]` that is farthest from `other[j]`. CuPy if the coordinates were on a GPU,
        else NumPy.

    Rule:
        The distance is discrete, between points: segments between the vertices of a LineString do not count.
        It is not symmetric; the Hausdorff distance is `np.maximum(h, h.T)`. h(i -> i) is exactly 0. Row and
        column of an empty or null collection are NaN (SciPy returns 0 or infinity there). The result
        is the correctly rounded square root of a sum of squares; in float64 on a CPU it equals SciPy's to the
        last bit, on a GPU, which fuses multiplications and additions, within 2 units in the last place.
        Differences of coordinates beyond 1e154 (float32: 1e19) overflow to inf. n and m have no limit but
        memory for the result: to work on part of a matrix pass a slice as `collections` and everything as
        `other`.

    Raises:
        ValueError: a coordinate that is NaN or infinite, naming its row; two CRSs that differ; malformed
            offsets.
        TypeError: nothing that holds collections of points.
        MemoryError: the matrix does not fit the memory that is free.
        EngineUnavailable: the engine cannot run on this machine.

    Algorithm:
        The minimum over all pairs of points. On a CPU every squared distance is estimated in float32, 2
        fused multiplications and additions and a minimum in vectors of 16 pieces of collections; a proven
        bound then leaves the points that may be the farthest, mostly one, and these are measured as the rule
        says, see `filter` and `blocks`. On a GPU it is 6 operations a pair, with tiles of targets in shared
        memory, see `tiles`. The early exit of A. A. Taha and A. Hanbury
        (An efficient algorithm for calculating the exact Hausdorff distance, IEEE TPAMI 37 (2015) 2153),
        which SciPy uses, does not pay against vectors. The cost is the product of the numbers of points: for
        collections of more than about 10,000 points each a k-d tree per collection is faster.

    cuSpatial:
        The same matrix as `cuspatial.directed_hausdorff_distance`, as an array and not as a DataFrame;
        cuSpatial took fewer than 2^15 collections, and none that was empty.

    Examples:
        >>> import groundspeed as gs
        >>> gs.directed_hausdorff_distance([[(0, 0), (1, 0)], [(0, 1), (0, 2)]]).round(3)
        array([[0.   , 1.414],
               [2.   , 0.   ]])
    """
    sources = as_collections(collections, "collections")
    targets = sources if other is None else as_collections(other, "other")
    require_same_crs(collections=sources, other=targets)
    _require_finite("collections", sources)
    if targets is not sources:
        _require_finite("other", targets)
    dtype = np.result_type(sources.dtype, targets.dtype)
    call = dispatch(engine, sources, targets)
    return call.give_back(_matrix(call, sources.astype(dtype), targets.astype(dtype)))


def _require_finite(name: str, column: GeometryColumn) -> None:
    """Stricter than `GeometryColumn.check_finite`: an empty point among others has no distance either."""
    xp = namespace(column.x)
    vertex = first(~(xp.isfinite(column.x) & xp.isfinite(column.y)))
    if vertex >= 0:
        row = int(xp.searchsorted(column.vertex_offsets, xp.asarray([vertex]), side="right")[0]) - 1
        position = vertex - int(column.vertex_offsets[row])
        raise ValueError(
            f"{name}: row {row} has the point ({float(column.x[vertex])}, {float(column.y[vertex])}) at "
            f"position {position}, expected finite coordinates; drop the point"
        )


def _matrix(call: Call, sources: GeometryColumn, targets: GeometryColumn) -> Any:
    """The result; on a CPU as many rows at a time as the distances of their pieces fit the memory budget."""
    engine = call.engine
    _require_room(engine, len(sources) * len(targets) * sources.dtype.itemsize)
    offsets = engine.to_host(sources.vertex_offsets)
    source = call.bring(sources.x), call.bring(sources.y)
    target = tuple(map(call.bring, (targets.vertex_offsets, targets.x, targets.y)))
    if engine.cooperative:
        return tiles.measure(engine, offsets, source, target)
    out = engine.empty((len(sources), len(targets)), sources.dtype)
    longest = int(np.diff(offsets).max(initial=0))
    size, scale = blocks.piece_size(offsets[-1]), frame(sources, targets)
    most = max(1, -(-longest // size))
    bytes_each = max(1, most * len(targets) * out.itemsize + longest * blocks.SCRATCH)
    for start, stop in call.chunks(len(sources), bytes_each, unit="collections"):
        pieces = kernels.cut(offsets[start : stop + 1], size)
        rows = out[start:stop]
        if len(pieces.starts) == len(rows):
            blocks.measure(engine, scale, source, target, pieces, rows)
        else:
            partial = engine.empty((len(pieces.starts), len(targets)), out.dtype)
            blocks.measure(engine, scale, source, target, pieces, partial)
            engine.for_each(kernels.fold_body, rows.size, call.bring(pieces.first), partial, rows)
    return out


def _require_room(engine: Engine, size: int) -> None:
    """Refuse a result that does not fit, before the system ends the process over it."""
    if size > ALWAYS_THERE and size > (available := engine.memory_available()):
        raise MemoryError(
            f"the matrix needs {size:,} bytes and {available:,} are free; compute some rows at a time: "
            "directed_hausdorff_distance(collections[start:stop], collections)"
        )
