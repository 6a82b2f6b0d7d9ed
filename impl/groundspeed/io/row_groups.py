"""Points of Parquet: row groups side by side, each unpacked by the thread that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from groundspeed.engines import settings, threads
from groundspeed.geometry import GeometryColumn
from groundspeed.io import points
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import ReadError
from groundspeed.io.source import Chunk


class _Other(Exception):
    """There is something else than points."""


@dataclass
class _Filled:
    """What all threads fill in."""

    x: np.ndarray
    y: np.ndarray
    others: list[list[pa.RecordBatch]]
    nulls: list[tuple[slice, np.ndarray]] = field(default_factory=list)
    finite: bool = True

    @property
    def validity(self) -> np.ndarray | None:
        """(n,) bool, False where a row is null; None when no row is."""
        if not self.nulls:
            return None
        valid = np.ones(len(self.x), bool)
        for part, null in self.nulls:
            valid[part] = ~null
        return valid


def chunk(
    path: Path,
    file: pq.ParquetFile,
    groups: list[int],
    positions: np.ndarray | range,
    needed: list[str],
    encoding: Encoding,
) -> Chunk | None:
    """Some row groups, their geometry decoded, in the order of the file.

    pyarrow reads one column of several row groups on one core, and its scanner hands every batch to the same
    thread. Here each thread reads and unpacks runs of row groups of its own, in batches that live no longer.
    Runs are few, because pyarrow takes 0.2 ms to begin one.

    Args:
        path, file: the same file; its metadata are not read again.
        groups: at least one.
        positions: (n,) of their rows, as the file promises.
        needed: names of the columns to be read.
        encoding: one that `points.promised`.

    Returns:
        None where there is anything but 2-D points and nulls, or only nulls.

    Raises:
        ReadError: another number of rows than promised.
    """
    rows = len(positions)
    sizes = [file.metadata.row_group(group).num_rows for group in groups]
    ends = [*accumulate(sizes)]
    if ends[-1] != rows or min(sizes) < 0:
        raise ReadError(f"the file promises {rows} rows, but its row groups {ends[-1]}")
    try:
        x, y = np.empty((2, rows))
        runs = [run.tolist() for run in np.array_split(range(len(groups)), _runs(len(groups)))]
        filled = _Filled(x, y, [[] for _ in runs])
    except (MemoryError, ValueError):  # a damaged file may promise any number of rows
        return None
    spare = iter([file])  # each thread needs one of its own

    def read(todo: Iterator[tuple[int, list[int]]]) -> None:
        mine = next(spare, None) or opened(path, file.metadata)
        for number, run in todo:
            place = (ends[run[0]] - sizes[run[0]], ends[run[-1]])
            chosen = [groups[one] for one in run]
            _read(mine, chosen, place, needed, encoding, filled, filled.others[number])

    try:
        threads.share(read, [*enumerate(runs)], settings().threads)
    except _Other:
        return None
    validity = filled.validity
    if not rows or (validity is not None and not validity.any()):
        return None
    geometry = GeometryColumn.from_points(filled.x, filled.y, encoding.crs, validity=validity)
    table = pa.Table.from_batches([batch for batches in filled.others for batch in batches])
    return Chunk(table, positions, geometry=geometry, finite=filled.finite)


def _runs(groups: int) -> int:
    """How many runs to make of so many row groups."""
    return min(groups, 2 * threads.count(settings().threads))


def opened(path: Path, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
    """The file, whose damage will show; mapped into memory, which spares a copy of everything that is read.

    By pyarrow's own file, too, as it takes long to look for a file system.

    Args:
        path: of the file.
        metadata: of the file where they are known.
    """
    return pq.ParquetFile(pa.memory_map(str(path)), metadata=metadata, page_checksum_verification=True)


def _read(
    file: pq.ParquetFile,
    groups: list[int],
    place: tuple[int, int],
    needed: list[str],
    encoding: Encoding,
    filled: _Filled,
    others: list[pa.RecordBatch],
) -> None:
    """A run of row groups, whose rows go from place[0] to place[1]."""
    unpack, rows = points.UNPACK[type(encoding)]
    names = [name for name in needed if name not in encoding.columns]
    start, end = place
    for batch in file.iter_batches(rows, row_groups=groups, columns=needed, use_threads=False):
        part = slice(start, start + len(batch))
        start = part.stop
        if start > end:
            break
        found = unpack(batch, encoding, filled.x[part], filled.y[part])
        if found is None:
            raise _Other
        if found.null is not None:
            filled.nulls.append((part, found.null))
        if not found.finite:
            filled.finite = False
        rest = batch.select(names)
        rest.validate(full=True)  # a damaged offset would be followed out of bounds
        others.append(rest)
    if start != end:
        promised, has = end - place[0], f"{start - place[0]}{' or more' if start > end else ''}"
        raise ReadError(f"row groups {groups[0]} to {groups[-1]} promise {promised} rows, but have {has}")
