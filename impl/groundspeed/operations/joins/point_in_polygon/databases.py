"""Point in polygon by databases: DuckDB, SedonaDB and PostGIS on tables in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.operations.joins.point_in_polygon.foss4g import Pairs, coordinates, geometries
from groundspeed.referee.competitors import postgis
from groundspeed.referee.competitors.duckdb import duckdb_spatial
from groundspeed.referee.model import Inputs, implementation

SQL = {
    "within": "ST_Contains",
    "intersects": "ST_Intersects",
    "covered_by": "ST_Covers",
    "touches": "ST_Touches",
}


def duckdb_tables(inputs: Inputs) -> dict[str, Any]:
    """Tables of DuckDB geometries in memory."""
    import pyarrow as pa
    import shapely

    given, connection = coordinates(inputs), duckdb_spatial()
    points = pa.table({"i": np.arange(len(given["x"])), "x": given["x"], "y": given["y"]})
    polygons = pa.table({"j": np.arange(len(given["polygons"])), "wkb": shapely.to_wkb(given["polygons"])})
    connection.register("point_rows", points)
    connection.register("polygon_rows", polygons)
    connection.execute("create table points as select i, ST_Point(x, y) as geometry from point_rows")
    connection.execute("create table polygons as select j, ST_GeomFromWKB(wkb) as geometry from polygon_rows")
    return {"connection": connection, "predicate": given["predicate"]}


def columns(result: Any) -> Pairs:
    """Row numbers from a table or a dict of arrays."""
    return np.asarray(result["i"]), np.asarray(result["j"])


@implementation(
    "duckdb",
    style="parallel",
    cores="all",
    prepare=duckdb_tables,
    collect=columns,
    requires=("duckdb", "duckdb_extension_spatial"),
)
def spatial_join(connection: Any, predicate: str) -> Any:
    """DuckDB's spatial join operator, which builds its own R-tree."""
    on = f"{SQL[predicate]}(polygons.geometry, points.geometry)"
    return connection.execute(f"select i, j from points join polygons on {on}").fetchnumpy()


def sedona_views(inputs: Inputs) -> dict[str, Any]:
    """SedonaDB views over geometries in memory."""
    import geopandas
    import sedonadb

    given, context = geometries(inputs), sedonadb.connect()
    for name, row in (("points", "i"), ("polygons", "j")):
        frame = geopandas.GeoDataFrame({row: np.arange(len(given[name]))}, geometry=given[name])
        context.create_data_frame(frame).to_memtable().to_view(name)
    return {"context": context, "predicate": given["predicate"]}


@implementation(
    "sedonadb",
    style="parallel",
    cores="all",
    prepare=sedona_views,
    collect=columns,
    name="sedonadb spatial join",
)
def sedona_join(context: Any, predicate: str) -> Any:
    """SedonaDB's spatial join."""
    on = f"{SQL[predicate]}(polygons.geometry, points.geometry)"
    return context.sql(f"select points.i, polygons.j from points join polygons on {on}").to_arrow_table()


def postgis_tables(inputs: Inputs) -> dict[str, Any]:
    """Tables of PostGIS geometries in memory, their statistics known; points that are null left out."""
    import pyarrow as pa
    import shapely

    given, connection = coordinates(inputs), postgis.workspace()
    there = np.flatnonzero(~np.isnan(given["x"]))
    postgis.put(connection, "point_rows", i=there, x=given["x"][there], y=given["y"][there])
    wkb = pa.array(shapely.to_wkb(given["polygons"]), pa.binary())
    postgis.put(connection, "polygon_rows", j=np.arange(len(wkb)), wkb=wkb)
    postgis.execute(
        connection,
        "create unlogged table points as select i, ST_MakePoint(x, y) as geometry from point_rows",
        "create unlogged table polygons as select j, ST_GeomFromWKB(wkb) as geometry from polygon_rows",
        "analyze points",
        "analyze polygons",
    )
    return {"connection": connection, "predicate": given["predicate"]}


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


SERVER = "runs in a server of its own: cores used and peak memory are those of its client"


@implementation(
    "postgis",
    style="parallel",
    cores="all",
    prepare=postgis_tables,
    build=gist,
    collect=columns,
    requires=postgis.MODULES,
    lacks=postgis.lacks,
    version=postgis.version,
    caveat=SERVER,
)
def gist_of_points(connection: Any, predicate: str) -> Any:
    """A PostGIS join by a GiST index over the points, so that a polygon meets all its points in a row."""
    on = f"{SQL[predicate]}(polygons.geometry, points.geometry)"
    return postgis.get(connection, f"select i, j from points join polygons on {on}")


@implementation(
    "postgis",
    style="parallel",
    cores="all",
    prepare=postgis_tables,
    build=gist_and_pieces,
    collect=columns,
    requires=postgis.MODULES,
    lacks=postgis.lacks,
    version=postgis.version,
    division="tuned",
    profile="full",
    caveat=f"{SERVER}; cuts between pieces are rounded",
)
def st_subdivide(connection: Any, predicate: str) -> Any:
    """The same on pieces of polygons; a point on the edge of a piece asks the whole polygon."""
    whole = f"(select {SQL[predicate]}(geometry, points.geometry) from polygons where j = pieces.j)"
    inside = "false" if predicate == "touches" else "ST_Contains(pieces.geometry, points.geometry)"
    on = f"{inside} or (ST_Intersects(pieces.geometry, points.geometry) and {whole})"
    query = f"select distinct i, j from points join pieces on pieces.geometry && points.geometry and ({on})"
    return postgis.get(connection, query)
