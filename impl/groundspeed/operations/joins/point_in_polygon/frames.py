"""Where the cells of the index lie: the root grid over the bounds, and nodes that refine crowded cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundspeed.engines import Engine
from groundspeed.operations.joins.point_in_polygon.cells import (
    CELLS,
    COLUMNS,
    HIGH_X,
    HIGH_Y,
    LOW_X,
    LOW_Y,
    PER_X,
    PER_Y,
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
    """

    frame: np.ndarray
    shape: np.ndarray
    centres_x: np.ndarray
    centres_y: np.ndarray
    slack: tuple[Any, Any]

    def on(self, engine: Engine) -> tuple[Any, Any, Any, Any]:
        """The four arrays on an engine."""
        return tuple(map(engine.asarray, (self.frame, self.shape, self.centres_x, self.centres_y)))  # type: ignore

    @property
    def root(self) -> tuple[Any, ...]:
        """What kernels need to find the root's cell of a point; see cells.py."""
        columns, rows = (self.frame.dtype.type(count - 1) for count in self.shape[0, [COLUMNS, ROWS]])
        return *self.frame[0, [LOW_X, LOW_Y, PER_X, PER_Y, HIGH_X, HIGH_Y]], columns, rows

    @property
    def cells(self) -> int:
        """Number of cells of the root."""
        return int(self.shape[0, 1] * self.shape[0, 2])

    @property
    def can_refine(self) -> bool:
        """Whether the cells of the last node are large enough, against rounding, to be divided."""
        per_unit = self.frame[-1, [PER_X, PER_Y]].astype(np.float64)
        return bool(
            np.all(per_unit > 0) and np.all(1 / per_unit > 16 * SPLIT * np.asarray(self.slack, np.float64))
        )


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
    return Frames(
        frame, shape, centres[0].astype(dtype), centres[1].astype(dtype), tuple(slack.astype(dtype))
    )


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


def refine(frames: Frames, first_node: int, cells: np.ndarray, used: int) -> tuple[Frames, list[np.ndarray]]:
    """Append one node for each of some cells of the last level.

    Args:
        frames: all nodes so far.
        first_node: first node of the last level.
        cells: numbers of the cells, counted from the level's first.
        used: number of cells of all levels so far.

    Returns:
        All nodes, and the x and y coordinates of the centres of the cells that became nodes.
    """
    dtype = frames.frame.dtype
    columns, rows = (int(count) for count in frames.shape[first_node, [COLUMNS, COLUMNS + 1]])
    parents = first_node + cells // (columns * rows)
    inside = np.stack([cells % columns, cells // columns % rows])
    first = frames.shape[parents, 3] + inside[0], frames.shape[parents, 4] + inside[1]
    parent_centres = [frames.centres_x[first[0]], frames.centres_y[first[1]]]
    n = len(cells)
    frame, centres = np.empty((n, frames.frame.shape[1]), dtype), []
    for axis, (low, per) in enumerate(((LOW_X, PER_X), (LOW_Y, PER_Y))):
        slack = float(frames.slack[axis])
        size = 1 / frames.frame[parents, per].astype(np.float64)
        begin = frames.frame[parents, low].astype(np.float64) + inside[axis] * size - 4 * slack
        width = size + 8 * slack
        frame[:, low], frame[:, per], frame[:, 5 + axis] = begin, SPLIT / width, begin + width
        frame[:, 4] = width / SPLIT / 2 + slack
        steps = (np.arange(SPLIT) + 0.5) / SPLIT
        centres.append((begin[:, None] + width[:, None] * steps).astype(dtype).ravel())
    shape = np.empty((n, 5), np.int64)
    shape[:, CELLS] = used + SPLIT * SPLIT * np.arange(n)
    shape[:, COLUMNS : COLUMNS + 2] = SPLIT
    shape[:, 3] = len(frames.centres_x) + SPLIT * np.arange(n)
    shape[:, 4] = len(frames.centres_y) + SPLIT * np.arange(n)
    finer = Frames(
        np.concatenate([frames.frame, frame]),
        np.concatenate([frames.shape, shape]),
        np.concatenate([frames.centres_x, centres[0]]),
        np.concatenate([frames.centres_y, centres[1]]),
        frames.slack,
    )
    return finer, parent_centres
