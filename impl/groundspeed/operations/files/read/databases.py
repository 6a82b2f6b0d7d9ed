"""Reading points by databases: a query on the file, to two arrays of coordinates in the order of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundspeed.operations.files.read.foss4g import COLUMNS, GDAL, WKB, Axes, columns, file, reads
from groundspeed.referee.competitors import duckdb, sedonadb
from groundspeed.referee.model import Inputs

FROM_COLUMNS = "select x, y from '{path}'"
FROM_TEXT = "select ST_X(p) as x, ST_Y(p) as y from (select ST_GeomFromText(geometry) as p from '{path}')"
FROM_GEOMETRY = "select ST_X(geometry) as x, ST_Y(geometry) as y from '{path}'"
FROM_GDAL = "select ST_X(columns('geom.*')) as x, ST_Y(columns('geom.*')) as y from ST_Read('{path}')"
SQL = {
    "csv_wkt": FROM_TEXT,
    **dict.fromkeys(COLUMNS, FROM_COLUMNS),
    **dict.fromkeys(WKB, FROM_GEOMETRY),
    **dict.fromkeys(GDAL, FROM_GDAL),
}


def connected(inputs: Inputs) -> dict[str, Any]:
    """The path, and a DuckDB connection with the spatial extension loaded."""
    return {**file(inputs), "connection": duckdb.connect()}


def in_session(inputs: Inputs) -> dict[str, Any]:
    """The path, and a SedonaDB session that keeps the order of rows: several partitions would mix them."""
    session = sedonadb.connect()
    session.sql("SET datafusion.execution.target_partitions = 1").execute()
    return {**file(inputs), "session": session}


@duckdb.competitor(prepare=connected, takes=reads(*SQL))
def spatial(path: Path, form: str, connection: Any) -> Axes:
    """One query on the file, ST_X and ST_Y where it holds geometries, fetchnumpy."""
    found = connection.sql(SQL[form].format(path=path)).fetchnumpy()
    return found["x"], found["y"]


@sedonadb.competitor(style="vectorised", cores="one", prepare=in_session, takes=reads(*WKB))
def sql(path: Path, form: str, session: Any) -> Axes:
    """read_parquet, ST_X and ST_Y in SQL, to Arrow, in one partition, which keeps the order of the file."""
    session.read_parquet(path).to_view("points", overwrite=True)
    return columns(session.sql(FROM_GEOMETRY.format(path="points").replace("'", "")).to_arrow_table())
