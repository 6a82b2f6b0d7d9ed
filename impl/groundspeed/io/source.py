"""What a reader gives: an encoding of the geometry and chunks of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from groundspeed.geometry import GeometryColumn
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import Problem
from groundspeed.io.read_options import ReadOptions


@dataclass(frozen=True)
class Chunk:
    """Some records of a file.

    Attributes:
        table: attributes and what the geometry is made of.
        rows: (n,) int64 positions in the file; a range where none between them is missing.
        problems: records that are in no table.
        geometry: (n,) that of the records where it was decoded while they were read; None leaves it to the
            encoding of the file.
        finite: whether all coordinates of `geometry` are known to be finite.
    """

    table: pa.Table
    rows: np.ndarray | range
    problems: list[Problem] = field(default_factory=list)
    geometry: GeometryColumn | None = None
    finite: bool = False


@dataclass(frozen=True)
class Source:
    """An opened file.

    Attributes:
        encoding: where the geometry is and how it becomes a column.
        attributes: names of the columns that become attributes.
        chunks: the records, in the order of the file; at least one chunk, even if it has no rows.
    """

    encoding: Encoding
    attributes: list[str]
    chunks: Iterator[Chunk]


Reader = Callable[[Path, ReadOptions], Source]
