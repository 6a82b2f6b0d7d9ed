"""What makes a column valid; every error names the argument, the position and the fix."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.geometry.arrays import compose, first, host, namespace
from groundspeed.geometry.types import GeometryType, Layout

FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


def check_layout(column: Layout) -> None:
    """Checks that cost nothing: dtypes, dimensions, and lengths that must be equal.

    Raises:
        TypeError: an array of the wrong dtype or dimension.
        ValueError: lengths that do not fit together.
    """
    _check_coordinates(column.x, column.y)
    if len(column.offsets) != column.type.levels:
        raise ValueError(
            f"offsets of a {column.type.name} column must be {column.type.levels} arrays "
            f"({', '.join(column.type.offset_names) or 'none'}), got {len(column.offsets)}"
        )
    for level, offsets in enumerate(column.offsets):
        if getattr(offsets, "ndim", 0) != 1 or offsets.dtype != np.int64:
            raise TypeError(
                f"offsets[{level}] must be a 1-D int64 array, got {_kind(offsets)}; "
                "use GeometryColumn.from_ragged, which converts integers"
            )
        if len(offsets) == 0:
            raise ValueError(
                f"offsets[{level}] is empty; it must have one element more than rows, at least [0]"
            )
    for name in ("validity", "single"):
        _check_flags(name, getattr(column, name), len(column))
    if column.single is not None and not column.type.is_multi:
        raise ValueError(f"single is for columns of a multi type, this one is {column.type.name}; pass None")


def _check_coordinates(x: Any, y: Any) -> None:
    for name, values in (("x", x), ("y", y)):
        if getattr(values, "ndim", 0) != 1 or values.dtype not in FLOATS:
            raise TypeError(
                f"{name} must be a 1-D float64 or float32 array, got {_kind(values)}; "
                "use GeometryColumn.from_points or from_ragged, which convert"
            )
    if len(x) != len(y):
        raise ValueError(f"x and y must have equal length, got {len(x)} and {len(y)}")
    if x.dtype != y.dtype:
        raise TypeError(f"x and y must have one dtype, got {x.dtype} and {y.dtype}; convert one with .astype")


def _check_flags(name: str, flags: Any, rows: int) -> None:
    if flags is None:
        return
    if getattr(flags, "ndim", 0) != 1 or flags.dtype != np.bool_:
        raise TypeError(f"{name} must be a 1-D bool array or None, got {_kind(flags)}")
    if len(flags) != rows:
        raise ValueError(f"{name} must have one element per row: expected {rows}, got {len(flags)}")


def _kind(value: Any) -> str:
    if hasattr(value, "dtype"):
        return f"{getattr(value, 'ndim', '?')}-D {value.dtype}"
    return type(value).__name__


def check_offsets(column: Layout) -> None:
    """Checks in one pass over the offsets: start at 0, never fall, end at the length of what they divide.

    Null rows must be empty, so that no kernel can take a number from them.

    Raises:
        ValueError: naming the offset array and the position.
    """
    below = [*(len(inner) - 1 for inner in column.offsets[1:]), len(column.x)][: len(column.offsets)]
    for level, (offsets, size, name) in enumerate(
        zip(column.offsets, below, column.type.offset_names, strict=True)
    ):
        if int(offsets[0]) != 0:
            raise ValueError(
                f"offsets[{level}] must start at 0, got {int(offsets[0])} at position 0; "
                "subtract it and cut what lies before"
            )
        falls = first(offsets[1:] < offsets[:-1])
        if falls >= 0:
            raise ValueError(
                f"offsets[{level}] must not decrease, but position {falls + 1} has {int(offsets[falls + 1])} "
                f"after {int(offsets[falls])}; sort the rows by geometry first"
            )
        if int(offsets[-1]) != size:
            raise ValueError(
                f"offsets[{level}] must end at the number of {name}, {size}, but position {len(offsets) - 1} "
                f"has {int(offsets[-1])}; offsets have one element more than there are rows"
            )
    _check_nulls(column)
    _check_single(column)


def _check_nulls(column: Layout) -> None:
    if column.validity is None:
        return
    if column.offsets:
        row = first(~column.validity & (column.offsets[0][1:] != column.offsets[0][:-1]))
        fix = "give it no vertices"
    else:
        xp = namespace(column.x)
        row = first(~(column.validity | (xp.isnan(column.x) & xp.isnan(column.y))))
        fix = "set its x and y to NaN"
    if row >= 0:
        raise ValueError(f"validity says that row {row} is null, but it has coordinates; {fix}")


def _check_single(column: Layout) -> None:
    if column.single is None:
        return
    parts = column.offsets[0][1:] - column.offsets[0][:-1]
    row = first(column.single & (parts != 1))
    if row >= 0:
        raise ValueError(
            f"single says that row {row} is one {column.type.part.name}, but it has {int(parts[row])} parts; "
            "set single to False there"
        )


def check_rings(column: Layout, argument: str) -> None:
    """Every ring of a polygon column has at least four vertices and ends where it starts.

    Raises:
        ValueError: naming the first bad row and ring (0 is the shell of the first part).
    """
    if column.type.part is not GeometryType.POLYGON:
        return
    vertices = column.offsets[-1]
    starts, ends = vertices[:-1], vertices[1:]
    short = first(ends - starts < 4)
    if short >= 0:
        row, ring = _locate_ring(column, short)
        raise ValueError(
            f"{argument}: row {row}, ring {ring} has {int(ends[short] - starts[short])} vertices, expected "
            "at least 4 (a triangle with its first vertex repeated); remove or repair it"
        )
    if len(starts) == 0:
        return
    x, y = column.x, column.y
    unclosed = first((x[starts] != x[ends - 1]) | (y[starts] != y[ends - 1]))
    if unclosed >= 0:
        row, ring = _locate_ring(column, unclosed)
        at = int(starts[unclosed]), int(ends[unclosed]) - 1
        raise ValueError(
            f"{argument}: row {row}, ring {ring} is not closed: it starts at ({x[at[0]]}, {y[at[0]]}) "
            f"and ends at ({x[at[1]]}, {y[at[1]]}); repeat its first vertex at the end"
        )


def _locate_ring(column: Layout, ring: int) -> tuple[int, int]:
    rings = host(compose(column.offsets[:-1]))
    row = int(np.searchsorted(rings, ring, side="right")) - 1
    return row, ring - int(rings[row])


def check_finite(column: Layout, argument: str) -> None:
    """Every coordinate is finite, except those of null rows and of empty points (NaN, NaN).

    Raises:
        ValueError: naming the first row with a NaN or infinite coordinate.
    """
    xp = namespace(column.x)
    bad = ~(xp.isfinite(column.x) & xp.isfinite(column.y))
    if column.type.part is GeometryType.POINT:
        bad &= ~(xp.isnan(column.x) & xp.isnan(column.y))
    vertex = first(bad)
    if vertex < 0:
        return
    row = vertex
    if column.offsets:
        row = int(np.searchsorted(host(column.vertex_offsets), vertex, side="right")) - 1
    raise ValueError(
        f"{argument}: row {row} has a coordinate that is not finite, "
        f"({column.x[vertex]}, {column.y[vertex]}); drop the row or make it null"
    )
