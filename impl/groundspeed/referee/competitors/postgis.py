"""PostgreSQL with PostGIS for competitors: the server that GROUNDSPEED_POSTGIS names, or a private one.

Rows go in and out as Arrow tables through ADBC: less than half the time of a Python object per row.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
from typing import Any

from groundspeed.referee import postgres_server as server
from groundspeed.referee.competitors import tables
from groundspeed.referee.model import Implementation, Inputs, implementation
from groundspeed.referee.postgres_server import VARIABLE, Unavailable

MODULES = ("adbc_driver_postgresql", "pyarrow")
"""What a competitor that uses this requires."""
SERVER = "runs in a server of its own: cores used and peak memory are those of its client"


@functools.cache
def lacks() -> str:
    """Why there is no server, "" when there is one. Starts the private one: starting is never timed."""
    try:
        connect().close()
    except Unavailable as error:
        return str(error)
    return ""


@functools.cache
def version() -> str:
    """Versions of PostGIS and of its server, "" when there is none."""
    if lacks():
        return ""
    query = "select postgis_lib_version() || ' on PostgreSQL ' || split_part(version(), ' ', 2) as version"
    with connect() as connection:
        return str(get(connection, query)["version"][0])


competitor = functools.partial(
    implementation,
    "postgis",
    style="parallel",
    cores="all",
    requires=MODULES,
    lacks=lacks,
    version=version,
    caveat=SERVER,
)


def connect() -> Any:
    """A new ADBC connection, every statement committed at once, to a database that has PostGIS.

    Raises:
        ModuleNotFoundError: adbc-driver-postgresql is not installed.
        Unavailable: no server, or one that does not answer or has no PostGIS.
    """
    from adbc_driver_postgresql import dbapi

    name = os.environ.get(VARIABLE) or server.start()
    try:
        connection = dbapi.connect(name, autocommit=True)
        execute(connection, "set client_min_messages = warning", "create extension if not exists postgis")
    except dbapi.Error as error:
        raise Unavailable(f"needs PostGIS, and {VARIABLE}={name!r} has none: {error}".strip()) from error
    return connection


def workspace() -> Any:
    """A connection whose tables go to an empty schema of this process, dropped when the process ends."""
    connection, name = connect(), f"groundspeed_{os.getpid()}"
    execute(
        connection,
        f"drop schema if exists {name} cascade",
        f"create schema {name}",
        f"set search_path = {name}, public",
    )
    _drop_at_exit(name)
    return connection


def execute(connection: Any, *statements: str) -> None:
    """Run statements that return nothing."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def put(connection: Any, table: str, **columns: Any) -> None:
    """Make a table, in memory and with statistics, of arrays and geometries."""
    rows, query = tables.arrow(columns)
    with connection.cursor() as cursor:
        cursor.adbc_ingest("given", rows)
    execute(
        connection,
        f"create unlogged table {table} as {query}",
        "drop table given",
        f"analyze {table}",
    )


def get(connection: Any, query: str) -> Any:
    """The rows of a query as an Arrow table."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()


@functools.cache
def _drop_at_exit(schema: str) -> None:
    def drop() -> None:
        # A private server that is gone took the schema with it.
        with contextlib.suppress(Unavailable), connect() as connection:
            execute(connection, f"drop schema if exists {schema} cascade")

    atexit.register(drop)


def table(inputs: Inputs) -> dict[str, Any]:
    """The inputs as the table `rows`."""
    connection = workspace()
    put(connection, "rows", **tables.rows(inputs))
    return {"connection": connection}


def select(*expressions: str, **options: Any) -> Implementation:
    """A competitor that computes SQL expressions for every row, e.g. `select("ST_Area(geometries)")`."""
    return tables.select(competitor(prepare=table, collect=tables.values, **options), get, expressions)
