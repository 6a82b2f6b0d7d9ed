"""Where the cells of the index lie: the root grid over the bounds, and nodes that refine crowded cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon.cells import (
    CELLS,
    CENTRES_X,
    CENTRES_Y,
    COLUMNS,
    HIGH_X,
    HIGH_Y,
    LOW_X,
    LOW_Y,
    PER_X,
    PER_Y,
    REACH_Y,
    ROWS,
)

CELLS_PER_EDGE, CELLS_PER_POINT = 4, 4
# A cell with more edges than CROWDED, and at least as many points as WORTH_REFINING, is refined: its children
# cost a walk over all its edges each, and save every point most of such a walk. A level takes a millisecond
# however small it is, which must be less than the WORTH_A_LEVEL edge tests that it saves.
CROWDED, WORTH_REFINING, WORTH_A_LEVEL = 24, 32, 1 << 17
FEWEST_CELLS, MOST_CELLS, MOST_PER_SIDE = 1 << 12, 1 << 23, 1 << 12
SPLIT = 4  # a crowded cell becomes SPLIT x SPLIT cells
# Rounding in any one step of crossed_columns stays below SLACK ulps of the largest coordinate; a cell is at
# least 8 slacks wide, so that an edge's column is uncertain by one at most.
SLACK = 16
LARGEST = 2.0**450  # products of four coordinates must not overflow


@dataclass(frozen=True)
class Frames:
    """All nodes so far.

    Attributes:
        frame, shape: host arrays, one row per node; see cells.py for the columns.
        centres_x, centres_y: host arrays, centres of the nodes' columns and rows one after the other.
        slack: (x, y), how far rounding may move an edge.
        parents: host array (nodes, 3), the node, column and row of the cell that a node refines.
    """

    frame: np.ndarray
    shape: np.ndarray
    centres_x: np.ndarray
    centres_y: np.ndarray
    slack: tuple[Any, Any]
    parents: np.ndarray
    _copies: dict[str, Any] = field(default_factory=dict, repr=False)

    def on(self, engine: Engine) -> tuple[Any, Any, Any, Any]:
        """The four arrays on an engine, copied there once."""
        if engine.name not in self._copies:
            host = self.frame, self.shape, self.centres_x, self.centres_y
            self._copies[engine.name] = tuple(map(engine.asarray, host))
        return self._copies[engine.name]

    @property
    def root(self) -> tuple[Any, ...]:
        """What kernels need to find the root's cell of a point; see cells.py."""
        columns, rows = (self.frame.dtype.type(count - 1) for count in self.shape[0, [COLUMNS, ROWS]])
        return *self.frame[0, [LOW_X, LOW_Y, PER_X, PER_Y, HIGH_X, HIGH_Y]], columns, rows

    @property
    def cells(self) -> int:
        """Number of cells of the root."""
        return int(self.shape[0, 1] * self.shape[0, 2])

    def places(self, first_node: int, cells: np.ndarray) -> np.ndarray:
        """(cells, 3) node, column and row of cells that are counted from the first of `first_node`."""
        columns, rows = (int(count) for count in self.shape[first_node, [COLUMNS, ROWS]])
        return np.stack(
            [first_node + cells // (columns * rows), cells % columns, cells // columns % rows], axis=1
        )

    def rectangles(self, places: np.ndarray) -> np.ndarray:
        """(cells, 4) float64 low x, low y, high x, high y of cells, wider than they are by four slacks."""
        with np.errstate(divide="ignore"):
            size = 1 / self.frame[places[:, 0]][:, [PER_X, PER_Y]].astype(np.float64)
        low = self.frame[places[:, 0]][:, [LOW_X, LOW_Y]].astype(np.float64)
        with np.errstate(invalid="ignore"):
            low = low + places[:, 1:] * size
        margin = 4 * np.asarray(self.slack, np.float64)
        return np.concatenate([low - margin, low + size + margin], axis=1)

    def refinable(self, places: np.ndarray) -> np.ndarray:
        """Which cells are large enough, against rounding, to be divided."""
        per_unit = self.frame[places[:, 0]][:, [PER_X, PER_Y]].astype(np.float64)
        least = 16 * SPLIT * np.asarray(self.slack, np.float64)
        with np.errstate(divide="ignore"):
            return ((per_unit > 0) & (1 / per_unit > least)).all(axis=1)

    def hold(self, places: np.ndarray, axis: int, values: np.ndarray) -> np.ndarray:
        """Which of (cells, k) coordinates lie in the column (or row) of their cell and of all above it.

        Args:
            axis: 0 for x and columns, 1 for y and rows.
        """
        inside = np.ones(values.shape, bool)
        rows, where = np.arange(len(places)), places
        while len(rows):
            frame, shape = self.frame[where[:, 0]], self.shape[where[:, 0]]
            low, per, last = frame[:, LOW_X + axis], frame[:, PER_X + axis], shape[:, COLUMNS + axis] - 1
            found = ((values[rows] - low[:, None]) * per[:, None]).astype(np.int64)
            inside[rows] &= np.clip(found, 0, last[:, None]) == where[:, 1 + axis, None]
            rows, where = rows[where[:, 0] > 0], self.parents[where[where[:, 0] > 0, 0]]
        return inside


def root(bounds: tuple[float, float, float, float], cells: int, dtype: Any) -> Frames:
    """A grid of about `cells` cells over (min x, min y, max x, max y).

    Raises:
        ValueError: coordinates so large that products of them overflow.
    """
    low, high = np.array(bounds[:2], np.float64), np.array(bounds[2:], np.float64)
    largest = np.maximum(np.abs(low), np.abs(high))
    if largest.max() > LARGEST:
        raise ValueError(
            f"polygons: a coordinate of magnitude {largest.max():g} is beyond {LARGEST:g}; rescale them"
        )
    slack = SLACK * np.finfo(dtype).eps * largest
    extent = np.maximum(high - low, 0.0)
    counts = _counts(extent, slack, cells)
    with np.errstate(divide="ignore", over="ignore"):
        per_unit = counts / extent
    flat = ~np.isfinite(per_unit)
    counts[flat], per_unit[flat] = 1, 0.0
    reach = extent[1] / counts[1] / 2 + slack[1]
    frame = np.array([[*low, *per_unit, reach, *high]], dtype)
    shape = np.array([[0, *counts, 0, 0]], np.int64)
    centres = [low[k] + (np.arange(counts[k]) + 0.5) * (extent[k] / counts[k]) for k in (0, 1)]
    x, y = (side.astype(dtype) for side in centres)
    return Frames(frame, shape, x, y, tuple(slack.astype(dtype)), np.full((1, 3), -1, np.int64))


def _counts(extent: np.ndarray, slack: np.ndarray, cells: int) -> np.ndarray:
    """Columns and rows: cells about square, none smaller than rounding allows."""
    if not extent.all():
        wanted = np.where(extent > 0, float(cells), 1.0)
    else:
        columns = math.sqrt(cells) * math.exp((math.log(extent[0]) - math.log(extent[1])) / 2)
        wanted = np.array([columns, cells / columns])
    with np.errstate(divide="ignore", invalid="ignore"):
        possible = np.where(slack > 0, extent / (8 * slack), MOST_PER_SIDE)
    return np.clip(np.minimum(wanted, possible), 1, MOST_PER_SIDE).astype(np.int64)


def refine(
    frames: Frames, places: np.ndarray, used: int, bounds: np.ndarray
) -> tuple[Frames, list[np.ndarray]]:
    """Append one node for each of some cells of the last level.

    A node lies over the bounds of the cell's own edges: however small a part of the cell they crowd in, one
    level finds it. What of the cell lies outside belongs to the node's outermost cells. The centres must lie
    in the cell, for which `hold` vouches; where it does not, the node lies over the whole cell, whose size
    is enough.

    Args:
        frames: all nodes so far.
        places: (cells, 3), see `Frames.places`; all refinable.
        used: number of cells of all levels so far.
        bounds: (cells, 4) float64 low x, low y, high x, high y of the edges in each cell.

    Returns:
        All nodes, and the x and y coordinates of the centres of the cells that became nodes.
    """
    dtype, n = frames.frame.dtype, len(places)
    first = frames.shape[places[:, 0]][:, [CENTRES_X, CENTRES_Y]] + places[:, 1:]
    parent_centres = [frames.centres_x[first[:, 0]], frames.centres_y[first[:, 1]]]
    whole = frames.rectangles(places)
    frame, centres = np.empty((n, frames.frame.shape[1]), dtype), []
    for axis, (low, per, high) in enumerate(((LOW_X, PER_X, HIGH_X), (LOW_Y, PER_Y, HIGH_Y))):
        slack = float(frames.slack[axis])
        own = bounds[:, axis], bounds[:, axis + 2]
        fits = own[1] - own[0] > 16 * SPLIT * slack
        fits &= frames.hold(places, axis, _centres(*own, dtype)).all(axis=1)
        begin, end = np.where(fits, own[0], whole[:, axis]), np.where(fits, own[1], whole[:, axis + 2])
        width = end - begin
        frame[:, low], frame[:, per], frame[:, high] = begin, SPLIT / width, end
        frame[:, REACH_Y] = width / SPLIT / 2 + slack
        centres.append(_centres(begin, end, dtype).ravel())
    shape = np.empty((n, 5), np.int64)
    shape[:, CELLS] = used + SPLIT * SPLIT * np.arange(n)
    shape[:, [COLUMNS, ROWS]] = SPLIT
    shape[:, CENTRES_X] = len(frames.centres_x) + SPLIT * np.arange(n)
    shape[:, CENTRES_Y] = len(frames.centres_y) + SPLIT * np.arange(n)
    finer = Frames(
        np.concatenate([frames.frame, frame]),
        np.concatenate([frames.shape, shape]),
        np.concatenate([frames.centres_x, centres[0]]),
        np.concatenate([frames.centres_y, centres[1]]),
        frames.slack,
        np.concatenate([frames.parents, places]),
    )
    return finer, parent_centres


def _centres(low: np.ndarray, high: np.ndarray, dtype: Any) -> np.ndarray:
    """(n, SPLIT) middles of the parts of intervals."""
    steps = (np.arange(SPLIT) + 0.5) / SPLIT
    return (low[:, None] + (high - low)[:, None] * steps).astype(dtype)
