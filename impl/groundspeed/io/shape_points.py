"""Points out of a shapefile without an object per row: 28 bytes each, one after the other.

Format: ESRI Shapefile Technical Description, July 1998, and dBASE for the marks of deleted records. GDAL
makes a feature of every record, which takes a hundred times as long.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundspeed.columns import GeometryColumn
from groundspeed.io import audits, soundness, threads

POINT, WORDS = 1, 10  # type of shape; 16-bit words of the content of a record, which follow 4 words about it
RECORD = np.dtype(
    {"names": ["about", "x", "y"], "formats": ["<u8", "<f8", "<f8"], "offsets": [4, 12, 20], "itemsize": 28}
)
ABOUT = np.frombuffer(struct.pack(">i", WORDS) + struct.pack("<i", POINT), "<u8")[0]
ENTRY = np.dtype(">i8")  # where a record is, in words, then how long it is: 32 bits each
KEPT = ord(" ")  # in front of a record of attributes that is not deleted
PIECE = 1 << 15  # records; what is looked at in several passes stays in the cache


class _Other(Exception):
    """There is something else than points one after the other."""


def points(path: Path, crs: Any) -> GeometryColumn | None:
    """All points of a shapefile whose parts fit together (see `audits.require_parts`).

    Args:
        path: of the file ending in .shp.
        crs: of the points.

    Returns:
        None where there is anything but finite 2-D points in the order of the index, none of them deleted.
    """
    records, entries, marks = _records(path), _entries(path), _marks(path)
    if records is None or len(entries) != len(records):
        return None
    x, y = np.empty((2, len(records)))

    def read(todo: Iterator[slice]) -> None:
        for part in todo:
            if not _in_order(entries[part], part.start) or (records["about"][part] != ABOUT).any():
                raise _Other
            if marks is not None and (marks[part] != KEPT).any():
                raise _Other
            x[part], y[part] = records["x"][part], records["y"][part]
            if not soundness.all_finite(x[part], y[part]):
                raise _Other

    try:
        threads.share(read, [slice(at, at + PIECE) for at in range(0, len(records), PIECE)])
    except _Other:
        return None
    return GeometryColumn.from_points(x, y, crs)


def _records(path: Path) -> np.ndarray | None:
    """(n,) RECORD; None where the header says that there are other ones."""
    size = path.stat().st_size - audits.SHAPE_HEADER
    if size <= 0 or size % RECORD.itemsize:
        return None
    with path.open("rb") as file:
        header = file.read(audits.SHAPE_HEADER)
    (words,), (kind,) = struct.unpack_from(">i", header, 24), struct.unpack_from("<i", header, 32)
    if kind != POINT or words * audits.WORD != size + audits.SHAPE_HEADER:
        return None
    return np.memmap(path, RECORD, "r", audits.SHAPE_HEADER)


def _entries(path: Path) -> np.ndarray:
    """(n,) ENTRY, as many as there are whole ones."""
    index = audits.part(path, ".shx")
    return np.empty(0, ENTRY) if index is None else np.fromfile(index, ENTRY, offset=audits.SHAPE_HEADER)


def _in_order(entries: np.ndarray, first: int) -> bool:
    """Whether records from number `first` on lie one after the other."""
    step = RECORD.itemsize // audits.WORD
    places = audits.SHAPE_HEADER // audits.WORD + step * np.arange(first, first + len(entries))
    return bool((entries == (places << 32) + WORDS).all())


def _marks(path: Path) -> np.ndarray | None:
    """(n,) uint8, the first byte of every record of attributes; None where there are no attributes."""
    attributes = audits.part(path, ".dbf")
    if attributes is None:
        return None
    count, start, width = audits.dbase_header(attributes)
    return np.ndarray(count, np.uint8, np.memmap(attributes, np.uint8, "r"), start, (width,))
