"""Values of attributes come back from every format, or the writer says which one would not."""

from __future__ import annotations

import datetime
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
from file_forms import FORMS

import groundspeed as gs
from groundspeed.io import round_trip

GDAL = ("shapefile", "GeoPackage", "FlatGeobuf", "GeoJSON")
WHEN = datetime.datetime(2020, 1, 2, 3, 4, 5)
NEWER = ("GeoJSON",) if pyogrio.__gdal_version__ >= (3, 12) else ()
"""Loses what GDAL 3.11 still kept."""
LOST = {  # name: values, the row that is lost, and the forms that lose it
    "long text": (["b", "a" * 255], 1, ("shapefile",)),
    "long text in few letters": (["é" * 200], 0, ("shapefile",)),
    "text with an end in it": (["b", "a\0b"], 1, GDAL),
    "small": ([1.0, 1e-20], 1, ("shapefile",)),
    "large": ([1.0, 1e300], 1, ("shapefile",)),
    "large float32": (np.array([1, 3e38], np.float32), 1, ("shapefile",)),
    "infinite": ([1.0, np.inf], 1, ("GeoJSON",)),
    "large integer": ([1, 2**60 + 1], 1, ("shapefile",)),
    "large integers": ([2**60 + 1, -(2**63)], 0, ("shapefile", *NEWER)),
    "larger integer": (np.array([1, 2**64 - 1], np.uint64), 1, GDAL),
    "microseconds": ([WHEN, WHEN.replace(microsecond=123_456)], 1, GDAL),
    "nanoseconds": (pa.array([1], pa.timestamp("ns")), 0, GDAL),
    "bytes": ([b"x"], 0, ("shapefile", "GeoJSON")),
    "lists": ([None, [1]], 1, ("shapefile", "GeoPackage", "FlatGeobuf")),
}
KEPT = {
    "text": ["a" * 254, "", None, "é\n\"quoted\", 'too'"],
    "integers": [2**53, -(2**53), None],
    "unsigned": np.array([2**32 - 1, 0], np.uint32),
    "floats": [0.1, -2.5e-7, np.nan, 1e15],
    "milliseconds": [WHEN, WHEN.replace(microsecond=123_000), None],
    "zone": pd.Series([WHEN]).dt.tz_localize("Asia/Kolkata"),
    "dates": [WHEN.date(), None],
    "truths": [True, None, False],
    "categories": pa.array(["a", "b", "a"]).dictionary_encode(),
    "nothing": [None, None],
}


def table(values):
    attribute = pa.array(values)
    return gs.Table(
        gs.GeometryColumn.from_points(*np.zeros((2, len(attribute))), "EPSG:4326"), pa.table({"a": attribute})
    )


@pytest.mark.parametrize("form", GDAL)
@pytest.mark.parametrize("name", LOST)
def test_what_would_be_changed_is_refused(name, form, tmp_path):
    values, row, losers = LOST[name]
    before = table(values)
    if form not in losers:
        path = FORMS[form].write(before, tmp_path)
        same = round_trip._same_values(
            *(pa.concat_arrays(one.attributes["a"].chunks) for one in (before, gs.read(path)))
        )
        assert same.all()
        return
    with pytest.raises(
        ValueError, match=rf"row {row}, column 'a': .+ would keep .+ of .+; change, rename or drop"
    ):
        FORMS[form].write(before, tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("form", GDAL)
@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_is_not_refused(name, form, tmp_path):
    before = table(KEPT[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = FORMS[form].write(before, tmp_path)
    found = gs.read(path).attributes["a"]
    was = before.attributes["a"].to_pylist()
    assert found.null_count >= sum(one is None for one in was)
    if name in ("integers", "unsigned", "truths", "categories") or (name == "text" and form != "shapefile"):
        assert found.to_pylist() == was
    if name == "floats":
        assert found.cast(pa.float64()).fill_null(np.nan).to_pylist() == pytest.approx(
            was, rel=1e-14, nan_ok=True
        )


def test_what_comes_back_under_no_name_is_refused(tmp_path):
    nested = table([{"b": 1}, None])
    for form in GDAL:
        with pytest.raises(ValueError, match="column 'a' of struct<b: int64> does not come back from"):
            FORMS[form].write(nested, tmp_path)


def test_rows_that_an_index_puts_in_order_are_compared_too(tmp_path):
    x = np.random.default_rng(1).random(100)
    for values, sound in ((np.arange(100), True), (["a"] * 99 + ["a\0"], False)):
        mixed = gs.Table(gs.GeometryColumn.from_points(x, x), pa.table({"a": values}))
        path = tmp_path / "file.fgb"
        if sound:
            gs.write(mixed, path, SPATIAL_INDEX="YES")
            assert sorted(gs.read(path).attributes["a"].to_pylist()) == list(range(100))
            assert gs.read(path).attributes["a"].to_pylist() != list(range(100))
        else:
            with pytest.raises(ValueError, match="row 99, column 'a'"):
                gs.write(mixed, path, SPATIAL_INDEX="YES")


@pytest.mark.parametrize("values", [[[1, 2]], [{"b": 1}]])
def test_csv_names_what_it_cannot_hold(values, tmp_path):
    with pytest.raises(ValueError, match=r"file\.csv: CSV cannot hold it .*; drop or convert the attribute"):
        gs.write(table(values), tmp_path / "file.csv")


def test_a_second_geometry_is_refused_by_name():
    geopandas = pytest.importorskip("geopandas")
    points = geopandas.points_from_xy([0], [1])
    frame = geopandas.GeoDataFrame({"home": geopandas.GeoSeries(points)}, geometry=points)
    with pytest.raises(ValueError, match=r"column 'home' holds geometries too.*frame\.assign\(home="):
        gs.Table.from_frame(frame)
    assert (
        gs.Table.from_frame(frame.assign(home=frame["home"].to_wkb())).attributes["home"].type == pa.binary()
    )
