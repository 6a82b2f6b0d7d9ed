"""Bad records in CSV: cells, numbers and text."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
import shapely
from bad_records import HALF, reject, rejected

import groundspeed as gs


def ONE(row):
    return row, "", "1 cells, expected 2"


def THREE(row):
    return row, "", "3 cells, expected 2"


CSV = {
    "a number that is none": ("x,y\n1,2\na,2\n3,4\n", [(1, "x", "not a number")], 2),
    "decimal comma": ('x,y\n1,2\n"1,5",2\n', [(1, "x", "not a number")], 1),
    "hexadecimal": ("x,y\n0x10,2\n", [(0, "x", "not a number")], 0),
    "both axes bad is one record": ("x,y\na,b\n", [(0, "x", "not a number")], 0),
    "too few cells": ("x,y,n\n1,2\n3,4,5\n", [(0, "", "2 cells, expected 3")], 1),
    "too many cells": ("x,y\n1,2\n3,4,5\n5,6\n", [(1, "", "3 cells, expected 2")], 2),
    "cells and numbers": ("x,y\n1\na,2\n3,4\n5,6,7\n", [ONE(0), (1, "x", "not a number"), THREE(3)], 1),
    "only bad records": ("x,y\n1\n2\n", [ONE(0), ONE(1)], 0),
    "one coordinate missing": ("x,y\n1,\n3,4\n", [(0, "y", HALF)], 1),
    "half NaN": ("x,y\nnan,1\n1,1\n", [(0, "x", "a coordinate is not finite")], 1),
    "infinity": ("x,y\n1,-inf\n1,1\n", [(0, "x", "a coordinate is not finite")], 1),
    "too large for a double": ("x,y\n1e999,1\n", [(0, "x", "a coordinate is not finite")], 0),
    "cut short in a record": ("x,y,n\n1,2,3\n4,5", [(1, "", "2 cells, expected 3")], 1),
    "cut short in quotes": ('x,y,n\n1,2,a\n4,"5', [(1, "", "2 cells, expected 3")], 1),
    "missing is null": ("x,y\n,\n3,4\n", [], 2),
    "NaN and NaN is an empty point": ("x,y\nNaN,nan\n3,4\n", [], 2),
    "blank lines are no records": ("x,y\n\n1,2\n\n3,4\n\n", [], 2),
    "spaces around numbers": ("x,y\n 1 ,2\n", [], 1),
    "every way to write a number": ("x,y\n+1,-2.\n.5,1E3\n1e-06,0\n", [], 3),
    "no records": ("x,y\n", [], 0),
    "no newline at the end": ("x,y\n1,2", [], 1),
    "Windows lines": ("x,y\r\n1,2\r\n", [], 1),
    "byte order mark": ("\ufeffx,y\n1,2\n", [], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv_records(name, tmp_path):
    text, bad, kept = CSV[name]
    path = tmp_path / "file.csv"
    path.write_text(text)
    table = reject(path)
    assert rejected(table) == bad
    assert len(table) == kept


def test_csv_raw_text_is_kept(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("x,y\n1,2,3,4\n??,2\n")
    assert reject(path).rejected["raw"].to_pylist() == ["1,2,3,4", "??"]


def test_csv_not_utf8(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("x,y,name\n1,2,é\n3,4,ok\n".encode("latin-1"))
    table = reject(path)
    assert rejected(table) == [
        (0, "name", "not UTF-8 text at byte 0; if the file is Latin-1, pass encoding='latin-1'")
    ]
    assert gs.read(path, encoding="latin-1").attributes["name"].to_pylist() == ["é", "ok"]
    with pytest.raises(gs.ReadError, match=r"file\.csv"):
        gs.read(path, encoding="ascii")


def test_csv_bad_text_in_a_column_nobody_asked_for(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("x,y,name\n1,2,é\n3,4,ok\n".encode("latin-1"))
    assert len(reject(path, columns=[])) == 2


def test_only_an_empty_cell_is_missing(tmp_path):
    """NA is Namibia."""
    path = tmp_path / "file.csv"
    text = 'x,y,code\n1,2,NA\n1,2,null\n1,2,\n1,2,""\n1,2,nan\n'
    expected = ["NA", "null", None, "", "nan"]
    path.write_text(text)
    assert gs.read(path).attributes["code"].to_pylist() == expected
    path.write_text(text + "rubbish\n")
    assert reject(path).attributes["code"].to_pylist() == expected


def test_csv_wkt(tmp_path):
    path = tmp_path / "file.csv"
    rows = ["POLYGON ((0 0, 1 0, 1 1, 0 0))", "POLYGON ((0 0, 1 0, 1 1))", "POINT (1 1)", "rubbish", ""]
    path.write_text("n;shape\n" + "".join(f"{n};{row}\n" for n, row in enumerate(rows)))
    table = reject(path, wkt="shape", delimiter=";")
    assert [one[:2] for one in rejected(table)] == [(1, "shape"), (2, "shape"), (3, "shape")]
    assert table.rejected["reason"][1].as_py().startswith("a Point among polygons")
    assert table.attributes["n"].to_pylist() == [0, 4]
    assert table.geometry.is_null.tolist() == [False, True]


def test_csv_attribute_that_changes_its_type(tmp_path):
    """pyarrow looks at the first megabyte only; what comes later is neither lost nor the end of it."""
    path = tmp_path / "file.csv"
    lines = [f"{n}.5,2,{n}" for n in range(200_000)]
    path.write_text("\n".join(["x,y,n", *lines, "1,2,late text", ""]))
    with pytest.raises(pa.ArrowInvalid):
        pacsv.open_csv(path).read_all()
    table = gs.read(path)
    assert table.attributes["n"].to_pylist()[-2:] == ["199999", "late text"]
    assert np.array_equal(table.geometry.x[:-1], np.arange(200_000) + 0.5)
    *_, last = gs.read_batches(path, rows=100_000, on_error="reject")
    assert rejected(last) == [(200_000, "n", "not int64, as in the rows before")]


def test_csv_types_are_those_of_the_first_batch_with_rows(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("x,y,n\n1,2,3\nrubbish,2,z\n5,6,late\n7,8,\n")
    batches = list(gs.read_batches(path, rows=1, on_error="reject"))
    assert [one.attributes["n"].to_pylist() for one in batches] == [[3], [], [], [None]]
    assert {one.attributes.schema.field("n").type for one in batches} == {pa.int64()}
    assert [row for one in batches for row in rejected(one)] == [
        (1, "n", "not int64, as in the rows before"),
        (2, "n", "not int64, as in the rows before"),
    ]


def test_csv_rows_are_numbered_across_blocks(tmp_path):
    path = tmp_path / "file.csv"
    lines = [f"{n},2,{n}" for n in range(300_000)]
    lines[5], lines[150_000], lines[299_999] = "1,2", "1,2,3,4", "x,2,3"
    path.write_text("\n".join(["x,y,n", *lines]))
    expected = [5, 150_000, 299_999]
    table = gs.read(path, on_error="reject")
    assert table.rejected["row"].to_pylist() == expected
    assert table.attributes["n"].to_numpy().tolist() == np.delete(np.arange(300_000), expected).tolist()
    batches = list(gs.read_batches(path, rows=70_000, on_error="reject"))
    assert [row for one in batches for row in one.rejected["row"].to_pylist()] == expected
    assert sum(one.read for one in batches) == 300_000
    assert np.array_equal(np.concatenate([one.geometry.x for one in batches]), table.geometry.x)


def test_csv_records_longer_than_a_block(tmp_path):
    path = tmp_path / "file.csv"
    circle = shapely.Point(0, 0).buffer(1, quad_segs=40_000)
    path.write_text(f'g\n"{circle.wkt}"\n"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')
    assert path.stat().st_size > 1 << 21
    table = gs.read(path, wkt="g")
    assert shapely.equals_exact(table.geometry[0], shapely.from_wkt(circle.wkt))
    assert [len(one) for one in gs.read_batches(path, rows=1, wkt="g")] == [1, 1]


def test_csv_compressed(tmp_path):
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"x,y\n1,2\n3,z\n"))
    assert rejected(reject(path)) == [(1, "y", "not a number")]
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(gs.ReadError, match=r"file\.csv\.gz"):
        gs.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no header line"),
        ("a,b\n1,2\n", "no columns x and y among a, b"),
        ("x,x,y\n1,2,3\n", "appears 2 times"),
        ("\0\0\0\0", "no columns|no header"),
    ],
)
def test_csv_files_without_sense(text, message, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(gs.ReadError, match=message):
        gs.read(path, on_error="reject")
