"""SedonaDB on views in memory."""

from __future__ import annotations

import functools
from typing import Any

from groundspeed.referee.competitors import tables
from groundspeed.referee.model import Implementation, Inputs, implementation

competitor = functools.partial(implementation, "sedonadb", style="parallel", cores="all")


def connect() -> Any:
    """A session of its own, which uses all cores."""
    import sedonadb

    return sedonadb.connect()


def put(connection: Any, view: str, **columns: Any) -> None:
    """Make a view in memory of arrays and geometries."""
    rows, query = tables.arrow(columns)
    connection.create_data_frame(rows).to_view("given", overwrite=True)
    connection.sql(query).to_memtable().to_view(view, overwrite=True)


def get(connection: Any, query: str) -> Any:
    """The rows of a query as an Arrow table."""
    return connection.sql(query).to_arrow_table()


def table(inputs: Inputs) -> dict[str, Any]:
    """The inputs as the view `rows` in memory."""
    connection = connect()
    put(connection, "rows", **tables.rows(inputs))
    return {"connection": connection}


def select(*expressions: str, **options: Any) -> Implementation:
    """A competitor that computes SQL expressions for every row, e.g. `select("ST_Area(geometries)")`."""
    return tables.select(competitor(prepare=table, collect=tables.values, **options), get, expressions)
