"""Where the coordinates go: blocks of records into one pair of arrays, shapes into the cells of a grid."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from pyproj import CRS

from groundspeed.datasets.generators.stream import blocks, whole
from groundspeed.geometry import GeometryColumn, GeometryType

MARGIN = 0.49
"""Half-width of what a shape may fill of its cell, so that no two shapes touch."""


def fill(shape: tuple[int, ...], block: Callable[[int, slice], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """x and y of that shape, made block by block.

    Args:
        shape: (records, ...); further axes are the coordinates of one record.
        block: from the number of a block and its records to their coordinates, (records, ..., 2).
    """
    x, y = np.empty(shape), np.empty(shape)
    for number, rows in blocks(shape[0], math.prod(shape[1:])):
        made = block(number, rows)
        x[rows], y[rows] = made[..., 0], made[..., 1]
    return x, y


def in_cells(shapes: np.ndarray, rows: slice, n: int, extent: float) -> np.ndarray:
    """Put shapes into the middle of their own cells of a grid over [0, extent] x [0, extent].

    Args:
        shapes: (rows, ..., 2) coordinates within [-1, 1] x [-1, 1].
        rows: which of all shapes they are; row k has cell k.
        n: number of all shapes; the grid is as square as that allows.
        extent: side of the square that the cells cover.
    """
    number = np.arange(rows.start, rows.stop).reshape(-1, *[1] * (shapes.ndim - 2))
    return np.stack(into_cells(shapes, number, n, extent), axis=-1)


def into_cells(shapes: np.ndarray, cell: np.ndarray, n: int, extent: float) -> tuple[np.ndarray, np.ndarray]:
    """x and y of coordinates (..., 2) within [-1, 1] x [-1, 1] in the middle of their cells; see `in_cells`.

    Args:
        shapes: the coordinates.
        cell: the number of the cell of every pair of them, 0 to n.
        n, extent: as for `in_cells`.
    """
    columns = max(1, math.isqrt(max(n - 1, 0)) + 1)
    lines = max(1, -(-n // columns))
    x = (cell % columns + 0.5 + MARGIN * shapes[..., 0]) * (extent / columns)
    y = (cell // columns + 0.5 + MARGIN * shapes[..., 1]) * (extent / lines)
    return x, y


def collect(
    n: int, seed: int, block: Callable[[int, int], np.ndarray], crs: CRS | None = None
) -> GeometryColumn:
    """A column of points made block by block.

    Args:
        n: number of points.
        seed: checked only; `block` uses it.
        block: from the number of a block and its rows to (rows, 2) coordinates.
        crs: of the column.
    """
    n, _ = whole("n", n), whole("seed", seed)
    x, y = fill((n,), lambda number, rows: block(number, rows.stop - rows.start))
    return GeometryColumn(GeometryType.POINT, x, y, crs=crs)
