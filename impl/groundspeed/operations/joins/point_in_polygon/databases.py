"""Point in polygon by databases: DuckDB, SedonaDB and PostGIS on tables in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.operations.joins.point_in_polygon.foss4g import Pairs
from groundspeed.referee.competitors import duckdb, postgis, sedonadb
from groundspeed.referee.model import Inputs

JOIN = "select points.i, polygons.j from points join polygons on {test}(polygons.geometry, points.geometry)"
SQL = {
    "within": "ST_Contains",
    "intersects": "ST_Intersects",
    "covered_by": "ST_Covers",
    "touches": "ST_Touches",
}


def tables(database: Any, connection: Any, inputs: Inputs) -> dict[str, Any]:
    """Tables of points and polygons in memory; points that are null are left out."""
    points = inputs["points"].astype(np.float64)
    there = np.flatnonzero(~np.isnan(points.x))
    database.put(connection, "points", i=there, geometry=points[there])
    polygons = inputs["polygons"]
    database.put(connection, "polygons", j=np.arange(len(polygons)), geometry=polygons)
    return {"connection": connection, "predicate": inputs.get("predicate", "within")}


def duckdb_tables(inputs: Inputs) -> dict[str, Any]:
    """Tables of DuckDB geometries."""
    return tables(duckdb, duckdb.connect(), inputs)


def sedona_views(inputs: Inputs) -> dict[str, Any]:
    """Views of SedonaDB geometries."""
    return tables(sedonadb, sedonadb.connect(), inputs)


def postgis_tables(inputs: Inputs) -> dict[str, Any]:
    """Tables of PostGIS geometries, their statistics known."""
    return tables(postgis, postgis.workspace(), inputs)


def columns(result: Any) -> Pairs:
    """Row numbers from a table or a dict of arrays."""
    return np.asarray(result["i"]), np.asarray(result["j"])


@duckdb.competitor(prepare=duckdb_tables, collect=columns)
def spatial_join(connection: Any, predicate: str) -> Any:
    """DuckDB's spatial join operator, which builds its own R-tree."""
    return connection.execute(JOIN.format(test=SQL[predicate])).fetchnumpy()


@sedonadb.competitor(prepare=sedona_views, collect=columns, name="sedonadb spatial join")
def sedona_join(connection: Any, predicate: str) -> Any:
    """SedonaDB's spatial join."""
    return sedonadb.get(connection, JOIN.format(test=SQL[predicate]))


def gist(connection: Any, predicate: str) -> dict[str, Any]:
    """A GiST index over the points, in place of that of an earlier run."""
    postgis.execute(
        connection,
        "drop index if exists points_gist",
        "create index points_gist on points using gist (geometry)",
        "analyze points",
    )
    return {"connection": connection, "predicate": predicate}


def gist_and_pieces(connection: Any, predicate: str) -> dict[str, Any]:
    """The same, and the polygons in pieces of at most 128 vertices."""
    postgis.execute(
        connection,
        "drop table if exists pieces",
        "create unlogged table pieces as select j, ST_Subdivide(geometry, 128) as geometry from polygons",
        "analyze pieces",
    )
    return gist(connection, predicate)


@postgis.competitor(prepare=postgis_tables, build=gist, collect=columns)
def gist_of_points(connection: Any, predicate: str) -> Any:
    """A PostGIS join by a GiST index over the points, so that a polygon meets all its points in a row."""
    return postgis.get(connection, JOIN.format(test=SQL[predicate]))


@postgis.competitor(
    prepare=postgis_tables,
    build=gist_and_pieces,
    collect=columns,
    division="tuned",
    profile="full",
    caveat=f"{postgis.SERVER}; cuts between pieces are rounded",
)
def st_subdivide(connection: Any, predicate: str) -> Any:
    """The same on pieces of polygons; a point on the edge of a piece asks the whole polygon."""
    whole = f"(select {SQL[predicate]}(geometry, points.geometry) from polygons where j = pieces.j)"
    inside = "false" if predicate == "touches" else "ST_Contains(pieces.geometry, points.geometry)"
    on = f"{inside} or (ST_Intersects(pieces.geometry, points.geometry) and {whole})"
    query = f"select distinct i, j from points join pieces on pieces.geometry && points.geometry and ({on})"
    return postgis.get(connection, query)
