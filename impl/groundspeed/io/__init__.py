"""Files and frames: read and write geometry with attributes, every bad record accounted for."""

from __future__ import annotations

from groundspeed.io.problems import ReadError
from groundspeed.io.reading import read, read_batches
from groundspeed.io.table import Table
from groundspeed.io.writing import write

__all__ = ["ReadError", "Table", "read", "read_batches", "write"]
