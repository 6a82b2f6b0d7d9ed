"""What competitors of several operations share: cores, threads over chunks, DuckDB with `spatial`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundspeed.engines.threads import CORES, over_chunks

__all__ = ["CORES", "duckdb_spatial", "over_chunks"]


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
