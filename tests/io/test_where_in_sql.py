"""Conditions that a GeoPackage checks itself: the rows that reading all would keep, with fewer read."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import sql

COLUMNS = {
    "n": [0, 1, -1, None, 2**53, 2**53 + 1, 7, 7, -(2**62)],
    "half": [0.5, -0.0, None, float("nan"), float("inf"), 2.0**53, 1e-300, 7.0, 0.1],
    'te"xt': ["a", "A", None, "", "it's", "é", "ab", '"', "a;--"],
    "flag": [True, False, None, True, True, False, False, None, True],
    "small": [1, 2, None, 4, 5, 6, 7, 8, 9],
}
TYPES = {"n": pa.int64(), "half": pa.float64(), 'te"xt': pa.string(), "flag": pa.bool_(), "small": pa.int16()}
SIZE = 9


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    attributes = pa.table({name: pa.array(values, TYPES[name]) for name, values in COLUMNS.items()})
    path = tmp_path_factory.mktemp("where") / "file.gpkg"
    gs.write(gs.Table(gs.GeometryColumn.from_points(range(SIZE), range(SIZE)), attributes), path)
    return path


def terms():
    """Conditions on each column: comparisons with values of its kind, stored or not."""
    kinds = {
        "n": st.integers(-(2**62), 2**62),
        "half": st.floats() | st.integers(-(2**53), 2**53),
        'te"xt': st.text(max_size=3),
        "flag": st.booleans(),
        "small": st.integers(-9, 9),
    }
    return st.one_of(
        _terms(name, st.sampled_from([one for one in COLUMNS[name] if one is not None]) | kinds[name])
        for name in COLUMNS
    )


def _terms(name, values):
    compared = st.tuples(st.just(name), st.sampled_from(["=", "==", "!=", "<", ">", "<=", ">="]), values)
    among = st.tuples(
        st.just(name), st.sampled_from(["in", "not in"]), st.lists(values, min_size=1, max_size=3)
    )
    return compared | among


CONDITIONS = st.lists(terms(), min_size=1, max_size=3)


@example(where=[("half", "not in", [-0.0])])
@example(where=[("half", "in", [-0.0])])
@example(where=[("half", "not in", [0])])
@given(where=CONDITIONS | st.lists(CONDITIONS, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_same_rows_as_after_reading(path, where):
    everything = gs.read(path).attributes
    try:
        expected = everything.filter(pq.filters_to_expression(where))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        with pytest.raises(gs.ReadError, match="where"):
            gs.read(path, where=where)
        return
    assert repr(gs.read(path, where=where).attributes.to_pylist()) == repr(expected.to_pylist())


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ([("n", "=", 7)], 2),
        ([("n", "=", 7), ("flag", "=", False)], 2),
        ([("half", ">", 1)], 3),
        ([('te"xt', "in", ["a", "it's"])], 2),
        ([('te"xt', "not in", ["a", "it's"])], 7),
        ([[("n", "=", 0)], [('te"xt', "=", "A")]], 2),
        ([[("n", "=", 0)], [("flag", "=", True)]], SIZE),
        ([("half", "=", float("nan"))], SIZE),
    ],
)
def test_fewer_rows_are_read(path, where, read):
    table = gs.read(path, where=where)
    assert table.read == read
    assert table.read == len(table) + table.filtered


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_columns_that_hold_what_they_should_not(path, tmp_path):
    """SQLite stores text in a column of numbers, and compares text as the column says."""
    odd = tmp_path / "odd.gpkg"
    odd.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(odd)) as database:
        for trigger in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger[0]}"')
        database.execute("update file set n = '7 sheep' where fid = 1")
        database.execute("update file set n = 1.5 where fid = 3")
        database.commit()
    everything = gs.read(odd).attributes
    for where in ([("n", "=", 7)], [("n", "=", 1)], [("n", "<", 3)], [("n", "not in", [7])]):
        expected = everything.filter(pq.filters_to_expression(where))["n"].to_pylist()
        assert gs.read(odd, where=where).attributes["n"].to_pylist() == expected


def test_texts_and_names_cannot_break_out():
    said = sql.where([('a"b', "=", "x' OR 1 --")], {'a"b': "OFTString"})
    assert said is not None
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute('create table t ("a""b" text)')
        database.executemany("insert into t values (?)", [["x' OR 1 --"], ["y"], [None]])
        assert database.execute(f"select * from t where {said}").fetchall() == [("x' OR 1 --",)]


@pytest.mark.parametrize("value", [None, float("nan"), 2**63, True, b"a", "a\0b", [1, None], []])
def test_what_cannot_be_said_is_left_unsaid(value):
    for type in ("OFTInteger64", "OFTReal", "OFTString", "OFTDate"):
        assert sql.where([("a", "in" if isinstance(value, list) else "=", value)], {"a": type}) is None
