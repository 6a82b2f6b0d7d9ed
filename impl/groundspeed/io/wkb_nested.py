"""Lines, polygons and multis out of well-known binary without an object per row, on all cores.

What is not plain (see `groundspeed.scalar.wkb`) is left to GEOS, which tells what is wrong with which row.
This is our own work because the libraries that do it (geoarrow-c 0.4.0, geoarrow-rust-core 0.6.3) end the
process over a damaged count, and a damaged file must be an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from groundspeed.engines.base import Engine
from groundspeed.engines.choice import get
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.scalar import wkb

WORTHWHILE = 1 << 22
"""Bytes; GEOS reads fewer in the time in which the compiled loops are loaded from disk."""
Rows = tuple[Any, Any]
"""(n + 1,) int64, where they begin, and the bytes."""


def column(
    values: pa.ChunkedArray, crs: Any, part: GeometryType | None, engine: Engine | None = None
) -> GeometryColumn | None:
    """The geometries of all rows, null where the row is; None where GEOS has to look.

    Args:
        values: without extension type.
        crs: of the column.
        part: the kind that is wanted, None for any.
        engine: what it runs on, by default `cpu`.
    """
    if not (pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type)):
        return None
    valid = np.asarray(values.is_valid()) if values.null_count else None
    chunks = [_rows(chunk) for chunk in values.drop_null().chunks if len(chunk)]
    if sum(int(starts[-1] - starts[0]) for starts, _ in chunks) < WORTHWHILE:
        return None
    found = _part(*chunks[0])
    if found is None or part not in (None, found):
        return None
    engine = engine or get("cpu")
    there = [(engine.asarray(starts), engine.asarray(octets)) for starts, octets in chunks]
    return _column(there, found, crs, None if valid is None else engine.asarray(valid), engine)


def _rows(array: pa.Array) -> Rows:
    width: type[np.signedinteger] = np.int32 if pa.types.is_binary(array.type) else np.int64
    _, offsets, values = array.buffers()
    starts = np.frombuffer(offsets, width)[array.offset : array.offset + len(array) + 1]
    return starts.astype(np.int64), np.frombuffer(values, np.uint8)


def _part(starts: np.ndarray, values: np.ndarray) -> GeometryType | None:
    """The type of a part of the first row, None if it is none."""
    header = bytes(values[starts[0] : starts[1]][: wkb.HEADER])
    code = int.from_bytes(header[1:], "little")
    plain = len(header) == wkb.HEADER and header[0] == 1 and code in set(GeometryType)
    return GeometryType(code).part if plain else None


def _column(
    chunks: list[Rows], part: GeometryType, crs: Any, valid: Any, engine: Engine
) -> GeometryColumn | None:
    n = sum(len(starts) - 1 for starts, _ in chunks)
    counts = [engine.empty(n, np.int64) for _ in range(3)]
    single = engine.empty(n, np.uint8)
    for rows, (starts, values) in _places(chunks):
        of_rows = tuple(one[rows] for one in (*counts, single))
        engine.for_each(wkb.measure, len(starts) - 1, starts, values, np.int64(part), of_rows)
    firsts = [engine.offsets(one) for one in counts]
    found = (counts[0] == wkb.REFUSED).any(), single.all(), single.any(), *(first[-1] for first in firsts)
    refused, all_single, any_single, parts, rings, vertices = engine.read(*found)
    if refused or (all_single and part is GeometryType.POINT):
        return None
    offsets = (engine.empty(parts + 1, np.int64), engine.empty(rings + 1, np.int64))
    offsets[0][parts], offsets[1][rings] = rings, vertices
    x, y = engine.empty(vertices), engine.empty(vertices)
    bits = x.view(np.uint64), y.view(np.uint64)
    for rows, (starts, values) in _places(chunks):
        of_rows = tuple(first[rows.start : rows.stop + 1] for first in firsts)
        engine.for_each(wkb.unpack, len(starts) - 1, starts, values, np.int64(part), of_rows, offsets, *bits)
    kind = part if all_single else GeometryType(part + wkb.MULTI)
    levels = _levels(kind, firsts[0], *offsets)
    if valid is not None:
        levels[0] = engine.offsets(_spread(engine, levels[0][1:] - levels[0][:-1], valid))
        single = _spread(engine, single, valid)
    some = kind.is_multi and any_single
    return GeometryColumn.from_ragged(
        kind, x, y, tuple(levels), validity=valid, single=single.astype(bool) if some else None, crs=crs
    )


def _places(chunks: list[Rows]) -> list[tuple[slice, Rows]]:
    """The rows of every chunk among all, and the chunk."""
    ends = np.cumsum([len(starts) - 1 for starts, _ in chunks]).tolist()
    return [(slice(end - len(one[0]) + 1, end), one) for end, one in zip(ends, chunks, strict=True)]


def _levels(kind: GeometryType, rows: Any, parts: Any, rings: Any) -> list[Any]:
    """Those of the offsets that the type has: a line or point is its own ring, a single its own part."""
    of_part = {GeometryType.POINT: [], GeometryType.LINESTRING: [rings], GeometryType.POLYGON: [parts, rings]}
    return [*([rows] if kind.is_multi else []), *of_part[kind.part]]


def _spread(engine: Engine, values: Any, valid: Any) -> Any:
    """Values of the valid rows at their places, zero elsewhere."""
    full = engine.xp.zeros(len(valid), values.dtype)
    full[valid] = values
    return full
