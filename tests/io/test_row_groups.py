"""Points decoded while row groups are read: the same table as if decoded afterwards."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from file_forms import with_attributes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import row_groups

POINT = shapely.to_wkb(shapely.Point(1, 2))
OTHERS = {
    "a polygon": shapely.to_wkb(shapely.box(0, 0, 1, 1)),
    "Z": shapely.to_wkb(shapely.Point(1, 2, 3)),
    "big-endian": shapely.to_wkb(shapely.Point(3, 4), byte_order=0),
    "EWKB": shapely.to_wkb(shapely.set_srid(shapely.Point(5, 6), 4326), include_srid=True),
    "no bytes": b"",
    "damaged": POINT[:-1],
}
ROWS = st.lists(st.none() | st.tuples(st.floats(), st.floats(-9, 9)), max_size=30)


@pytest.fixture
def early(monkeypatch):
    """How often points were decoded while they were read; ends a test that reads them otherwise."""
    found = []

    def points(*arguments):
        found.append(points_of(*arguments))
        return found[-1]

    points_of = row_groups.points
    monkeypatch.setattr(row_groups, "points", points)
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


@pytest.mark.parametrize("encoding", ["wkb", "native"])
@pytest.mark.parametrize("options", [{}, {"columns": []}, {"columns": ["number"]}, {"crs": "EPSG:3857"}])
@pytest.mark.parametrize("size", [1, 33, 100, 1000])
def test_groups_side_by_side(size, options, encoding, early, tmp_path):
    path = tmp_path / "file.parquet"
    gs.write(points(), path, encoding=encoding, row_group_size=size)
    assert_same(gs.read(path, **options), later(path, **options))
    assert len(early) == 1
    assert early[0] is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 31), st.integers(1, 5), st.sampled_from([pa.binary(), pa.large_binary()]))
def test_any_points_in_any_groups_and_pieces(tmp_path, rows, size, piece, kind):
    path = tmp_path / "file.parquet"
    values = [None if row is None else shapely.to_wkb(shapely.Point(row)) for row in rows]
    write_as_points(values, path, kind=kind, row_group_size=size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_groups, "ROWS", piece)
        after = gs.read(path, on_error="reject")
    assert_same(after, later(path, on_error="reject"))
    sound = [row for row in rows if row is None or np.isfinite(row[0]) or np.isnan(row[0])]
    assert len(after) + after.rejected.num_rows == len(rows)
    assert len(after) >= sum(row is None or np.isfinite(row[0]) for row in sound)


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
        write_as_points(values, tmp_path / "file.parquet")
        after = gs.read(tmp_path / "file.parquet")
        assert after.geometry.type is gs.GeometryType.POINT
        assert after.geometry.is_null.tolist() == [True] * len(values)
    assert early == [None] * 3


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


def test_a_number_of_rows_that_is_not_there(tmp_path):
    """Room for more rows than any machine has memory for is not even asked for twice."""
    path = tmp_path / "file.parquet"
    gs.write(points(10).geometry, path, row_group_size=5)
    for promised in (2**62, -1):
        assert row_groups.points(path, [0, 1], promised, ["geometry"], "geometry", None) is None
    for promised in (4, 9, 11):
        with pytest.raises(gs.ReadError, match=f"promises {promised} rows, but has (5|10)"):
            row_groups.points(path, [0, 1], promised, ["geometry"], "geometry", None)


@pytest.mark.parametrize("encoding", ["wkb", "native", "geoarrow", "xy"])
def test_what_is_written_has_groups_of_a_size_that_readers_can_share(encoding, tmp_path):
    n = 300_000
    column = gs.GeometryColumn.from_points(np.arange(float(n)), np.arange(float(n)))
    for options, expected in (({}, [131_072, 131_072, 37_856]), ({"row_group_size": n}, [n])):
        gs.write(column, tmp_path / "file.parquet", encoding=encoding, **options)
        about = pq.ParquetFile(tmp_path / "file.parquet").metadata
        assert [about.row_group(group).num_rows for group in range(about.num_row_groups)] == expected
    assert gs.read(tmp_path / "file.parquet").geometry.equals(column)


@pytest.mark.parametrize("encoding", ["wkb", "native", "geoarrow", "xy"])
def test_dictionaries_are_of_what_repeats(encoding, tmp_path):
    """Of attributes always, of coordinates only where points lie on a grid."""

    def with_dictionary(x, **options) -> dict[str, bool]:
        table = with_attributes(gs.GeometryColumn.from_points(x, x))
        gs.write(table, tmp_path / "file.parquet", encoding=encoding, **options)
        group = pq.ParquetFile(tmp_path / "file.parquet").metadata.row_group(0)
        columns = (group.column(number) for number in range(group.num_columns))
        return {column.path_in_schema: column.has_dictionary_page for column in columns}

    unlike, grid = np.arange(1000.0), np.arange(1000.0) % 40
    found = with_dictionary(unlike)
    attributes = set(with_attributes(gs.GeometryColumn.from_points([0], [0])).attributes.column_names)
    assert {name for name, has in found.items() if has} >= {"number"}
    assert not any(has for name, has in found.items() if name not in attributes)
    assert all(has for name, has in with_dictionary(grid).items() if name not in attributes)
    assert not any(with_dictionary(grid, use_dictionary=False).values())
