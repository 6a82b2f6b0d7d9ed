"""Area, length, box and highest point of rings and lines, and what rows make of those of their parts."""

# mypy: disallow-untyped-defs=False
# Numba types these functions from their arguments.

from __future__ import annotations

import math
from typing import Any

import numpy as np

from groundspeed.engines.kernels import Kernel
from groundspeed.operations.measurement.planar_measures.segmented import (
    GPU_TILE,
    Reduction,
    block_kernel,
    load1,
    load2,
    load4,
    merge_carries,
    store1,
    store2,
    store4,
    walk,
)
from groundspeed.scalar.decorators import device, elementwise
from groundspeed.scalar.orientation import orientation

INFINITY = math.inf


@device
def add(a, b):
    """Sum of two."""
    return (a[0] + b[0],)


@device
def trapezoid(v, start, x, y):
    """Twice the signed area that a vertex adds, in the order of GEOS' own sum (`Area::ofRingSigned`)."""
    across = np.float64(x[v]) - np.float64(x[start])
    return (across * (np.float64(y[v - 1]) - np.float64(y[v + 1])),)


@device
def edge(v, start, x, y):
    """Length of the edge from a vertex to the next."""
    dx = np.float64(x[v + 1]) - np.float64(x[v])
    dy = np.float64(y[v + 1]) - np.float64(y[v])
    return (math.sqrt(dx * dx + dy * dy),)


@device
def corner(v, start, x, y):
    """Box of one vertex."""
    return x[v], y[v], x[v], y[v]


@device
def widen(a, b):
    """Box of two boxes; a NaN on one side gives way to the other."""
    low_x = b[0] if b[0] < a[0] or math.isnan(a[0]) else a[0]
    low_y = b[1] if b[1] < a[1] or math.isnan(a[1]) else a[1]
    high_x = b[2] if b[2] > a[2] or math.isnan(a[2]) else a[2]
    high_y = b[3] if b[3] > a[3] or math.isnan(a[3]) else a[3]
    return low_x, low_y, high_x, high_y


@device
def rise(v, start, x, y):
    """Height and number of a vertex that an edge goes up to, not below the first one."""
    rises = (y[v] > y[v - 1]) & (y[v] >= y[start])
    return np.float64(y[v]) if rises else -INFINITY, np.float64(v) if rises else -1.0


@device
def higher(a, b):
    """The higher of two vertices, the later of equals."""
    later = b[0] >= a[0]
    return b[0] if later else a[0], b[1] if later else a[1]


@device
def area_tile(t, size, segments, x, y, results):
    """One thread: twice the signed areas of rings in one tile."""
    walk(t, size, segments, x, y, results, trapezoid, add, store1, 1, 1)


@device
def length_tile(t, size, segments, x, y, results):
    """One thread: the lengths of rings or lines in one tile."""
    walk(t, size, segments, x, y, results, edge, add, store1, 0, 1)


@device
def box_tile(t, size, segments, x, y, results):
    """One thread: the boxes of rows in one tile."""
    walk(t, size, segments, x, y, results, corner, widen, store4, 0, 0)


@device
def top_tile(t, size, segments, x, y, results):
    """One thread: the tops of rings in one tile."""
    walk(t, size, segments, x, y, results, rise, higher, store2, 1, 0)


@device
def carried_sum(t, size, segments, results):
    """`merge_carries` of sums."""
    merge_carries(t, size, segments, results, add, load1, store1)


@device
def carried_box(t, size, segments, results):
    """`merge_carries` of boxes."""
    merge_carries(t, size, segments, results, widen, load4, store4)


@device
def carried_top(t, size, segments, results):
    """`merge_carries` of tops."""
    merge_carries(t, size, segments, results, higher, load2, store2)


AREA = Reduction("area", trapezoid, add, load1, store1, (0.0,), 1, 1, area_tile, carried_sum, np.float64)
LENGTH = Reduction("length", edge, add, load1, store1, (0.0,), 0, 1, length_tile, carried_sum, np.float64)
BOX = Reduction("box", corner, widen, load4, store4, (math.nan,) * 4, 0, 0, box_tile, carried_box)
TOP = Reduction(
    "top", rise, higher, load2, store2, (-INFINITY, -1.0), 1, 0, top_tile, carried_top, np.float64
)


@elementwise
def polygon_area(i, rings, twice, out):
    """One thread, one polygon: its shell less its holes. Bound by memory."""
    first, last = rings[i], rings[i + 1]
    area = 0.5 * abs(twice[first]) if first < last else 0.0
    for ring in range(first + 1, last):
        area -= 0.5 * abs(twice[ring])
    out[i] = area


@elementwise
def sum_of_parts(i, offsets, values, out):
    """One thread, one row. Bound by memory."""
    total = 0.0
    for part in range(offsets[i], offsets[i + 1]):
        total += values[part]
    out[i] = total


@elementwise
def grown_box(i, boxes, expand, out):
    """One thread, one row: its box, by so much larger on every side. Bound by memory."""
    out[i, 0], out[i, 1] = boxes[0, i] - expand, boxes[1, i] - expand
    out[i, 2], out[i, 3] = boxes[2, i] + expand, boxes[3, i] + expand


@elementwise
def ring_is_ccw(i, rings, offsets, x, y, tops, out):
    """One thread, one ring: which way it turns at its highest point. Bound by memory.

    It is GEOS' `Orientation::isCCW`, decision by decision: `tops` has the last of the highest vertices that
    an edge goes up to. From there the ring goes down at once, and the turn decides, or along a flat top, and
    its direction decides.
    """
    ring = rings[i]
    out[i] = False
    if ring == rings[i + 1]:
        return
    start = offsets[ring]
    n = offsets[ring + 1] - start - 1
    top = np.int64(tops[1, ring])
    if n < 3 or top < 0:
        return
    low = top - start
    low = low + 1 if low + 1 < n else low + 1 - n
    while start + low != top and y[start + low] == y[top]:
        low = low + 1 if low + 1 < n else 0
    end = start + (low - 1 if low > 0 else n - 1)
    low += start
    if x[end] != x[top] or y[end] != y[top]:
        out[i] = x[end] < x[top]
        return
    out[i] = orientation(x[top - 1], y[top - 1], x[top], y[top], x[low], y[low]) > 0


@elementwise
def all_parts(i, offsets, flags, out):
    """One thread, one row: whether it has parts and all of them are so. Bound by memory."""
    first, last = offsets[i], offsets[i + 1]
    out[i] = first < last
    for part in range(first, last):
        if not flags[part]:
            out[i] = False


SUMMED_IN_FLOAT64 = "float32 is subtracted and summed up as float64, so that a result is rounded once"
NUMBERS = "positions in a column go beyond 2^24, so they are float64, and the heights beside them"
DECIDED = "where float32 cannot decide an orientation it is computed exactly in float64"
_LARGE, _FLAGS = np.empty(1, np.int64), np.empty(1, np.uint8)
_SEGMENTS, _UNCLOSED = (_LARGE, _LARGE, np.int64(0)), np.empty(1, np.int32)


def _kernel(
    function: Any, dtype: Any, example: tuple[Any, ...], bytes_each: float, f64: str = "", **options: Any
) -> Kernel:
    name = np.dtype(dtype).name
    return Kernel(
        name=f"{function.__name__}_{name}",
        function=function,
        example=example,
        bytes_per_element=bytes_each,
        dtype=name,  # type: ignore[arg-type]
        allows_f64=f64 if name == "float32" else "",
        **options,
    )


def _results(reduction: Reduction, dtype: Any) -> tuple[Any, ...]:
    values = np.empty((1, 1), reduction.dtype or dtype)
    return values, values, _UNCLOSED


def _of_tiles(reduction: Reduction, dtype: Any, coordinates: int, f64: str = "") -> Kernel:
    """An element is a vertex."""
    real, function = np.empty(1, dtype), block_kernel(reduction, dtype)
    example = _SEGMENTS, real, real, _results(reduction, dtype)
    size = float(coordinates * real.itemsize)
    return _kernel(function, dtype, example, size, f64, elementwise=False, block=1 << GPU_TILE)


def _of_carries(reduction: Reduction, dtype: Any) -> Kernel:
    """An element is a tile."""
    example = np.int64(GPU_TILE), _SEGMENTS, _results(reduction, dtype)
    return _kernel(reduction.carry, dtype, example, 16.0)


def _kernels(dtype: Any) -> tuple[Kernel, ...]:
    """Those that a GPU runs for coordinates of one dtype."""
    real, double = np.empty(1, dtype), np.empty(1)
    size, boxes = real.itemsize, np.empty((1, 4), dtype)
    ccw = _LARGE, _LARGE, real, real, np.empty((1, 1)), _FLAGS
    return (
        _of_tiles(AREA, dtype, 2, SUMMED_IN_FLOAT64),
        _of_tiles(LENGTH, dtype, 2, SUMMED_IN_FLOAT64),
        _of_tiles(BOX, dtype, 2),
        _of_tiles(TOP, dtype, 1, NUMBERS),
        _of_carries(BOX, dtype),
        _kernel(polygon_area, dtype, (_LARGE, double, real), 16.0 + size, SUMMED_IN_FLOAT64),
        _kernel(sum_of_parts, dtype, (_LARGE, double, real), 16.0 + size, SUMMED_IN_FLOAT64),
        _kernel(grown_box, dtype, (boxes, real.dtype.type(0), boxes), 8.0 * size),
        _kernel(ring_is_ccw, dtype, ccw, 33.0, DECIDED),
    )


KERNELS = (
    *_kernels(np.float64),
    *_kernels(np.float32),
    _of_carries(AREA, np.float64),
    _of_carries(TOP, np.float64),
    _kernel(all_parts, np.float64, (_LARGE, _FLAGS, _FLAGS), 10.0),
)
