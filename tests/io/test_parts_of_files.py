"""Columns, bounds, conditions and batches: what is pushed down gives what filtering afterwards gives."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely
from file_forms import FORMS, with_attributes
from geometry.samples import column
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import groundspeed as gs

POINT_FORMS = list(FORMS)
SHAPE_FORMS = [name for name in FORMS if "x and y" not in name]
BOXES = [
    (2.5, 2.5, 6.5, 7),
    (0, 0, 0, 0),
    (3, 3, 3, 9),
    (-9, -9, -1, -1),
    (-np.inf, 2, np.inf, 4),
    (0, 0, 99, 99),
]


def grid() -> gs.Table:
    """Points at whole numbers, in an order that leaves row groups apart."""
    y, x = (axis.ravel().astype(float) for axis in np.mgrid[0:40, 0:25])
    return with_attributes(gs.GeometryColumn.from_points(x, y, "EPSG:4326"))


def triangles(count: int = 200) -> gs.Table:
    """Triangles whose boxes meet more than they do."""
    random = np.random.default_rng(7)
    corners = random.uniform(0, 10, (count, 1, 2)) + random.uniform(-1, 1, (count, 3, 2))
    column = gs.GeometryColumn.from_shapely(shapely.polygons(corners), "EPSG:4326")
    return with_attributes(column)


def expected(table: gs.Table, bounds) -> list[int]:
    """What GEOS says of every geometry on its own."""
    low_x, low_y, high_x, high_y = np.clip(bounds, -1e6, 1e6)
    corners = [(low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y)]
    box = shapely.MultiPoint(corners).convex_hull  # a point or line where it has no width
    return np.flatnonzero(shapely.intersects(table.geometry.to_shapely(), box)).tolist()


@pytest.mark.parametrize("bounds", BOXES)
@pytest.mark.parametrize("form", POINT_FORMS)
def test_bounds_of_points(form, bounds, tmp_path):
    before = grid()
    path = FORMS[form].write(before, tmp_path)
    after = FORMS[form].read(path, bounds=bounds)
    assert after.attributes["number"].to_pylist() == expected(before, bounds)
    assert after.read == len(after) + after.filtered


@pytest.mark.parametrize("bounds", BOXES)
@pytest.mark.parametrize("form", SHAPE_FORMS)
def test_bounds_of_polygons(form, bounds, tmp_path):
    before = triangles()
    path = FORMS[form].write(before, tmp_path)
    after = FORMS[form].read(path, bounds=bounds)
    assert after.attributes["number"].to_pylist() == expected(before, bounds)
    boxes = shapely.bounds(before.geometry.to_shapely())
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    meeting = np.all((boxes[:, :2] <= high) & (boxes[:, 2:] >= low), axis=1).sum()
    assert bounds == BOXES[-1] or len(after) <= meeting


def test_boxes_of_triangles_meet_more_than_triangles_do():
    """Else the test above could not tell the rule from a comparison of boxes."""
    table, bounds = triangles(), BOXES[0]
    boxes = shapely.box(*shapely.bounds(table.geometry.to_shapely()).T)
    assert shapely.intersects(boxes, shapely.box(*bounds)).sum() > len(expected(table, bounds))


@pytest.mark.parametrize("form", SHAPE_FORMS)
def test_null_and_empty_rows_are_in_no_bounds(form, tmp_path):
    name = "polygons" if form in ("shapefile", "FlatGeobuf") else "polygons, nulls and empties"
    path = FORMS[form].write(with_attributes(column(name)), tmp_path)
    after = FORMS[form].read(path, bounds=(-np.inf, -np.inf, np.inf, np.inf))
    assert len(after) == 2
    assert not after.geometry.is_null.any()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(*[st.floats(-2, 12)] * 4))
def test_any_bounds_on_any_form(tmp_path, corners):
    low_x, low_y, high_x, high_y = corners
    bounds = (min(low_x, high_x), min(low_y, high_y), max(low_x, high_x), max(low_y, high_y))
    before = triangles()
    wanted = expected(before, bounds)
    for form in ("GeoParquet, WKB and covering", "FlatGeobuf", "Arrow"):
        path = tmp_path / f"file{FORMS[form].ending}"
        if not path.exists():
            gs.write(before, path, row_group_size=20) if "covering" in form else FORMS[form].write(
                before, tmp_path
            )
        assert FORMS[form].read(path, bounds=bounds).attributes["number"].to_pylist() == wanted


@pytest.mark.parametrize(
    "form",
    ["Parquet, x and y", "GeoParquet, WKB and covering", "GeoParquet, GeoArrow", "GeoParquet 2.0"],
)
def test_row_groups_outside_bounds_are_not_read(form, tmp_path):
    path = tmp_path / "file.parquet"
    gs.write(grid(), path, row_group_size=100, **FORMS[form].writing)
    after = FORMS[form].read(path, bounds=(0, 4, 24, 7))
    assert (len(after), after.read) == (100, 100)
    assert after.attributes["number"].to_pylist() == list(range(100, 200))


def test_row_groups_that_no_condition_meets_are_not_read(tmp_path):
    path = tmp_path / "file.parquet"
    gs.write(grid(), path, row_group_size=100)
    after = gs.read(path, where=[("number", ">=", 250), ("number", "<", 299)])
    assert (len(after), after.read, after.filtered) == (49, 100, 51)


def test_rejected_rows_keep_their_number_when_row_groups_are_skipped(tmp_path):
    path = tmp_path / "file.parquet"
    x = np.arange(100.0)
    x[73] = np.nan
    gs.write(gs.GeometryColumn.from_points(x, np.arange(100.0)), path, encoding="xy", row_group_size=10)
    after = gs.read(path, bounds=(65, 65, 75, 75), on_error="reject")
    assert after.rejected["row"].to_pylist() == [73]
    assert after.geometry.x.tolist() == [65, 66, 67, 68, 69, 70, 71, 72, 74, 75]


@pytest.mark.parametrize("form", POINT_FORMS)
def test_columns_and_conditions(form, tmp_path):
    before = grid()
    path = FORMS[form].write(before, tmp_path)
    rows = [("number", ">", 100), ("half", "<", 60.0)]
    after = FORMS[form].read(path, columns=["text"], where=rows)
    keep = pc.and_(pc.greater(before.attributes["number"], 100), pc.less(before.attributes["half"], 60.0))
    assert after.attributes.column_names == ["text"]
    assert after.attributes["text"].to_pylist() == FORMS[form].attribute(
        before.attributes.filter(keep)["text"].to_pylist()
    )
    assert np.array_equal(after.geometry.x, before.geometry.x[np.asarray(keep)])
    assert after.read == len(after) + after.filtered
    either = FORMS[form].read(path, where=[[("number", "<", 3)], [("number", ">", 997)]])
    assert either.attributes["number"].to_pylist() == [0, 1, 2, 998, 999]
    alone = FORMS[form].read(path, columns=[])
    assert (alone.attributes.num_columns, alone.attributes.num_rows, len(alone)) == (0, 1000, 1000)
    swapped = FORMS[form].read(path, columns=["text", "number"]).attributes
    assert swapped.column_names == ["text", "number"]


def test_a_condition_of_the_wrong_type_is_named(tmp_path):
    path = FORMS["Arrow"].write(grid(), tmp_path)
    with pytest.raises(gs.ReadError, match="where: "):
        gs.read(path, where=[("number", ">", "a")])


@pytest.mark.parametrize("size", [1, 333, 1000, 5000])
@pytest.mark.parametrize("form", POINT_FORMS)
def test_batches_are_the_file(form, size, tmp_path):
    count = 1000 if size > 1 else 5
    before = grid()[:count]
    path = FORMS[form].write(before, tmp_path)
    batches = list(gs.read_batches(path, rows=size, **FORMS[form].reading))
    assert max(map(len, batches)) <= max(size, 1)
    assert np.array_equal(np.concatenate([one.geometry.x for one in batches]), before.geometry.x)
    numbers = [number for one in batches for number in one.attributes["number"].to_pylist()]
    assert numbers == list(range(count))
    assert sum(one.read for one in batches) == count


@pytest.mark.parametrize("form", POINT_FORMS)
def test_batches_of_a_file_without_rows(form, tmp_path):
    path = FORMS[form].write(with_attributes(column("points"))[:0], tmp_path)
    (batch,) = gs.read_batches(path, **FORMS[form].reading)
    assert (len(batch), batch.read) == (0, 0)


@pytest.mark.parametrize("form", ["GeoPackage", "FlatGeobuf", "shapefile"])
@pytest.mark.parametrize("at", [0, 3, 499, 999])
def test_batches_with_a_null(form, at, tmp_path):
    """GDAL's Arrow reader of FlatGeobuf gets nulls wrong, wherever they are."""
    before = grid()
    x, y = before.geometry.x.copy(), before.geometry.y.copy()
    valid = np.ones(1000, dtype=bool)
    x[at], y[at], valid[at] = np.nan, np.nan, False
    table = gs.Table(gs.GeometryColumn.from_points(x, y, "EPSG:4326", validity=valid), before.attributes)
    path = FORMS[form].write(table, tmp_path)
    assert gs.read(path).geometry.equals(table.geometry)
    batches = list(gs.read_batches(path, rows=250))
    assert np.array_equal(np.concatenate([one.geometry.is_null for one in batches]), ~valid)
    assert np.array_equal(np.concatenate([one.geometry.x for one in batches]), x, equal_nan=True)


def test_the_kind_of_the_first_batch_is_kept(tmp_path):
    rows = [shapely.Point(1, 2)] * 10 + [shapely.box(0, 0, 1, 1)] * 10
    frame = pytest.importorskip("geopandas").GeoDataFrame(geometry=rows, crs="EPSG:4326")
    frame.to_parquet(tmp_path / "file.parquet")
    batches = list(gs.read_batches(tmp_path / "file.parquet", rows=10, on_error="reject"))
    assert [(len(one), one.rejected.num_rows) for one in batches] == [(10, 0), (0, 10)]
    assert batches[1].rejected["row"].to_pylist() == list(range(10, 20))


def test_layers_of_a_geopackage(tmp_path):
    path = tmp_path / "file.gpkg"
    column("points").to_geopandas().to_file(path, layer="one")
    column("polygons").to_geopandas().to_file(path, layer="two")
    assert gs.read(path).geometry.type is gs.GeometryType.POINT
    assert gs.read(path, layer="two").geometry.equals(column("polygons"))
    with pytest.raises(gs.ReadError, match="three"):
        gs.read(path, layer="three")


def test_several_geometry_columns(tmp_path):
    path = tmp_path / "file.parquet"
    geopandas = pytest.importorskip("geopandas")
    points, polygons = column("points").to_geopandas(), column("polygons").to_geopandas()
    geopandas.GeoDataFrame({"point": points, "polygon": polygons}, geometry="point").to_parquet(path)
    assert gs.read(path).geometry.equals(column("points"))
    assert gs.read(path, geometry="polygon").geometry.equals(column("polygons"))


def test_usual_names_of_coordinates(tmp_path):
    for names in ("x,y", "lon,lat", "longitude,latitude"):
        path = tmp_path / "file.csv"
        path.write_text(f"n,{names}\n7,1,2\n")
        table = gs.read(path)
        assert (table.geometry.x[0], table.geometry.y[0]) == (1, 2)
        assert table.attributes.to_pydict() == {"n": [7]}


def test_covering_is_no_attribute(tmp_path):
    path = FORMS["GeoParquet, WKB and covering"].write(triangles(), tmp_path)
    assert "bbox" in pq.read_schema(path).names
    assert gs.read(path).attributes.column_names == ["number", "half", "text"]
    assert gs.read(path, columns=["bbox"]).attributes.column_names == ["bbox"]
