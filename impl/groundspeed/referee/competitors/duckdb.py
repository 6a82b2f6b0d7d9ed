"""DuckDB with its `spatial` extension."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from groundspeed.referee.competitors import tables
from groundspeed.referee.competitors.threads import CORES
from groundspeed.referee.model import Implementation, Inputs, implementation

MODULES = ("duckdb", "duckdb_extension_spatial")
competitor = functools.partial(implementation, "duckdb", style="parallel", cores="all", requires=MODULES)


def connect() -> Any:
    """A connection in memory, all cores, with the spatial extension of its own wheel (no download).

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


def put(connection: Any, table: str, **columns: Any) -> None:
    """Make a table in memory of arrays and geometries."""
    rows, query = tables.arrow(columns)
    connection.register("given", rows)
    connection.execute(f"create table {table} as {query}")
    connection.unregister("given")


def get(connection: Any, query: str) -> Any:
    """The rows of a query as an Arrow table."""
    return connection.sql(query).to_arrow_table()


def table(inputs: Inputs) -> dict[str, Any]:
    """The inputs as the table `rows` in memory."""
    connection = connect()
    put(connection, "rows", **tables.rows(inputs))
    return {"connection": connection}


def select(*expressions: str, **options: Any) -> Implementation:
    """A competitor that computes SQL expressions for every row, e.g. `select("ST_Area(geometries)")`."""
    return tables.select(competitor(prepare=table, collect=tables.values, **options), get, expressions)
