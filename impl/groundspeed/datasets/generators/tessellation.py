"""A jittered tessellation: polygons that cover a square without gap or overlap."""

from __future__ import annotations

import math

import numpy as np

from groundspeed.datasets.generators.stream import between, rough, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

ROUGHNESS = 0.9
"""Share of the room an edge has that it may use. Below 1 no two edges meet except at their ends."""


def tessellation(
    n: int, seed: int = 0, edge_vertices: int = 0, jitter: float = 0.25, extent: float = 100.0
) -> GeometryColumn:
    """Polygons that cover the square [0, extent] x [0, extent]: every point inside it that is on no edge lies
    in exactly one.

    A grid of columns x lines = `n` cells, as square as `n` allows (a prime gives strips), has its corners
    moved and its inner edges roughened. Neighbours share the very same vertices. `tessellation(n=1_000,
    edge_vertices=24)` has 1,000 polygons of 101 vertices; `tessellation(n=32, edge_vertices=2_499)` has 32 of
    10,001.

    Args:
        n: number of polygons; 0 gives an empty column.
        seed: not negative.
        edge_vertices: vertices added on each of the four edges; a ring has 4 * (edge_vertices + 1) + 1.
        jitter: how far a corner moves, as a share of the cell: 0 to below 0.5.
        extent: side of the square.

    Returns:
        POLYGON column of `n` rows, float64, no CRS; rings counter-clockwise. Row `line * columns + column`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Notes:
        In units of the cell, a corner moves by less than half a cell, so every cell is star-shaped around its
        middle and the triangles (edge, middle) do not overlap. An edge stays inside its two triangles: at a
        share t of its length it is displaced by at most ROUGHNESS * min(t, 1 - t) * (1/2 - jitter) / (1/2 +
        jitter).

    Examples:
        >>> from groundspeed.datasets.generators import tessellation
        >>> cells = tessellation(n=1_000, edge_vertices=24, seed=1)
        >>> len(cells), cells.x.size
        (1000, 101000)
    """
    n, seed, edge_vertices = whole("n", n), whole("seed", seed), whole("edge_vertices", edge_vertices)
    between("jitter", jitter, 0.0, 0.5)
    between("extent", extent, 1e-300, np.inf)
    lines = next((k for k in range(math.isqrt(n), 0, -1) if n % k == 0), 1)
    columns = n // lines
    flat, upright = _edges(*_corners(columns, lines, seed, jitter), edge_vertices, seed, jitter)
    rings = _rings(flat, upright) if n else np.empty((0, 4 * edge_vertices + 5, 2))
    vertices = rings.shape[1]
    offsets = (np.arange(n + 1, dtype=np.int64), np.arange(n + 1, dtype=np.int64) * vertices)
    x, y = rings[..., 0] * extent / max(columns, 1), rings[..., 1] * extent / lines
    return GeometryColumn(GeometryType.POLYGON, x.ravel(), y.ravel(), offsets)


def _corners(columns: int, lines: int, seed: int, jitter: float) -> tuple[np.ndarray, np.ndarray]:
    """x and y, each (lines + 1, columns + 1), in cells; corners on the rim move along it only."""
    moved = stream("tessellation", seed, 0).uniform(-jitter, jitter, (2, lines + 1, columns + 1))
    moved[0][:, [0, -1]] = 0.0
    moved[1][[0, -1], :] = 0.0
    return np.arange(columns + 1) + moved[0], np.arange(lines + 1)[:, None] + moved[1]


def _edges(
    x: np.ndarray, y: np.ndarray, edge_vertices: int, seed: int, jitter: float
) -> tuple[np.ndarray, np.ndarray]:
    """Edges to the right, (lines + 1, columns, m + 2, 2), and edges upwards, (lines, columns + 1, m + 2,
    2)."""
    t = np.linspace(0.0, 1.0, edge_vertices + 2)
    room = ROUGHNESS * (0.5 - jitter) / (0.5 + jitter) * np.minimum(t, 1.0 - t)
    corner = np.stack([x, y], axis=-1)
    flat = _straight(corner[:, :-1], corner[:, 1:], t)
    upright = _straight(corner[:-1], corner[1:], t)
    for part, displaced in enumerate([flat[1:-1, :, :, 1], upright[:, 1:-1, :, 0]], start=1):
        inner = displaced.shape[0] * displaced.shape[1]
        bends = rough(stream("tessellation", seed, part), inner, t, periodic=False)
        displaced += room * bends.reshape(displaced.shape)
    return flat, upright


def _straight(start: np.ndarray, end: np.ndarray, t: np.ndarray) -> np.ndarray:
    line = start[..., None, :] + t[:, None] * (end - start)[..., None, :]
    line[..., -1, :] = end
    return line


def _rings(flat: np.ndarray, upright: np.ndarray) -> np.ndarray:
    """(cells, vertices, 2): bottom, right, top and left edge, closed."""
    bottom, top = flat[:-1, :, :-1], flat[1:, :, :0:-1]
    right, left = upright[:, 1:, :-1], upright[:, :-1, ::-1]
    rings = np.concatenate([bottom, right, top, left], axis=2)
    return rings.reshape(-1, rings.shape[2], 2)
