"""Point in polygon from file to file: read both, join them, write the points with their polygon.

All read the same two GeoParquet files (an id and a geometry, as GeoPandas writes them by default) and write a
GeoParquet file with the columns of the points and `polygon_id`: a row for every pair, and a row
without polygon for every point that has none, in any order, with the writer's own default settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from groundspeed.operations.joins.point_in_polygon import databases, foss4g
from groundspeed.referee import ours
from groundspeed.referee.competitors import duckdb, scratch, sedonadb
from groundspeed.referee.competitors.threads import CORES
from groundspeed.referee.model import Inputs, compiled, implementation, indexed, parallel

IDS = {"points": "point_id", "polygons": "polygon_id"}
NOBODY = -1
LEFT_JOIN = (
    "select points.*, polygon_id from {points} points left join {polygons} polygons "
    "on {test}(polygons.geometry, points.geometry)"
)


def files(inputs: Inputs) -> dict[str, Any]:
    """The two files, and where the result goes."""
    folder = scratch.folder(inputs, _write)
    paths = {name: folder / f"{name}.parquet" for name in IDS}
    return {**paths, "output": scratch.output(folder), "predicate": inputs.get("predicate", "within")}


def _write(inputs: Inputs, folder: Path) -> None:
    import geopandas

    for name, row in IDS.items():
        column = inputs[name]
        geometry = geopandas.GeoSeries(column.to_shapely(), crs=column.crs)
        frame = geopandas.GeoDataFrame({row: np.arange(len(column))}, geometry=geometry)
        frame.to_parquet(folder / f"{name}.parquet")


def pairs(output: Path) -> tuple[np.ndarray, np.ndarray]:
    """The pairs in the written file, which is deleted.

    A point that is not as it was, not there, there without polygon though it has one, or unknown stands in a
    pair with polygon -1, which no oracle has.
    """
    given, written = (_read(path) for path in (output.parent / "points.parquet", output))
    output.unlink()
    point, polygon = written[IDS["points"]], written[IDS["polygons"]]
    n = len(given["x"])
    known = (point >= 0) & (point < n)
    same = known.copy()
    for axis in "xy":
        same[known] &= _equal(written[axis][known], given[axis][point[known]])
    found = polygon != NOBODY
    has_polygon = np.bincount(point[known & found], minlength=n) > 0
    without = np.bincount(point[known & ~found], minlength=n)
    wrong = np.concatenate([point[~same], np.flatnonzero(without != ~has_polygon)])
    right = np.concatenate([polygon[found], np.full(len(wrong), NOBODY)])
    return np.concatenate([point[found], wrong]), right


def _read(path: Path) -> dict[str, np.ndarray]:
    """Ids, -1 where null, and coordinates, NaN where null."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    import shapely

    table = pq.read_table(path)
    names = [name for name in IDS.values() if name in table.column_names]
    ids = {name: pc.fill_null(pc.cast(table[name], "int64"), NOBODY).to_numpy() for name in names}
    points = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    return {**ids, "x": shapely.get_x(points), "y": shapely.get_y(points)}


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a == b) | (np.isnan(a) & np.isnan(b))


def left_joined(left: np.ndarray, right: np.ndarray, n: int) -> tuple[np.ndarray, Any]:
    """Rows of the n points in the result of a left join, and of the polygon for each, null for none."""
    import pyarrow as pa

    in_none = np.ones(n, bool)
    in_none[left] = False
    alone = np.flatnonzero(in_none)
    rows, polygons = np.concatenate([left, alone]), np.concatenate([right, np.zeros_like(alone)])
    return rows, pa.array(polygons, mask=np.arange(len(rows)) >= len(left))


FILES: Any = {"lane": "file_to_file", "prepare": files, "collect": pairs}


@indexed(
    "geopandas",
    **FILES,
    requires=("geopandas", "pyarrow"),
    caveat="the join runs on one core, reading and writing Parquet on all",
)
def sjoin_files(points: Path, polygons: Path, output: Path, predicate: str) -> Path:
    """read_parquet, sjoin(how="left"), to_parquet."""
    import geopandas

    left, right = geopandas.read_parquet(points), geopandas.read_parquet(polygons)
    joined = left.sjoin(right, how="left", predicate=predicate).drop(columns="index_right")
    joined.to_parquet(output, index=False)
    return output


def connected(inputs: Inputs) -> dict[str, Any]:
    """The files, and a DuckDB connection with the spatial extension loaded."""
    return {**files(inputs), "connection": duckdb.connect()}


@parallel(
    "duckdb", **FILES | {"prepare": connected}, requires=("duckdb", "duckdb_extension_spatial", "geopandas")
)
def copy_files(points: Path, polygons: Path, output: Path, predicate: str, connection: Any) -> Path:
    """One statement: COPY (SELECT ... FROM read_parquet LEFT JOIN read_parquet) TO a Parquet file."""
    tables = {"points": f"read_parquet('{points}')", "polygons": f"read_parquet('{polygons}')"}
    query = LEFT_JOIN.format(test=databases.SQL[predicate], **tables)
    connection.execute(f"copy ({query}) to '{output}' (format parquet)")
    return output


def in_session(inputs: Inputs) -> dict[str, Any]:
    """The files, and a SedonaDB session."""
    return {**files(inputs), "context": sedonadb.connect()}


@parallel("sedonadb", **FILES | {"prepare": in_session}, requires=("sedonadb", "geopandas"))
def sql_files(points: Path, polygons: Path, output: Path, predicate: str, context: Any) -> Path:
    """read_parquet, one SQL left join, to_parquet."""
    context.read_parquet(points).to_view("points", overwrite=True)
    context.read_parquet(polygons).to_view("polygons", overwrite=True)
    query = LEFT_JOIN.format(test=databases.SQL[predicate], points="points", polygons="polygons")
    context.sql(query).to_parquet(output)
    return output


@parallel("shapely", **FILES, division="tuned", requires=("shapely", "pyarrow", "geopandas"))
def threads_files(points: Path, polygons: Path, output: Path, predicate: str) -> Path:
    """pyarrow tables, prepared contains_xy on threads; the points' WKB is written as it was read."""
    import pyarrow.parquet as pq
    import shapely

    table, areas = pq.read_table(points), pq.read_table(polygons)
    point, polygon = (shapely.from_wkb(one["geometry"].to_numpy()) for one in (table, areas))
    x, y = shapely.get_x(point), shapely.get_y(point)
    left, right = foss4g.prepared_contains_xy(x, y, polygon, predicate, CORES)
    rows, found = left_joined(left, right, len(x))
    ids = areas[IDS["polygons"]].take(found)
    pq.write_table(table.take(rows).append_column(IDS["polygons"], ids), output)
    return output


@compiled("groundspeed", **FILES, name="groundspeed[cpu] files", requires=("geopandas",))
def ours_on_cpu(points: Path, polygons: Path, output: Path, predicate: str, engine: str = "cpu") -> Path:
    """gs.read, gs.point_in_polygon, gs.write."""
    import groundspeed as gs

    table, areas = gs.read(points), gs.read(polygons)
    left, right = gs.point_in_polygon(table.geometry, areas.geometry, predicate=predicate, engine=engine)
    rows, found = left_joined(left, right, len(table))
    joined = table[rows]
    ids = areas.attributes[IDS["polygons"]].take(found)
    gs.write(gs.Table(joined.geometry, joined.attributes.append_column(IDS["polygons"], ids)), output)
    return output


@implementation(
    "groundspeed",
    **FILES,
    style="gpu",
    cores="gpu",
    name="groundspeed[cuda] files",
    requires=("cupy", "numba_cuda", "geopandas"),
    lacks=lambda: ours.unavailable("cuda"),
)
def ours_on_cuda(points: Path, polygons: Path, output: Path, predicate: str) -> Path:
    """gs.read, gs.point_in_polygon on the GPU, gs.write."""
    return ours_on_cpu(points, polygons, output, predicate, engine="cuda")
