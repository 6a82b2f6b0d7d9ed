"""Damaged files and arguments that do not fit: nothing is lost in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from bad_records import reject, rejected
from file_forms import FORMS, with_attributes
from geometry.samples import column

import groundspeed as gs


@pytest.mark.parametrize("form", [name for name in FORMS if not name.startswith(("CSV", "TSV"))])
@pytest.mark.parametrize("left", [0.0, 0.001, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_cut_files_lose_nothing_in_silence(form, left, tmp_path):
    points = gs.GeometryColumn.from_points(np.arange(500.0), np.arange(500.0), "EPSG:4326")
    path = FORMS[form].write(with_attributes(points), tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * left)])
    try:
        table = FORMS[form].read(path, on_error="reject")
    except gs.ReadError as error:
        assert str(error).startswith(str(path))
        return
    assert table.read == 500
    assert table.rejected.num_rows > 0
    good = table.geometry.x[~table.geometry.is_null]
    assert np.isin(good, points.x).all()
    assert not table.geometry.is_null.any()


@pytest.mark.parametrize(("promised", "message"), [(2**30, "header is damaged"), (780, None)])
def test_a_header_that_promises_more(promised, message, tmp_path):
    x = np.arange(777.0)
    path = FORMS["FlatGeobuf"].write(gs.GeometryColumn.from_points(x, x, "EPSG:4326"), tmp_path)
    data = path.read_bytes()
    assert data.count(np.uint64(777).tobytes()) == 1
    path.write_bytes(data.replace(np.uint64(777).tobytes(), np.uint64(promised).tobytes()))
    if message:
        with pytest.raises(gs.ReadError, match=message):
            gs.read(path, on_error="reject")
        return
    table = reject(path)
    assert table.rejected["row"].to_pylist() == [777, 778, 779]
    assert len(table) == 777


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_parts_of_a_shapefile(part, tmp_path):
    path = FORMS["shapefile"].write(with_attributes(column("points")), tmp_path)
    sibling = path.with_suffix(part)
    sibling.write_bytes(sibling.read_bytes()[:-9])
    with pytest.raises(gs.ReadError, match="cut short"):
        gs.read(path)
    path.with_suffix(".shx").unlink()
    with pytest.raises(gs.ReadError, match=r"\.shx is missing"):
        gs.read(path)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_damaged_geometry_in_a_geopackage(tmp_path):
    path = FORMS["GeoPackage"].write(with_attributes(column("points, nulls and empties")), tmp_path)
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE file SET geometry = x'4750' WHERE fid = 2")
        database.commit()
    table = reject(path)
    assert rejected(table) == [(2, "geometry", "the geometry is damaged or cut short")]
    assert table.attributes["number"].to_pylist() == [0, 2, 3, 4, 5]


def test_damaged_page_in_parquet(tmp_path):
    points = gs.GeometryColumn.from_points(np.arange(500.0), np.arange(500.0))
    path = tmp_path / "file.parquet"
    gs.write(points, path, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(250.0).tobytes()) + 6] ^= 1
    path.write_bytes(data)
    with pytest.raises(gs.ReadError, match="damaged"):
        gs.read(path)


def test_missing_files_and_columns_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv: no such file"):
        gs.read(tmp_path / "nowhere.csv")
    for form in ("CSV, x and y", "GeoParquet, WKB", "Arrow", "shapefile", "GeoJSON"):
        path = FORMS[form].write(with_attributes(column("points")), tmp_path)
        with pytest.raises(ValueError, match="column 'height' is not in the file"):
            gs.read(path, columns=["height"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": "n"}, "columns must be a list"),
        ({"x": "x"}, "x and y go together"),
        ({"bounds": (0, 0, 1)}, "bounds must be"),
        ({"bounds": (1, 0, 0, 1)}, "min x 1.0 is greater than max x 0.0"),
        ({"bounds": (0, np.nan, 0, 1)}, "bounds must be"),
        ({"where": []}, "where must be conditions"),
        ({"where": "n > 3"}, "where must be conditions"),
        ({"where": [("n", "about", 3)]}, "where must be conditions"),
        ({"type": "circle"}, "type must be one of"),
        ({"crs": "EPSG:0"}, "crs 'EPSG:0' is not understood"),
        ({"on_error": "ignore"}, "on_error must be"),
    ],
)
def test_arguments_are_checked_first(options, message, tmp_path):
    with pytest.raises((ValueError, TypeError), match=message):
        gs.read(tmp_path / "nowhere.csv", **options)
