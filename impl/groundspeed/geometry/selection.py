"""Rows of a column: selecting, comparing and describing them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from groundspeed.geometry.arrays import first, gather, namespace
from groundspeed.geometry.types import GeometryType, Layout

R = TypeVar("R", bound=Layout)


def as_positions(column: Layout, key: Any) -> Any:
    """Row numbers from an integer or boolean array.

    Raises:
        IndexError: neither, or a mask of the wrong length.
    """
    xp = namespace(column.x)
    key = xp.asarray(key)
    if key.dtype == np.bool_:
        if len(key) != len(column):
            raise IndexError(f"the mask has {len(key)} elements, expected one per row: {len(column)}")
        return xp.flatnonzero(key)
    if key.dtype.kind not in "iu" and len(key):
        raise IndexError(f"rows are selected by integers, booleans or a slice, got dtype {key.dtype}")
    return key.astype(np.int64)


def take(column: R, indices: Any) -> R:
    """See GeometryColumn.take."""
    rows = as_positions(column, indices)
    size = len(column)
    wrong = first((rows < -size) | (rows >= size))
    if wrong >= 0:
        raise IndexError(f"indices: position {wrong} is {int(rows[wrong])}, but the column has {size} rows")
    rows = namespace(column.x).where(rows < 0, rows + size, rows)
    offsets, positions = [], rows
    for level in column.offsets:
        selected, positions = gather(level, positions)
        offsets.append(selected)
    return replace(
        column,
        x=column.x[positions],
        y=column.y[positions],
        offsets=tuple(offsets),
        validity=None if column.validity is None else column.validity[rows],
        single=None if column.single is None else column.single[rows],
    )


def cut(column: R, start: int, stop: int) -> R:
    """Layout start..stop (0 <= start, stop <= n) with coordinates as views."""
    stop = max(start, stop)
    rows = slice(start, stop)
    offsets = []
    for level in column.offsets:
        part = level[start : stop + 1]
        start, stop = int(part[0]), int(part[-1])
        offsets.append(part - start)
    return replace(
        column,
        x=column.x[start:stop],
        y=column.y[start:stop],
        offsets=tuple(offsets),
        validity=None if column.validity is None else column.validity[rows],
        single=None if column.single is None else column.single[rows],
    )


def is_empty(column: Layout) -> Any:
    """See GeometryColumn.is_empty."""
    xp = namespace(column.x)
    if column.type.part is GeometryType.POINT:
        there = ~(xp.isnan(column.x) & xp.isnan(column.y))
    else:
        there = xp.ones(len(column.x), dtype=bool)
    before = xp.zeros(len(there) + 1, dtype=np.int64)
    xp.cumsum(there, dtype=np.int64, out=before[1:])
    bounds = before[column.vertex_offsets]
    return (bounds[1:] == bounds[:-1]) & ~column.is_null


def total_bounds(column: Layout) -> tuple[float, float, float, float]:
    """See GeometryColumn.total_bounds."""
    xp = namespace(column.x)
    x, y = column.x, column.y
    if not len(x) or bool(xp.isnan(x).all()):
        return (np.nan,) * 4
    return float(xp.nanmin(x)), float(xp.nanmin(y)), float(xp.nanmax(x)), float(xp.nanmax(y))


def equals(one: Layout, other: Layout) -> bool:
    """See GeometryColumn.equals."""
    if (
        one.type is not other.type
        or one.dtype != other.dtype
        or len(one) != len(other)
        or one.crs != other.crs
    ):
        return False
    one, other = one.to_host(), other.to_host()
    if not np.array_equal(one.is_null, other.is_null) or not np.array_equal(_single(one), _single(other)):
        return False
    if not all(map(np.array_equal, one.offsets, other.offsets)):
        return False
    return all(_same_bits(getattr(one, axis), getattr(other, axis)) for axis in ("x", "y"))


def _single(column: Layout) -> Any:
    return np.zeros(len(column), dtype=bool) if column.single is None else column.single


def _same_bits(one: Any, other: Any) -> bool:
    """Equal bit for bit (so 0.0 is not -0.0), all NaN being one."""
    same = (
        one.view(f"u{one.itemsize}") == other.view(f"u{other.itemsize}") if len(one) == len(other) else False
    )
    return bool(np.all(same | (np.isnan(one) & np.isnan(other))))


def describe(column: Layout) -> str:
    """See GeometryColumn.__repr__."""
    of = f" of {column.num_vertices:,} vertices" if column.offsets else ""
    parts = [f"{len(column):,} {column.type.name}{of}"]
    nulls = 0 if column.validity is None else len(column) - int(column.validity.sum())
    parts += [f"{nulls:,} null"] if nulls else []
    parts += [str(column.dtype)]
    parts += [] if column.crs is None else [column.crs.to_string()]
    where = " on the GPU" if column.on_device else ""
    return f"<GeometryColumn: {', '.join(parts)}{where}>"
