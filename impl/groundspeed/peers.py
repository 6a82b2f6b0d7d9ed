"""What competitors of several operations share: cores, threads over chunks, DuckDB with `spatial`."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Cores this process may use."""


def over_chunks(work: Callable[[slice], None], n: int, chunk: int, threads: int = CORES) -> None:
    """Call `work(slice)` for every chunk of range(n) on threads; pays where the library frees the GIL.

    >>> seen = []
    >>> over_chunks(seen.append, 5, 2)
    >>> sorted(piece.start for piece in seen)
    [0, 2, 4]
    """
    pieces = [slice(start, min(start + chunk, n)) for start in range(0, n, chunk)]
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, pieces):
            pass


def duckdb_spatial() -> Any:
    """A DuckDB connection in memory, all cores, with the spatial extension of its own wheel (no download).

    Raises:
        ModuleNotFoundError: duckdb or duckdb-extension-spatial is not installed.
        FileNotFoundError: the wheel holds no extension.
    """
    import duckdb
    import duckdb_extension_spatial

    folder = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    found = sorted(folder.glob("*/spatial.duckdb_extension"))
    if not found:
        raise FileNotFoundError(
            f"no spatial.duckdb_extension under {folder}; reinstall duckdb-extension-spatial"
        )
    connection = duckdb.connect(config={"threads": CORES, "allow_unsigned_extensions": True})
    connection.execute(f"load '{found[0]}'")
    return connection
