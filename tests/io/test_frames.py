"""Frames to tables and back to the same kind, without a copy where the layout allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from geometry.samples import ROWS, column
from requirements import need

import groundspeed as gs

X, Y = np.array([0.0, 1.5, -0.0]), np.array([5.0, 6.0, 7.0])


def dictionary() -> dict:
    return {"x": X, "y": Y, "name": np.array(["a", "b", "c"], dtype=object)}


def polars_frame():
    need("polars")
    import polars

    return polars.DataFrame({"x": X, "y": Y, "name": ["a", "b", "c"]})


def geopandas_frame():
    import geopandas

    return geopandas.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapely.points(X, Y), crs="EPSG:4326")


FRAMES = {
    "dictionary": dictionary,
    "pandas": lambda: pd.DataFrame(dictionary()),
    "pandas on Arrow": lambda: pd.DataFrame(dictionary()).convert_dtypes(dtype_backend="pyarrow"),
    "polars": polars_frame,
    "Arrow": lambda: pa.table(dictionary()),
    "GeoPandas": geopandas_frame,
}


@pytest.mark.parametrize("name", FRAMES)
def test_same_kind_out_with_the_same_values(name):
    frame = FRAMES[name]()
    table = gs.Table.from_frame(frame)
    assert table.geometry.equals(gs.GeometryColumn.from_points(X, Y, table.geometry.crs))
    assert table.attributes.to_pydict() == {"name": ["a", "b", "c"]}
    after = table[[2, 0]].to_like(frame)
    assert type(after) is type(frame)
    again = gs.Table.from_frame(after)
    assert again.geometry.equals(table.geometry.take([2, 0]))
    assert again.attributes["name"].to_pylist() == ["c", "a"]


@pytest.mark.parametrize("name", ["dictionary", "pandas", "polars", "Arrow"])
def test_coordinates_stay_where_they_are(name):
    frame = FRAMES[name]()
    table = gs.Table.from_frame(frame)
    before = {
        "dictionary": lambda: frame["x"],
        "pandas": lambda: frame["x"].to_numpy(),
        "polars": lambda: frame["x"].to_numpy(),
        "Arrow": lambda: frame["x"].chunk(0).to_numpy(),
    }[name]()
    assert np.shares_memory(table.geometry.x, before)


def test_coordinates_of_a_mixed_pandas_frame_stay_where_they_are():
    frame = pd.DataFrame({"n": [1, 2, 3], "lon": X, "lat": Y, "s": list("abc")})
    table = gs.Table.from_frame(frame)
    assert np.shares_memory(table.geometry.x, frame["lon"].to_numpy())
    assert np.shares_memory(table.geometry.y, frame["lat"].to_numpy())


def test_coordinates_go_to_arrow_and_back_without_a_copy():
    points = gs.GeometryColumn.from_points(X, Y)
    arrow = gs.Table(points, pa.table({"n": [1, 2, 3]})).to_arrow()
    assert np.shares_memory(gs.Table.from_frame(arrow).geometry.x, X)


def test_arrow_file_is_mapped_not_copied(tmp_path):
    path = tmp_path / "file.arrow"
    gs.write(gs.GeometryColumn.from_points(np.arange(1e5), np.arange(1e5)), path)
    allocated = pa.total_allocated_bytes()
    column = gs.read(path).geometry
    assert not column.x.flags.owndata
    assert pa.total_allocated_bytes() - allocated < 1e5


class OnlyDlpack:
    """An array of some other library."""

    def __init__(self, array):
        self.array = array

    def __len__(self):
        return len(self.array)

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_dlpack_without_a_copy():
    table = gs.Table.from_frame({"x": OnlyDlpack(X), "y": OnlyDlpack(Y), "n": OnlyDlpack(np.arange(3))})
    assert np.shares_memory(table.geometry.x, X)
    assert table.attributes["n"].to_pylist() == [0, 1, 2]


class OnlyCapsules:
    """A table of some other library."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def test_anything_with_an_arrow_stream():
    arrow = gs.Table(column("polygons"), pa.table({"n": [1, 2]})).to_arrow()
    table = gs.Table.from_frame(OnlyCapsules(arrow))
    assert table.geometry.equals(column("polygons"))
    assert table.attributes.to_pydict() == {"n": [1, 2]}


@pytest.mark.parametrize("name", ROWS)
def test_every_sample_through_geopandas_and_arrow(name):
    before = column(name)
    table = gs.Table(before, pa.table({"n": pa.array(range(len(before)), pa.int64())}), name="shape")
    assert gs.Table.from_frame(table.to_arrow("wkb")).geometry.equals(before)
    frame = table.to_geopandas()
    assert frame.active_geometry_name == "shape"
    after = gs.Table.from_frame(frame)
    assert after.attributes.to_pydict() == table.attributes.to_pydict()
    if len(before) and not before.is_null.all():  # GeoPandas has no type for nothing
        assert after.geometry.equals(before)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_polygons_in_frames_without_geometry_are_wkb(kind):
    if kind == "polars":
        need("polars")
    table = gs.Table(column("polygons, nulls and empties"), pa.table({"n": range(5)}))
    frame = getattr(table, f"to_{kind}")()
    after = gs.Table.from_frame(frame, geometry="geometry", crs="EPSG:4326")
    assert after.geometry.equals(table.geometry)
    assert after.attributes.to_pydict() == table.attributes.to_pydict()


def test_null_points_are_missing_in_frames():
    points = gs.GeometryColumn.from_wkt(["POINT (1 2)", None, "POINT EMPTY"])
    table = gs.Table(points, pa.table({"n": [1, 2, 3]}))
    arrow = table.to_polars().to_arrow() if not _absent("polars") else None
    if arrow is not None:
        assert arrow["x"].null_count == 1
        assert gs.Table.from_frame(table.to_polars()).geometry.equals(points)
    assert table.to_pandas()["x"].isna().tolist() == [False, True, True]


def _absent(module: str) -> bool:
    from requirements import missing

    return bool(missing(module))


def test_text_and_shapely_in_pandas():
    frame = pd.DataFrame({"g": ["POINT (1 2)", None], "n": [1, 2]})
    assert gs.Table.from_frame(frame, geometry="g").geometry.is_null.tolist() == [False, True]
    frame = pd.DataFrame({"g": [shapely.Point(1, 2), None], "n": [1, 2]})
    assert gs.Table.from_frame(frame, geometry="g", crs="EPSG:4326").geometry.crs is not None


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        ({"a": [1.0]}, {}, "no geometry and no columns x and y, only: a"),
        ({"x": [1.0], "y": [1.0]}, {"geometry": "shape"}, "no column 'shape'"),
        ({"x": [1.0], "y": [1.0]}, {"x": "lon", "y": "lat"}, "no column 'lon'"),
        ({"x": ["a"], "y": [1.0]}, {}, "real numbers"),
        ([1, 2], {}, "frame must be a GeoDataFrame"),
        (np.zeros((3, 2)), {}, "frame must be a GeoDataFrame"),
    ],
)
def test_bad_frames_are_named(frame, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        gs.Table.from_frame(frame, **options)


def test_bad_rows_of_arrow_frames_are_named():
    table = pa.table({"x": [1.0, None], "y": [1.0, 2.0]})
    with pytest.raises(ValueError, match="row 1, column 'x'"):
        gs.Table.from_frame(table)


def test_a_table_must_add_up():
    points = gs.GeometryColumn.from_points([1.0], [2.0])
    with pytest.raises(ValueError, match="one row per geometry: expected 1, got 2"):
        gs.Table(points, pa.table({"n": [1, 2]}))
    with pytest.raises(
        ValueError, match=r"2 records were read, but 1 kept \+ 0 rejected \+ 0 filtered are 1"
    ):
        gs.Table(points, pa.table({"n": [1]}), read=2)


def test_rows_of_a_table():
    table = gs.Table.from_frame(dictionary())
    assert table[1:].attributes["name"].to_pylist() == ["b", "c"]
    assert table[np.array([True, False, True])].geometry.y.tolist() == [5, 7]
    assert table[::-1].geometry.y.tolist() == [7, 6, 5]
    with pytest.raises(IndexError):
        table[[3]]


def test_names_that_clash_are_refused():
    table = gs.Table(gs.GeometryColumn.from_points(X, Y), pa.table({"x": [1, 2, 3]}))
    with pytest.raises(ValueError, match="already has an attribute 'x'"):
        table.to_pandas()


INDEXES = {
    "named": (pd.Index([30, 10, 20], name="id"), ["id"]),
    "named and counting": (pd.RangeIndex(3, name="id"), ["id"]),
    "of text": (pd.Index(["c", "a", "b"]), ["index"]),
    "of dates": (pd.date_range("2020-01-01", periods=3), ["index"]),
    "of levels": (
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["k", None]),
        ["k", "level_1"],
    ),
    "counting": (pd.RangeIndex(3), []),
    "left over from a selection": (pd.Index([4, 7, 9]), []),
}


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("kind", ["pandas", "geopandas"])
def test_an_index_that_says_something_is_not_lost(kind, name):
    index, names = INDEXES[name]
    columns = {"n": [1, 2, 3], "x": [0.0, 1.0, 2.0], "y": [5.0, 6.0, 7.0]}
    frame = pd.DataFrame(columns, index=index)
    if kind == "geopandas":
        geopandas = pytest.importorskip("geopandas")
        places = geopandas.points_from_xy(frame.pop("x"), frame.pop("y"))
        frame = geopandas.GeoDataFrame(frame, geometry=places, crs="EPSG:4326")
    table = gs.Table.from_frame(frame)
    assert table.attributes.column_names == ["n", *names]
    chosen = table[[2, 0]].to_like(frame)
    expected = frame.iloc[[2, 0]] if names else frame.iloc[[2, 0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(chosen), pd.DataFrame(expected), check_freq=False)


def test_an_index_is_written_to_files(tmp_path):
    frame = pd.DataFrame({"x": [0.0], "y": [1.0]}, index=pd.Index(["Paris"], name="city"))
    gs.write(frame, tmp_path / "file.csv")
    assert gs.read(tmp_path / "file.csv").attributes["city"].to_pylist() == ["Paris"]


def test_an_index_named_like_a_column_is_refused():
    frame = pd.DataFrame({"x": [0.0], "y": [1.0], "id": [1]}, index=pd.Index([5], name="id"))
    with pytest.raises(ValueError, match="the index and a column are both named 'id'; rename one"):
        gs.Table.from_frame(frame)
