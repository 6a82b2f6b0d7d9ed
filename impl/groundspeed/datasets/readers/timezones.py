"""Time zone polygons as timezonefinder packs them (polygon layout 3): bit-packed steps in blocks of vertices.

A FlatBuffers file holds one vector of 32-bit words per ring. A ring is cut into blocks of 128 vertices; every
block holds the steps of its x and then of its y from the block's own origin, `width` bits each, x and y each
from a word boundary, and repeats the first vertex of the next block. Origins, widths and numbers of vertices
lie beside it. Format: the module `block_payload` of timezonefinder 9.0.0, against which this is tested.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from groundspeed.datasets.errors import DatasetError
from groundspeed.datasets.zipped import members
from groundspeed.geometry import GeometryColumn

BLOCK = 128
STEP = 10
"""One step is 10 units of 1e-7 degrees."""
UNIT = 1e7
LAYOUT = 3

Ring = np.ndarray


def timezone_polygons(folder: Path, file: str, under: str, crs: str) -> GeometryColumn:
    """Polygons with holes, closed.

    Args:
        folder: of the files.
        file: the archive.
        under: folder of the data inside it.
        crs: of the coordinates.

    Raises:
        DatasetError: another layout than 3.
    """
    data = dict(members(folder / file, f"{under}/*"))
    outer = _rings(data, f"{under}/boundaries")
    holes = _holes(data, under, outer)
    rings = [ring for number, one in enumerate(outer) for ring in (one, *holes.get(number, ()))]
    each = np.array([1 + len(holes.get(number, ())) for number in range(len(outer))])
    closed = np.concatenate([part for ring in rings for part in (ring, ring[:, :1])], axis=1) / UNIT
    ends = _ends(np.array([ring.shape[1] + 1 for ring in rings]))
    return GeometryColumn.from_ragged("polygon", closed[0], closed[1], (_ends(each), ends), crs=crs)


def timezone_table(folder: Path, file: str, under: str) -> pd.DataFrame:
    """One row per polygon: `timezone`, its name."""
    data = dict(members(folder / file, f"{under}/*"))
    names = data[f"{under}/timezone_names.txt"].decode().split()
    return pd.DataFrame({"timezone": np.array(names, object)[_array(data, f"{under}/zone_ids")]})


def _ends(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)])


def _holes(data: dict[str, bytes], under: str, outer: list[Ring]) -> dict[int, list[Ring]]:
    """Holes by polygon. Most are boundaries of other polygons and stored as a reference to them."""
    own = _rings(data, f"{under}/holes")
    refers = _array(data, f"{under}/holes/poly_ref").tolist()
    rings = [outer[refer] if refer >= 0 else own[-refer - 1] for refer in refers]
    registry = json.loads(data[f"{under}/hole_registry.json"])
    return {int(number): rings[first : first + count] for number, (count, first) in registry.items()}


def _array(data: dict[str, bytes], stem: str) -> np.ndarray:
    return np.load(io.BytesIO(data[f"{stem}.npy"]), allow_pickle=False)


def _rings(data: dict[str, bytes], stem: str) -> list[Ring]:
    """(2, vertices) int64 in 1e-7 degrees, not closed, in the order of the collection."""
    words, starts = _payloads(data[f"{stem}/coordinates.bin"], stem)
    origins = np.stack([_array(data, f"{stem}/block_bases"), _array(data, f"{stem}/block_ranges")[:, 0]])
    widths, sizes = _array(data, f"{stem}/block_widths").T, _array(data, f"{stem}/nr_vertices")
    blocks = _array(data, f"{stem}/block_offsets").astype(np.int64)
    return [
        _ring(words[start:], origins[:, first:last], widths[:, first:last].astype(np.int64), int(size))
        for start, first, last, size in zip(starts, blocks[:-1], blocks[1:], sizes, strict=True)
    ]


def _payloads(content: bytes, stem: str) -> tuple[np.ndarray, list[int]]:
    """The file as words, and the word at which the payload of each ring begins: root table, its vector of
    tables, their vectors of words."""

    def field(table: int, number: int) -> int:
        entry = table - _int(content, table, "<i4") + 4 + 2 * number
        return table + _int(content, entry, "<u2")

    root = _int(content, 0)
    if content[4:8] != b"TZFP" or _int(content, field(root, 1), "<u2") != LAYOUT:
        raise DatasetError(
            f"{stem}/coordinates.bin is not in polygon layout {LAYOUT}; use the version pinned"
        )
    vector = _follow(content, field(root, 0))
    tables = [_follow(content, vector + 4 * (1 + number)) for number in range(_int(content, vector))]
    starts = [(_follow(content, field(table, 0)) + 4) // 4 for table in tables]
    return np.frombuffer(content[: len(content) // 4 * 4], "<u4"), starts


def _int(content: bytes, at: int, kind: str = "<u4") -> int:
    return int(np.frombuffer(content, kind, 1, at)[0])


def _follow(content: bytes, at: int) -> int:
    return at + _int(content, at)


def _ring(words: np.ndarray, origins: np.ndarray, widths: np.ndarray, size: int) -> Ring:
    counts = np.full(widths.shape[1], BLOCK + 1)
    counts[-1] = size - (len(counts) - 1) * BLOCK + 1
    used = -(-counts * widths // 32)
    starts = _ends(used.sum(axis=0))[:-1]
    block, within = np.divmod(np.arange(size), BLOCK)
    ring = np.empty((2, size), np.int64)
    for axis, region in enumerate([starts, starts + used[0]]):
        bit = within * widths[axis, block]
        word = region[block] + (bit >> 5)
        pair = words[word].astype(np.uint64) | words[word + 1].astype(np.uint64) << np.uint64(32)
        mask = (np.uint64(1) << widths[axis, block].astype(np.uint64)) - np.uint64(1)
        steps = (pair >> (bit & 31).astype(np.uint64) & mask).astype(np.int64)
        ring[axis] = steps * STEP + origins[axis, block]
    return ring
