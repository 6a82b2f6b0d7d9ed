"""Points decoded while row groups are read: the same table as if decoded afterwards."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from file_forms import with_attributes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import points as unpacking
from groundspeed.io import row_groups
from groundspeed.io.encodings import Wkb

POINT = shapely.to_wkb(shapely.Point(1, 2))
OTHERS = {
    "a polygon": shapely.to_wkb(shapely.box(0, 0, 1, 1)),
    "Z": shapely.to_wkb(shapely.Point(1, 2, 3)),
    "big-endian": shapely.to_wkb(shapely.Point(3, 4), byte_order=0),
    "EWKB": shapely.to_wkb(shapely.set_srid(shapely.Point(5, 6), 4326), include_srid=True),
    "no bytes": b"",
    "damaged": POINT[:-1],
}
ENCODINGS = ["wkb", "native", "geoarrow", "xy"]
ROWS = st.lists(st.none() | st.tuples(st.floats(), st.floats(-9, 9)), max_size=30)


@pytest.fixture
def early(monkeypatch):
    """What was found where points were to be decoded while they were read."""
    found = []

    def chunk(*arguments):
        found.append(chunk_of(*arguments))
        return found[-1]

    chunk_of = row_groups.chunk
    monkeypatch.setattr(row_groups, "chunk", chunk)
    return found


def points(n: int = 100) -> gs.Table:
    """Points (row, -row), every seventh null."""
    rows = np.arange(float(n))
    null = rows % 7 == 3
    x, y = (np.where(null, np.nan, axis) for axis in (rows, -rows))
    return with_attributes(gs.GeometryColumn.from_points(x, y, "EPSG:4326", validity=~null))


def later(path, **options) -> gs.Table:
    """The file as one batch, which is decoded when it has been read."""
    (table,) = gs.read_batches(path, rows=10**6, **options)
    return table


def assert_same(one: gs.Table, other: gs.Table) -> None:
    assert one.geometry.equals(other.geometry)
    assert one.geometry.crs == other.geometry.crs
    assert one.attributes.to_pylist() == other.attributes.to_pylist()
    assert one.rejected.equals(other.rejected)
    assert (one.read, one.filtered, one.name) == (other.read, other.filtered, other.name)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("options", [{}, {"columns": []}, {"columns": ["number"]}, {"crs": "EPSG:3857"}])
@pytest.mark.parametrize("size", [1, 33, 99, 100])
def test_groups_side_by_side(size, options, encoding, early, tmp_path):
    path = tmp_path / "file.parquet"
    gs.write(points(), path, encoding=encoding, row_group_size=size)
    assert_same(gs.read(path, **options), later(path, **options))
    assert len(early) == (size < 100)
    assert None not in early


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 31), st.integers(1, 5))
def test_any_points_in_any_groups_and_pieces(tmp_path, encoding, rows, size, piece):
    path = tmp_path / "file.parquet"
    x, y = np.array([(np.nan, np.nan) if row is None else row for row in rows]).reshape(-1, 2).T
    valid = np.array([row is not None for row in rows], bool)
    gs.write(
        gs.GeometryColumn.from_points(x, y, validity=valid), path, encoding=encoding, row_group_size=size
    )
    with pytest.MonkeyPatch.context() as patch:
        for kind, (unpack, _) in unpacking.UNPACK.items():
            patch.setitem(unpacking.UNPACK, kind, (unpack, piece))
        after = gs.read(path, on_error="reject")
    assert_same(after, later(path, on_error="reject"))
    assert after.read == len(rows)
    finite = [row for row in rows if row is None or np.isfinite(row[0])]
    assert len(after) >= len(finite)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()], ids=str)
def test_kinds_of_bytes(kind, early, tmp_path):
    write_as_points([POINT, None, POINT], tmp_path / "file.parquet", kind=kind, row_group_size=2)
    after = gs.read(tmp_path / "file.parquet")
    assert_same(after, later(tmp_path / "file.parquet"))
    assert None not in early


STRUCT = pa.struct([("x", pa.float64()), ("y", pa.float64())])
COLUMNS = {
    "one coordinate missing": {"x": [0.0, 1, 2, None], "y": [0.0, 1, 2, 3]},
    "the other missing": {"x": [0.0, 1, 2, 3], "y": [None, 1.0, 2, 3]},
    "one missing here, the other there": {"x": [None, 1.0, 2, 3], "y": [0.0, None, 2, 3]},
    "integers": {"x": [0, 1, 2, 3], "y": [0, 1, 2, 3]},
    "float32": {axis: pa.array([0, 1, 2, 3], pa.float32()) for axis in "xy"},
    "two kinds": {"x": pa.array([0, 1, 2, 3], pa.float32()), "y": [0.0, 1, 2, 3]},
    "text": {"x": ["0", "1", "2", "3"], "y": [0.0, 1, 2, 3]},
    "only nulls": {axis: pa.nulls(4, pa.float64()) for axis in "xy"},
}


def outcome(read) -> list:
    """All that a caller can see, or the error."""
    try:
        table = read()
    except gs.ReadError as error:
        return [str(error)]
    arrays = [table.geometry.x.tobytes(), table.geometry.y.tobytes(), table.geometry.is_null.tolist()]
    return [repr(table), table.geometry.dtype, *arrays, table.attributes, table.rejected]


@pytest.mark.parametrize(
    "options", [{}, {"type": "point"}, {"type": "multipoint"}, {"type": "polygon"}], ids=str
)
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_that_need_a_closer_look(name, options, tmp_path):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({**COLUMNS[name], "n": [0, 1, 2, 3]}), path, row_group_size=2)
    for columns in (None, ["n"]):
        one = {"columns": columns, "on_error": "reject", **options}
        assert outcome(lambda: gs.read(path, **one)) == outcome(lambda: later(path, **one))  # noqa: B023


STRUCTS = {
    "y before x": pa.array([{"y": 1.0, "x": 2.0}] * 4),
    "a null coordinate": pa.array([{"x": 1.0, "y": 2.0}] * 3 + [{"x": 1.0, "y": None}], STRUCT),
    "no coordinates": pa.array([{"x": 1.0, "y": 2.0}] * 3 + [{"x": None, "y": None}], STRUCT),
    "null rows": pa.array([None, {"x": 1.0, "y": 2.0}, None, {"x": 3.0, "y": 4.0}], STRUCT),
    "only nulls": pa.nulls(4, STRUCT),
    "Z": pa.array([{"x": 1.0, "y": 2.0, "z": 3.0}] * 4),
    "float32": pa.array([{"x": 1.0, "y": 2.0}] * 4, pa.struct([("x", pa.float32()), ("y", pa.float32())])),
    "pairs": pa.array([[1.0, 2.0]] * 4, pa.list_(pa.float64(), 2)),
}


@pytest.mark.parametrize("drop_z", [False, True])
@pytest.mark.parametrize("name", STRUCTS)
def test_structs_that_need_a_closer_look(name, drop_z, tmp_path):
    path = tmp_path / "file.parquet"
    about = {b"ARROW:extension:name": b"geoarrow.point"}
    schema = pa.schema([pa.field("g", STRUCTS[name].type, metadata=about)])
    pq.write_table(pa.table([STRUCTS[name]], schema=schema), path, row_group_size=2)
    one = {"drop_z": drop_z, "on_error": "reject"}
    assert outcome(lambda: gs.read(path, **one)) == outcome(lambda: later(path, **one))


def write_as_points(values, path, kind=None, **options) -> None:
    """A file whose metadata promise points."""
    geo = (
        b'{"version": "1.1.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB", "geometry_types": '
    )
    geo += b'["Point"]}}}'
    table = pa.table({"g": pa.array(values, kind or pa.binary()), "number": np.arange(len(values))})
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), path, **options)


@pytest.mark.parametrize("row", [0, 4, 9])
@pytest.mark.parametrize("name", OTHERS)
def test_metadata_that_promise_points_alone(name, row, early, tmp_path):
    path = tmp_path / "file.parquet"
    values = [POINT] * 10
    values[row] = OTHERS[name]
    write_as_points(values, path, row_group_size=3)
    after = gs.read(path, on_error="reject")
    assert early == [None]
    assert_same(after, later(path, on_error="reject"))
    assert after.read == 10


def test_nothing_but_nulls(early, tmp_path):
    for values in ([], [None], [None, None]):
        write_as_points(values, tmp_path / "file.parquet", row_group_size=1)
        after = gs.read(tmp_path / "file.parquet")
        assert after.geometry.type is gs.GeometryType.POINT
        assert after.geometry.is_null.tolist() == [True] * len(values)
    assert early == [None]


@pytest.mark.parametrize(
    "options",
    [
        {"where": [("number", ">", 20), ("number", "<", 77)]},
        {"where": [("number", "in", [3, 50, 99])], "columns": []},
        {"bounds": (20, -77, 77, -20)},
        {"bounds": (20, -77, 77, -20), "where": [("number", ">", 50)]},
        {"bounds": (20, -77, 77, -20), "columns": []},
        {"type": "point"},
        {"type": "multipoint", "require_geometry": True},
        {"type": "polygon"},
        {"where": [("geometry", "!=", POINT)]},
    ],
)
def test_with_other_arguments(options, tmp_path):
    path = tmp_path / "file.parquet"
    gs.write(points(), path, row_group_size=10, covering=True)
    table = gs.read(path, on_error="reject", **options)
    assert_same(table, later(path, on_error="reject", **options))


def test_bad_rows_are_numbered_as_in_the_file(early, tmp_path):
    path = tmp_path / "file.parquet"
    values = [shapely.to_wkb(shapely.Point(row, np.inf if row in (31, 58) else 0)) for row in range(90)]
    write_as_points(values, path, row_group_size=10)
    table = gs.read(path, on_error="reject", where=[("number", ">=", 40)])
    assert table.rejected["row"].to_pylist() == [58]
    assert early[0] is not None
    with pytest.raises(gs.ReadError, match="row 31, column 'g': a coordinate is not finite"):
        gs.read(path)


def promising(*sizes: int):
    """The least of a file whose row groups are said to have so many rows."""
    groups = [SimpleNamespace(num_rows=size) for size in sizes]
    return SimpleNamespace(metadata=SimpleNamespace(row_group=groups.__getitem__))


@pytest.mark.parametrize("sizes", [(4, 5), (5, 6), (5, -5), (-5, 15)], ids=str)
def test_row_groups_that_do_not_add_up(sizes):
    with pytest.raises(gs.ReadError, match=f"promises 10 rows, but its row groups {sum(sizes)}"):
        row_groups.chunk(Path(), promising(*sizes), [0, 1], range(10), ["geometry"], Wkb("geometry"))


def test_more_rows_than_any_machine_has_memory_for():
    file, rows = promising(2**61, 2**61), range(2**62)
    assert row_groups.chunk(Path(), file, [0, 1], rows, ["geometry"], Wkb("geometry")) is None


@pytest.mark.parametrize("promised", [3, 4, 6])
@pytest.mark.parametrize("piece", [2, 10])
def test_a_number_of_rows_that_is_not_there(promised, piece, monkeypatch, tmp_path):
    monkeypatch.setitem(unpacking.UNPACK, Wkb, (unpacking.of_wkb, piece))
    path = tmp_path / "file.parquet"
    gs.write(points(10).geometry, path, row_group_size=5)
    filled = row_groups._Filled(*np.zeros((2, 10)), [[]])
    with pytest.raises(gs.ReadError, match=f"row groups 1 to 1 promise {promised} rows, but have [45]"):
        place = (2, 2 + promised)
        row_groups._read(pq.ParquetFile(path), [1], place, ["geometry"], Wkb("geometry"), filled, [])
    beyond = 2 + promised
    assert not filled.x[beyond:].any()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_written_has_groups_of_a_size_that_readers_can_share(encoding, tmp_path):
    n = 300_000
    column = gs.GeometryColumn.from_points(np.arange(float(n)), np.arange(float(n)))
    for options, expected in (({}, [131_072, 131_072, 37_856]), ({"row_group_size": n}, [n])):
        gs.write(column, tmp_path / "file.parquet", encoding=encoding, **options)
        about = pq.ParquetFile(tmp_path / "file.parquet").metadata
        assert [about.row_group(group).num_rows for group in range(about.num_row_groups)] == expected
    assert gs.read(tmp_path / "file.parquet").geometry.equals(column)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_dictionaries_are_of_what_repeats(encoding, tmp_path):
    """Of coordinates only where points lie on a grid, of attributes only where their values come again."""
    n = 20_000
    attributes = pa.table(
        {
            "unlike": np.arange(n),
            "category": pa.array([f"kind {k % 7}" for k in range(n)]),
            "sorted": np.arange(n) // 4000,
            "later": np.minimum(np.arange(n), 5_000),
            "missing": pa.nulls(n, pa.int64()),
            "labels": pa.array([f"{k % 3}" for k in range(n)]).dictionary_encode(),
        }
    )

    def with_dictionary(x, **options) -> set[str]:
        table = gs.Table(gs.GeometryColumn.from_points(x, x), attributes)
        gs.write(table, tmp_path / "file.parquet", encoding=encoding, **options)
        group = pq.ParquetFile(tmp_path / "file.parquet").metadata.row_group(0)
        columns = [group.column(number) for number in range(group.num_columns)]
        return {column.path_in_schema for column in columns if column.has_dictionary_page}

    repeated = {"category", "sorted", "missing", "labels", "later"}
    assert with_dictionary(np.arange(float(n))) == repeated
    assert with_dictionary(np.arange(n) % 40.0) > repeated | {"unlike"}
    assert with_dictionary(np.arange(n) % 40.0, use_dictionary=False) == set()
