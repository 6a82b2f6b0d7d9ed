"""The parts, rings and vertices of a column, for competitors without a type of geometry."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.model import Inputs


def arrays(inputs: Inputs) -> dict[str, Any]:
    """Coordinates of lines or polygons as float64, offsets from rows to parts, parts to rings, rings to
    vertices; the one column among the inputs."""
    (column,) = (value for value in inputs.values() if isinstance(value, GeometryColumn))
    levels = list(column.offsets)
    if not column.type.is_multi:
        levels.insert(0, np.arange(len(levels[0])))
    if len(levels) == 2:  # a line is a part of one ring
        levels.insert(1, np.arange(len(levels[1])))
    parts, rings, vertices = levels
    x, y = column.x.astype(np.float64), column.y.astype(np.float64)
    return {"x": x, "y": y, "parts": parts, "rings": rings, "vertices": vertices}


def lists(inputs: Inputs) -> dict[str, Any]:
    """Lists of lists, as in GeoJSON: a row is a list of parts, these of rings, these of pairs (x, y)."""
    given = arrays(inputs)
    rows: list[Any] = list(zip(given["x"].tolist(), given["y"].tolist(), strict=True))
    for name in ("vertices", "rings", "parts"):
        rows = [rows[start:stop] for start, stop in itertools.pairwise(given[name].tolist())]
    return {"rows": rows}


def reduced(ufunc: np.ufunc, values: np.ndarray, offsets: np.ndarray, of_nothing: Any = 0) -> np.ndarray:
    """`ufunc.reduceat` over segments of which some are empty.

    >>> reduced(np.add, np.array([1, 2, 3]), np.array([0, 2, 2, 3]))
    array([3, 0, 3])
    """
    out = np.full(len(offsets) - 1, of_nothing, values.dtype)
    there = offsets[1:] > offsets[:-1]
    if there.any():
        out[there] = ufunc.reduceat(values, offsets[:-1][there])
    return out
