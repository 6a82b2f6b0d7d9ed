"""Points out of the bytes of a shapefile: the same table as GDAL makes of it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import shapely
from file_forms import with_attributes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import shape_points, shapefile

ROWS = 10
PARTS = [".shp", ".shx", ".dbf"]
FLOATS = st.floats(-1e9, 1e9)
EVERYWHERE = settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])


def write(path: Path, n: int = ROWS, **options) -> Path:
    rows = np.arange(float(n))
    gs.write(with_attributes(gs.GeometryColumn.from_points(rows, -rows, "EPSG:4326")), path, **options)
    return path


def change(path: Path, suffix: str, at: int, new: bytes) -> None:
    part = path.with_suffix(suffix)
    old = part.read_bytes()
    part.write_bytes(old[:at] + new + old[at + len(new) :])


def account(path: Path, **options) -> list:
    """Everything that a caller can see of a table, or the error."""
    try:
        table = gs.read(path, on_error="reject", **options)
    except gs.ReadError as error:
        return [str(error).partition(" (")[0]]  # what follows counts columns, of which GDAL has more
    column = table.geometry
    arrays = [column.x.tobytes(), column.y.tobytes(), column.is_null.tolist()]
    about = [repr(table), column.type, column.crs, table.name, table.attributes.schema]
    return [*about, *arrays, table.attributes.to_pylist(), table.rejected.to_pylist()]


def by_gdal(path: Path, **options) -> list:
    """The same by GDAL alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shape_points, "points", lambda *_: None)
        return account(path, **options)


@pytest.fixture
def early(monkeypatch):
    """What was made of the bytes."""
    found = []

    def points(*arguments):
        found.append(points_of(*arguments))
        return found[-1]

    points_of = shape_points.points
    monkeypatch.setattr(shape_points, "points", points)
    return found


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"columns": []},
        {"columns": ["number"]},
        {"crs": "EPSG:3857"},
        {"type": "point"},
        {"where": [("number", ">", 3)]},
        {"where": [("number", ">", 3)], "columns": []},
        {"where": [("number", ">", 1000)]},
        {"encoding": "latin-1"},
        {"require_valid": True, "require_geometry": True},
    ],
    ids=str,
)
def test_points_without_gdal(options, early, tmp_path):
    path = write(tmp_path / "file.shp")
    found = account(path, **options)
    assert early[0].x.tolist() == [*range(ROWS)]
    assert found == by_gdal(path, **options)


@pytest.mark.parametrize(
    "options",
    [{"bounds": (1, -5, 5, -1)}, {"type": "multipoint"}, {"type": "polygon"}, {"columns": ["geometry"]}],
)
def test_what_is_left_to_gdal(options, early, tmp_path):
    path = write(tmp_path / "file.shp")
    assert account(path, **options) == by_gdal(path, **options)
    assert not early
    assert sum(map(len, gs.read_batches(path, rows=3))) == ROWS
    assert not early


@settings(EVERYWHERE, max_examples=40)
@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=20), st.integers(1, 7))
def test_any_points_in_any_pieces(tmp_path, rows, piece):
    x, y = np.array(rows).T
    gs.write(gs.GeometryColumn.from_points(x, y), tmp_path / "file.shp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shape_points, "PIECE", piece)
        found = shape_points.points(tmp_path / "file.shp", None)
        assert found is not None
        assert found.equals(gs.GeometryColumn.from_points(x, y))
        assert account(tmp_path / "file.shp") == by_gdal(tmp_path / "file.shp")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of text that is no number any more
@EVERYWHERE
@given(st.sampled_from(PARTS), st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4))
def test_any_bytes_changed(tmp_path, suffix, place, new):
    """Whatever is damaged, it is found as GDAL finds it."""
    path = write(tmp_path / "file.shp", n=4)
    size = path.with_suffix(suffix).stat().st_size
    change(path, suffix, int(place * (size - len(new))), new)
    assert account(path) == by_gdal(path)


RECORD, HEADER = 28, 100
INDEX = [struct.pack(">ii", 50 + 14 * row, 10) for row in range(ROWS)]
CHANGES = {
    "another type of shape": (".shp", HEADER + 3 * RECORD + 8, struct.pack("<i", 0)),
    "another length": (".shp", HEADER + 3 * RECORD + 4, struct.pack(">i", 2)),
    "NaN": (".shp", HEADER + 3 * RECORD + 12, struct.pack("<d", np.nan)),
    "infinity": (".shp", HEADER + 3 * RECORD + 12, struct.pack("<d", np.inf)),
    "another order": (".shx", HEADER, b"".join(reversed(INDEX))),
    "an index beyond the file": (".shx", HEADER + 8, struct.pack(">ii", 5000, 10)),
    "another length in the index": (".shx", HEADER + 8, struct.pack(">ii", 64, 2)),
    "a header of polygons": (".shp", 32, struct.pack("<i", 5)),
    "a header of another length": (".shp", 24, struct.pack(">i", 50 + 14 * 5)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_files_that_are_not_what_they_seem(name, early, tmp_path):
    path = write(tmp_path / "file.shp")
    change(path, *CHANGES[name])
    assert account(path) == by_gdal(path)
    assert early in ([None], [])


@pytest.mark.parametrize("row", [0, 4, ROWS - 1])
def test_a_record_that_is_deleted(row, early, tmp_path):
    path = write(tmp_path / "file.shp")
    start, width = struct.unpack("<8xHH", path.with_suffix(".dbf").read_bytes()[:12])
    change(path, ".dbf", start + row * width, b"*")
    found = account(path)
    assert early == [None]
    assert found == by_gdal(path)
    assert len(gs.read(path, on_error="reject")) == ROWS - 1


@pytest.mark.parametrize("suffix", [".dbf", ".prj", ".cpg"])
def test_without_one_part(suffix, early, tmp_path):
    path = write(tmp_path / "file.shp")
    path.with_suffix(suffix).unlink()
    assert account(path, columns=[]) == by_gdal(path, columns=[])
    assert early[0] is not None


@pytest.mark.parametrize(
    "wkt", ["MULTIPOINT (0 0, 1 1)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"]
)
def test_other_geometries(wkt, early, tmp_path):
    gs.write(gs.GeometryColumn.from_shapely([shapely.from_wkt(wkt)]), tmp_path / "file.shp")
    assert account(tmp_path / "file.shp") == by_gdal(tmp_path / "file.shp")
    assert early == [None]


def test_null_rows_and_no_rows(early, tmp_path):
    for valid in ([], [True, False, True]):
        place = np.where(valid, 1.0, np.nan)
        gs.write(
            gs.GeometryColumn.from_points(place, place, validity=np.array(valid, bool)), tmp_path / "file.shp"
        )
        assert account(tmp_path / "file.shp") == by_gdal(tmp_path / "file.shp")
    assert early == [None, None]


def test_fewer_attributes_than_points(monkeypatch, tmp_path):
    """Where GDAL leaves out a record, GDAL decides about its geometry."""
    path = write(tmp_path / "file.shp")
    expected, attributes = account(path), shapefile._attributes
    monkeypatch.setattr(shapefile, "_attributes", lambda *some: attributes(*some).slice(1))
    assert account(path) == expected
