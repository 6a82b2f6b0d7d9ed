"""Which rows meet a box: one rule for all formats, whatever an index in the file leaves in.

A row meets the box if its geometry has a point in common with the closed box; null and empty rows do not.
"""

from __future__ import annotations

import numpy as np
import shapely

from groundspeed.geometry import GeometryColumn
from groundspeed.io.read_options import Bounds


def of_rows(column: GeometryColumn) -> np.ndarray:
    """(n, 4) float64: min x, min y, max x, max y of every row, NaN where null or empty."""
    x, y = (np.asarray(axis, dtype=np.float64) for axis in (column.x, column.y))
    if not column.offsets:
        return np.column_stack([x, y, x, y])
    result = np.full((len(column), 4), np.nan)
    offsets = column.vertex_offsets
    rows = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(rows):
        for place, (function, axis) in enumerate(((np.fmin, x), (np.fmin, y), (np.fmax, x), (np.fmax, y))):
            result[rows, place] = function.reduceat(axis, offsets[rows])
    return result


def meet(column: GeometryColumn, bounds: Bounds) -> np.ndarray:
    """(n,) bool: which rows meet the box.

    Boxes of rows decide most of them; GEOS decides those that lie across a side of the box.
    """
    boxes = of_rows(column)
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    touching = np.all((boxes[:, :2] <= high) & (boxes[:, 2:] >= low), axis=1)
    within = np.all((boxes[:, :2] >= low) & (boxes[:, 2:] <= high), axis=1)
    unsure = np.flatnonzero(touching & ~within)
    if len(unsure):
        touching[unsure] = shapely.intersects(column.take(unsure).to_shapely(), _box(bounds, boxes[unsure]))
    return touching


def _box(bounds: Bounds, boxes: np.ndarray) -> shapely.Geometry:
    """The part of the box that the rows can reach, which is finite; a point or line where it has no width."""
    low_x, low_y = np.maximum(bounds[:2], boxes[:, :2].min(axis=0))
    high_x, high_y = np.minimum(bounds[2:], boxes[:, 2:].max(axis=0))
    if low_x < high_x and low_y < high_y:
        return shapely.box(low_x, low_y, high_x, high_y)
    if (low_x, low_y) == (high_x, high_y):
        return shapely.Point(low_x, low_y)
    return shapely.LineString([(low_x, low_y), (high_x, high_y)])
