"""Every form in which an argument may come gives the same column; every wrong one is refused by name."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from geometry.device import DeviceArray, FakeCupy, to_device
from geometry.samples import column

from groundspeed.engines import EngineUnavailable
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.inputs import (
    as_collections,
    as_coordinates,
    as_geometries,
    as_points,
    as_polygons,
    like,
    require_finite,
    require_same_crs,
)

X, Y = np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 7.0])
POINTS = shapely.points(X, Y)
SERIES = geopandas.GeoSeries(POINTS, index=["a", "b", "c"])

THREE_POINTS = {
    "column": GeometryColumn.from_points(X, Y),
    "GeoSeries": SERIES,
    "GeoDataFrame": SERIES.to_frame("geometry"),
    "GeometryArray": SERIES.array,
    "Shapely array": POINTS,
    "Shapely list": list(POINTS),
    "Shapely tuple": tuple(POINTS),
    "pandas Series of geometries": pd.Series(list(POINTS), dtype=object),
    "tuple of arrays": (X, Y),
    "tuple of lists": (X.tolist(), Y.tolist()),
    "tuple of Series": (pd.Series(X), pd.Series(Y)),
    "tuple of nullable Series": (pd.Series([0, 1, 2], dtype="Int64"), pd.Series(Y, dtype="Float64")),
    "tuple of Arrow arrays": (pa.array(X), pa.array(Y)),
    "tuple of integers": (X.astype(np.int8), Y.astype(np.uint64)),
    "array of pairs": np.column_stack([X, Y]),
    "list of pairs": np.column_stack([X, Y]).tolist(),
    "DataFrame": pd.DataFrame({"id": [1, 2, 3], "x": X, "y": Y}),
    "object with x and y": SimpleNamespace(x=X, y=Y),
    "Arrow table": pa.table({"id": [1, 2, 3], "x": X, "y": Y}),
    "GeoArrow": GeometryColumn.from_points(X, Y).to_arrow(),
    "GeoArrow capsules": SERIES.to_arrow(geometry_encoding="geoarrow"),
    "WKB": pa.array(shapely.to_wkb(POINTS)),
}


@pytest.mark.parametrize("form", THREE_POINTS)
def test_points_in_every_form(form):
    assert as_points(THREE_POINTS[form], "points").equals(GeometryColumn.from_points(X, Y))


def test_points_as_two_arguments():
    assert as_points(X, "points", y=Y).equals(GeometryColumn.from_points(X, Y))


@pytest.mark.parametrize("one", [shapely.Point(1, 2), (1, 2), [[1, 2]]])
def test_one_point(one):
    assert as_points(one, "origin").equals(GeometryColumn.from_points([1], [2]))


NO_POINTS = [
    [],
    ([], []),
    np.empty((0, 2)),
    geopandas.GeoSeries([]),
    np.array([], dtype=object),
    pd.DataFrame({"x": [], "y": []}),
]


@pytest.mark.parametrize("nothing", NO_POINTS)
def test_no_points(nothing):
    ours = as_points(nothing, "points")
    assert (len(ours), ours.type, ours.dtype) == (0, GeometryType.POINT, np.float64)


def test_nulls_only_are_of_the_type_asked_for():
    assert as_points(geopandas.GeoSeries([None]), "points").type is GeometryType.POINT
    assert as_polygons(geopandas.GeoSeries([None]), "polygons").type is GeometryType.POLYGON
    assert as_polygons(np.array([], dtype=object), "polygons").type is GeometryType.POLYGON


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_contiguous_floats_are_not_copied(dtype):
    x, y = np.arange(10, dtype=dtype), np.arange(10, dtype=dtype)
    ours = as_points((x, y), "points")
    assert ours.x is x
    assert ours.y is y
    assert as_coordinates(x=x, y=y)[0] is x
    series = pd.Series(x)
    assert np.shares_memory(as_points((series, y), "points").x, series.to_numpy())
    arrow = pa.array(x)
    assert np.shares_memory(as_points((arrow, y), "points").x, arrow.to_numpy())


def test_strided_floats_become_contiguous():
    assert as_points(np.ones((5, 2)), "points").x.flags.c_contiguous


def test_missing_numbers_are_nan():
    missing = {
        "pandas": pd.Series([1, None], dtype="Int64"),
        "Arrow": pa.array([1, None]),
        "masked": np.ma.masked_array([1, 2], [False, True]),
    }
    for name, values in missing.items():
        np.testing.assert_array_equal(as_coordinates(a=values)[0], [1, np.nan], err_msg=name)


BAD_POINTS = {
    "polygons": (column("polygons"), ValueError, "p must hold POINT geometries, got POLYGON"),
    "multipoints": (column("multipoints"), ValueError, "p must hold POINT geometries, got MULTIPOINT"),
    "lengths": (([1, 2], [1]), ValueError, "p: x and y must have equal length, got 2 and 1"),
    "triples": (np.ones((4, 3)), ValueError, r"p must be an array of shape \(n, 2\), got \(4, 3\); .*tuple"),
    "rows": (np.ones((2, 9)), ValueError, r"got \(2, 9\)"),
    "one dimension": (X, ValueError, r"got \(3,\)"),
    "ragged": ([[1, 2], [3]], ValueError, "p must be .* rows of different lengths"),
    "text": ("POINT (1 2)", TypeError, r"p must be .* got builtins.str"),
    "none": (None, TypeError, "p must be .* got builtins.NoneType"),
    "frame of other columns": (pd.DataFrame({"lon": X}), TypeError, "p: data has no GeoArrow .* only: lon"),
    "Z": ([shapely.Point(0, 0, 0)], ValueError, "p: row 0 has Z"),
    "mixed": (
        [shapely.Point(0, 0), shapely.box(0, 0, 1, 1)],
        ValueError,
        "p: row 1 is a POLYGON but row 0 is a POINT",
    ),
}


@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_points(name):
    value, error, message = BAD_POINTS[name]
    with pytest.raises(error, match=message):
        as_points(value, "p")


@pytest.mark.parametrize("name", ["polygons", "multipolygons", "polygons among multipolygons"])
def test_polygons_in_every_form(name):
    ours = column(name)
    for form in (
        ours,
        ours.to_geopandas(),
        ours.to_arrow("wkb"),
        ours.to_geopandas().to_frame("g").set_geometry("g"),
    ):
        assert as_polygons(form, "polygons").equals(ours)
    assert as_polygons(list(ours.to_shapely()), "polygons").equals(ours.set_crs(None))


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (column("points"), ValueError, "polygons must hold POLYGON or MULTIPOLYGON geometries, got POINT"),
        (X, TypeError, "polygons must be a GeometryColumn, .* got numpy.ndarray"),
        (None, TypeError, "polygons must be .* got builtins.NoneType"),
    ],
)
def test_bad_polygons(value, error, message):
    with pytest.raises(error, match=message):
        as_polygons(value, "polygons")


def test_geometries_of_any_type():
    assert as_geometries(column("linestrings"), "a").type is GeometryType.LINESTRING


A, B = [[0.0, 0.0], [1.0, 1.0]], [[5.0, 5.0]]
COLLECTIONS = {
    "lists": [A, B],
    "tuple of lists": (A, B),
    "arrays": [np.array(A), np.array(B)],
    "coordinates and offsets": ([0, 1, 5], [0, 1, 5], [0, 2, 3]),
    "multipoints": [shapely.MultiPoint(A), shapely.MultiPoint(B)],
    "points among multipoints": [shapely.MultiPoint(A), shapely.Point(B[0])],
    "GeoSeries": geopandas.GeoSeries([shapely.MultiPoint(A), shapely.MultiPoint(B)]),
}


@pytest.mark.parametrize("form", COLLECTIONS)
def test_collections_in_every_form(form):
    ours = as_collections(COLLECTIONS[form], "collections")
    assert ours.equals(GeometryColumn.from_ragged("multipoint", [0, 1, 5], [0, 1, 5], [0, 2, 3]))


def test_collections_from_lines_points_and_stacks():
    assert as_collections(shapely.LineString(A), "c").type is GeometryType.MULTIPOINT
    points = as_collections(column("points, nulls and empties"), "c")
    assert points.vertex_offsets.tolist() == [0, 0, 1, 1, 1, 2, 2]  # null and empty points hold no point
    assert not np.isnan(points.x).any()
    assert as_collections(np.ones((4, 3, 2)), "c").offsets[0].tolist() == [0, 3, 6, 9, 12]
    assert as_collections([A, [], B], "c").offsets[0].tolist() == [0, 2, 2, 3]
    assert as_collections([A, A, A], "c").offsets[0].tolist() == [0, 2, 4, 6]
    assert len(as_collections([], "c")) == 0
    assert as_collections(column("linestrings"), "c").crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            column("polygons"),
            ValueError,
            "c must hold POINT or MULTIPOINT or LINESTRING geometries, got POLYGON",
        ),
        ([A, [[1, 2, 3]]], ValueError, r"c\[1\] must be an array of shape \(n, 2\), got \(1, 3\)"),
        ([A, ["ab"]], TypeError, r"c\[1\] must be"),
        (
            ([0, 1], [0, 1], [0, 3]),
            ValueError,
            r"c: offsets\[0\] must end at the number of points, 2, but position 1",
        ),
        (([0, 1], [0, 1], [0, 1]), ValueError, "one element more than there are rows"),
        (X, TypeError, "c must be .* got numpy.ndarray"),
        ("abc", TypeError, "c must be .* got builtins.str"),
    ],
)
def test_bad_collections(value, error, message):
    with pytest.raises(error, match=message):
        as_collections(value, "c")


F32, F64, INT = np.ones(2, np.float32), np.ones(2), np.ones(2, np.int32)


@pytest.mark.parametrize(
    ("arrays", "dtype"),
    [
        ((F32, F32), np.float32),
        ((F32, F64), np.float64),
        ((INT, INT), np.float64),
        ((F32, INT), np.float64),
        ((F32, 1.5), np.float32),
        ((F32, np.float64(1.5)), np.float64),
        ((1, 2), np.float64),
        ((np.float32(1), np.float32(2)), np.float32),
        ((np.ones(2, np.float16), F32), np.float64),
        ((pd.Series([1, 2], dtype="Float32"), F32), np.float32),
        ((pd.Series([1, None], dtype="float[pyarrow]"), F32), np.float32),
        ((pd.Series([1, 2], dtype="Int8"), F64), np.float64),
        ((np.ones(2, ">f8"), F64), np.float64),
    ],
)
def test_dtype_rule(arrays, dtype):
    given = dict(zip("ab", arrays, strict=True))
    assert {array.dtype for array in as_coordinates(**given)} == {np.dtype(dtype)}


def test_scalars_are_repeated():
    a, b, c = as_coordinates(a=1, b=[1, 2, 3], c=np.array(5.0))
    assert a.tolist() == [1, 1, 1]
    assert b.tolist() == [1, 2, 3]
    assert c.tolist() == [5, 5, 5]
    assert [array.tolist() for array in as_coordinates(a=1, b=2)] == [[1], [2]]
    assert [len(array) for array in as_coordinates(a=1, b=[])] == [0, 0]


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        (
            {"lon1": [1, 2], "lat1": 0, "lon2": [1, 2, 3]},
            ValueError,
            "lon1 and lon2 must have equal length, got 2 and 3",
        ),
        ({"a": [1, 2], "b": [1]}, ValueError, "a and b must have equal length, got 2 and 1"),
        ({"a": [[1, 2]]}, ValueError, r"a must be 1-D or a number, got shape \(1, 2\); flatten"),
        ({"a": ["1"]}, TypeError, "a must hold real numbers"),
        ({"a": pd.Series(["1"])}, TypeError, "a must hold real numbers"),
        ({"a": pd.Series(["1"], dtype="category")}, TypeError, "a must hold real numbers"),
        ({"a": pd.Series([True], dtype="boolean")}, TypeError, "a must hold real numbers, got dtype"),
        ({"a": None}, TypeError, "a must hold real numbers, got dtype object"),
        ({"a": [True]}, TypeError, "a must hold real numbers, got dtype bool"),
    ],
)
def test_bad_coordinates(arrays, error, message):
    with pytest.raises(error, match=message):
        as_coordinates(**arrays)


def test_crs_must_agree():
    lonlat, utm, none = (column("points", crs) for crs in ("EPSG:4326", "EPSG:32633", None))
    require_same_crs(a=lonlat, b=lonlat)
    require_same_crs(a=lonlat, b=none)
    require_same_crs(a=none, b=lonlat, c=none)
    require_same_crs(a=lonlat, b=column("points", "OGC:CRS84"))
    with pytest.raises(ValueError, match=r"^b is in EPSG:4326 but c is in EPSG:32633; .*to_crs"):
        require_same_crs(a=none, b=lonlat, c=utm)


def test_values_must_be_finite():
    require_finite(a=X, b=column("points, nulls and empties"))
    with pytest.raises(ValueError, match="a: position 1 is nan, expected a finite number; drop or fill it"):
        require_finite(a=np.array([1, np.nan, np.inf]))
    with pytest.raises(ValueError, match="b: row 1 has a coordinate that is not finite"):
        require_finite(a=X, b=GeometryColumn.from_points([1, np.inf], [1, 2]))


def test_results_are_like_the_first_input():
    result = np.array([1.0, 2.0, 3.0])
    for value in (SERIES, SERIES.to_frame("geometry"), pd.Series(X, index=["a", "b", "c"])):
        wrapped = like(value, result)
        assert type(wrapped) is pd.Series
        assert wrapped.index.tolist() == ["a", "b", "c"]
    for value in (X, list(X), POINTS, GeometryColumn.from_points(X, Y), 1.0):
        assert like(value, result) is result


@pytest.fixture
def fake_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", FakeCupy("cupy"))


@pytest.mark.usefixtures("fake_gpu")
def test_device_arrays_stay_on_the_device():
    x, y = to_device(X), to_device(Y)
    ours = as_points((x, y), "points")
    assert ours.on_device
    assert ours.x is x or np.shares_memory(ours.x, x)
    assert isinstance(as_coordinates(x=x, y=5.0)[1], DeviceArray)
    assert isinstance(as_points(to_device(np.column_stack([X, Y])), "points").x, DeviceArray)
    assert as_collections((x, y, to_device([0, 1, 3])), "c").on_device
    taken = as_collections((x, y, to_device([0, 1, 3])), "c").take([1, 0])
    assert isinstance(taken.x, DeviceArray)
    assert isinstance(as_collections((x, y, [0, 1, 3]), "c").offsets[0], DeviceArray)
    assert repr(ours).endswith("on the GPU>")


@pytest.mark.usefixtures("fake_gpu")
def test_device_columns_come_back_to_the_host():
    ours = as_points((to_device(X), to_device(Y)), "points")
    assert type(ours.to_host().x) is np.ndarray
    assert ours.equals(GeometryColumn.from_points(X, Y))
    assert list(ours.to_shapely()) == list(POINTS)


def test_device_arrays_without_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(EngineUnavailable, match=r"needs CuPy; install it with: pip install"):
        as_coordinates(x=to_device(X))
