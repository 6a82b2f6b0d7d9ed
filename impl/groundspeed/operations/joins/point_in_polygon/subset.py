# mypy: allow-untyped-defs, no-check-untyped-defs
"""Some rows of a column of polygons, taken by a few launches and one read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.operations.joins.point_in_polygon.cells import INLINE


def subset(engine: Engine, parts: tuple[Any, Any], vertices: tuple[Any, Any], rows: Any) -> GeometryColumn:
    """The polygons of some rows, all rings of a row as one polygon, which has the same inside.

    Args:
        parts: (polygons + 1,) first rings of the polygons, (rings + 1,) first vertices of the rings.
        vertices: x and y.
        rows: (n,) int32.
    """
    count = len(rows)
    sizes = engine.empty(count, np.int32), engine.empty(count, np.int32)
    engine.for_each(measure_row, count, rows, parts, sizes)
    ring_offsets, vertex_offsets = map(engine.offsets, sizes)
    rings, total = engine.read(ring_offsets[-1], vertex_offsets[-1])
    starts, owners = engine.empty(rings + 1, np.int64), engine.expand(vertex_offsets, np.int32, total)
    engine.for_each(copy_rings, count, rows, parts, ring_offsets, vertex_offsets, starts)
    copies = engine.empty(total, vertices[0].dtype), engine.empty(total, vertices[0].dtype)
    engine.for_each(copy_vertex, total, rows, owners, parts, vertices, vertex_offsets, copies)
    return GeometryColumn(GeometryType.POLYGON, *copies, (ring_offsets, starts))


@njit(**INLINE)
def measure_row(i, rows, parts, sizes):
    """One thread counts the rings and vertices of a row."""
    rings, starts = parts
    first, last = rings[rows[i]], rings[rows[i] + 1]
    sizes[0][i] = last - first
    sizes[1][i] = starts[last] - starts[first]


@njit(**INLINE)
def copy_rings(i, rows, parts, ring_offsets, vertex_offsets, copies):
    """One thread tells where the rings of a row begin, and the last one where the last ring ends."""
    rings, starts = parts
    first = rings[rows[i]]
    for k in range(ring_offsets[i], ring_offsets[i + 1]):
        copies[k] = vertex_offsets[i] + starts[first + k - ring_offsets[i]] - starts[first]
    if ring_offsets[i + 1] == copies.size - 1:
        copies[copies.size - 1] = vertex_offsets[vertex_offsets.size - 1]


@njit(**INLINE)
def copy_vertex(k, rows, owners, parts, vertices, vertex_offsets, copies):
    """One thread copies a vertex. Bounded by memory."""
    rings, starts = parts
    owner = owners[k]
    source = starts[rings[rows[owner]]] + k - vertex_offsets[owner]
    copies[0][k] = vertices[0][source]
    copies[1][k] = vertices[1][source]
