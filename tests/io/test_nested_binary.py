"""The fast path of lines, polygons and multis in well-known binary: what GEOS reads, or left to GEOS."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pytest
import shapely
from geometry.samples import ROWS, column, geometries
from geometry.test_properties import columns
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requirements import need

import groundspeed as gs
from groundspeed.io import shapes, validity, wkb_nested

KINDS = [pa.binary(), pa.large_binary()]
POINTS_OR_NOTHING = ["nothing", "one null", "nulls", "empty point", "points", "points, nulls and empties"]
SAMPLES = [name for name in ROWS if name not in POINTS_OR_NOTHING]
CORNERS = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]
POLYGON, LINE = shapely.Polygon(CORNERS), shapely.LineString(CORNERS)


@pytest.fixture(autouse=True)
def worthwhile(monkeypatch):
    """However few bytes there are."""
    monkeypatch.setattr(wkb_nested, "WORTHWHILE", 1)


@pytest.fixture(scope="module")
def engine():
    need("numba_cuda", "gcc")
    from groundspeed.engines.emulator import EmulatorEngine

    return EmulatorEngine()


def read(values, kind=KINDS[0], part=None):
    """Without GEOS."""
    return wkb_nested.column(pa.chunked_array([pa.array(list(values), kind)]), None, part)


def by_geos(values):
    return shapes.decode("WKB", np.array(values, dtype=object), "geometry", None, None, None, False)


def multi(code: int, *parts: bytes) -> bytes:
    return struct.pack("<BII", 1, code, len(parts)) + b"".join(parts)


def ring(*points: tuple[float, float]) -> bytes:
    return struct.pack(f"<I{2 * len(points)}d", len(points), *np.ravel(points))


def polygon(*rings: bytes) -> bytes:
    return multi(3, *rings)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read_without_geos(name, kind):
    assert read(column(name).to_wkb(), kind).equals(gs.GeometryColumn.from_shapely(geometries(name)))


@pytest.mark.parametrize("name", POINTS_OR_NOTHING)
def test_points_are_somebody_elses(name):
    assert read(column(name).to_wkb()) is None


def test_few_bytes_are_left_to_geos(monkeypatch):
    rows = shapely.to_wkb([POLYGON] * 3)
    for limit, taken in ((sum(map(len, rows)), True), (sum(map(len, rows)) + 1, False)):
        monkeypatch.setattr(wkb_nested, "WORTHWHILE", limit)
        assert (read(rows) is not None) == taken


@given(columns(), st.integers(0, 6), st.sampled_from(KINDS))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_column_in_any_chunks(expected, cut, kind):
    rows = list(expected.to_wkb())
    chunks = [pa.array([b"cut", *part], kind).slice(1) for part in (rows[:cut], rows[cut:])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wkb_nested, "WORTHWHILE", 1)
        found = wkb_nested.column(pa.chunked_array(chunks, kind), None, None)
    if expected.type is gs.GeometryType.POINT:
        assert found is None
    else:
        assert found.equals(gs.GeometryColumn.from_wkb(rows))


@pytest.mark.parametrize("part", gs.GeometryType)
def test_another_kind_than_wanted_is_left_to_geos(part):
    found = read([shapely.to_wkb(POLYGON)], part=part.part)
    assert (found is not None) == (part.part is gs.GeometryType.POLYGON)


SQUARE = shapely.to_wkb(POLYGON)
SRID = struct.pack("<BIII", 1, 0x20000003, 4326, 1) + SQUARE[9:]
OTHERS = {
    "another kind": shapely.to_wkb(LINE),
    "a collection": shapely.to_wkb(shapely.GeometryCollection([POLYGON])),
    "big-endian": shapely.to_wkb(POLYGON, byte_order=0),
    "Z": shapely.to_wkb(shapely.force_3d(POLYGON)),
    "Z as PostGIS has it": shapely.to_wkb(shapely.force_3d(POLYGON), flavor="extended"),
    "SRID": SRID,
    "one byte less": SQUARE[:-1],
    "one byte more": SQUARE + b"\0",
    "no byte": b"",
    "a header alone": SQUARE[:5],
    "more rings than there are": struct.pack("<BII", 1, 3, 2**32 - 1) + SQUARE[9:],
    "more vertices than there are": SQUARE[:9] + struct.pack("<I", 2**32 - 1) + SQUARE[13:],
    "a triangle of three": polygon(ring(*CORNERS[:2], CORNERS[0])),
    "a hole of nothing": polygon(ring(*CORNERS), ring()),
    "a part with Z": multi(6, shapely.to_wkb(shapely.force_3d(POLYGON))),
    "a part with SRID": multi(6, SRID),
    "a big-endian part": multi(6, shapely.to_wkb(POLYGON, byte_order=0)),
    "a line as part": multi(6, shapely.to_wkb(LINE)),
    "a line and a part with SRID, which have the right number of bytes": multi(6, shapely.to_wkb(LINE), SRID),
    "a multi in a multi": multi(6, multi(6, SQUARE)),
    "a part less than promised": multi(6, SQUARE)[:-1],
    "nested ten thousand times": multi(6) * 10_000 + SQUARE,
}


@pytest.mark.parametrize("nulls", [[], [None]])
@pytest.mark.parametrize("name", OTHERS)
def test_anything_else_is_left_to_geos(name, nulls):
    for rows in ([SQUARE, OTHERS[name]], [OTHERS[name], SQUARE]):
        assert read([*nulls, *rows]) is None


def test_the_right_number_of_bytes_in_all_is_not_enough():
    assert read([SQUARE + b"\0", SQUARE[:-1]]) is None
    assert read([multi(6, SQUARE, SQUARE) + b"\0", multi(6, SQUARE)[:-1]]) is None


def test_a_line_of_one_vertex_is_left_to_geos():
    line = struct.pack("<BII2d", 1, 2, 1, 0, 0)
    assert read([shapely.to_wkb(LINE), line]) is None
    assert read([multi(5, shapely.to_wkb(LINE), line)]) is None


@pytest.mark.parametrize("bit", range(40))
@pytest.mark.parametrize("at", [0, 9])
def test_every_bit_of_every_header_counts(at, bit):
    changed = bytearray(multi(6, SQUARE))
    changed[at + bit // 8] ^= 1 << bit % 8
    assert read([multi(6, SQUARE), bytes(changed)]) is None


@given(st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_are_read_as_by_geos_or_not_at_all(data):
    """What is taken has no problem that is not found afterwards: rings that do not close."""
    values = [one for one in data.draw(columns()).to_wkb() if one is not None]
    at = data.draw(st.integers(0, len(values) - 1))
    changed = bytearray(values[at])
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, min(len(changed), 60) - 1))] = data.draw(st.integers(0, 255))
    values[at] = bytes(changed)
    found = read(values)
    if found is None:
        return
    expected, problems = by_geos(values)
    bad = [
        one.row for one in validity.problems(found, "geometry", require_valid=False) if "ring" in one.reason
    ]
    assert {one.row for one in problems} == set(bad)
    good = np.setdiff1d(np.arange(len(values)), bad)
    if len(good):
        assert found.take(good).equals(expected.take(good))


def test_many_rows_are_shared_out():
    corners = np.arange(300_000.0)
    rows = shapely.to_wkb(shapely.box(corners, corners, corners + 1, corners + 2))
    assert read(rows).equals(gs.GeometryColumn.from_wkb(rows))
    rows[200_077] = rows[77][:-1]
    assert read(rows) is None


@pytest.mark.parametrize("name", SAMPLES)
def test_the_kernels_on_the_emulator(name, engine):
    """Under bounds checks; the bytes end where the last row does."""
    rows = pa.chunked_array([pa.array(column(name).to_wkb(), pa.binary())])
    assert wkb_nested.column(rows, None, None, engine).equals(
        gs.GeometryColumn.from_shapely(geometries(name))
    )


@pytest.mark.parametrize("name", OTHERS)
def test_the_emulator_refuses_what_is_refused(name, engine):
    rows = pa.chunked_array([pa.array([SQUARE, OTHERS[name]], pa.binary())])
    assert wkb_nested.column(rows, None, None, engine) is None
