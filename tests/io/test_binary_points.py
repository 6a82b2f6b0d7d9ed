"""The fast path of points in well-known binary: chunks, slices, nulls, and all it must leave to GEOS."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.engines import threads
from groundspeed.io import wkb

POINT = shapely.to_wkb(shapely.Point(1, 2))
OTHERS = {
    "a line of 41 bytes": shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)])),
    "another type": POINT[:1] + b"\2" + POINT[2:],
    "big-endian": shapely.to_wkb(shapely.Point(1, 2), byte_order=0),
    "Z": shapely.to_wkb(shapely.Point(1, 2, 3)),
    "one byte less": POINT[:-1],
    "one byte more": POINT + b"\0",
    "no byte": b"",
}
ROWS = st.lists(st.none() | st.tuples(st.floats(), st.floats()), max_size=9)


@given(
    st.lists(ROWS, min_size=1, max_size=4),
    st.integers(1, 4),
    st.sampled_from([pa.binary(), pa.large_binary()]),
)
def test_chunks_slices_and_nulls(chunks, piece, kind):
    rows = [row for chunk in chunks for row in chunk]
    arrays = [
        pa.array([b"cut", *(row and shapely.to_wkb(shapely.Point(row)) for row in chunk)], kind).slice(1)
        for chunk in chunks
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wkb, "PIECE", piece)
        found = wkb.points(pa.chunked_array(arrays, kind), None)
    if not any(rows):
        assert found is None
        return
    x, y = np.array([row or (np.nan, np.nan) for row in rows]).T
    valid = [row is not None for row in rows]
    assert found.equals(gs.GeometryColumn.from_points(x, y, validity=None if all(valid) else valid))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("nulls", [[], [None]])
def test_anything_else_is_left_to_geos(name, nulls):
    for rows in ([POINT, OTHERS[name]], [OTHERS[name], POINT]):
        assert wkb.points(pa.chunked_array([[*nulls, *rows]]), None) is None
    pair = [POINT + b"\0", POINT[:-1]]  # the right number of bytes in all
    assert wkb.points(pa.chunked_array([[*nulls, *pair]]), None) is None


@pytest.mark.parametrize("bit", range(40))
def test_every_bit_of_the_header_counts(bit):
    changed = bytearray(POINT)
    changed[bit // 8] ^= 1 << bit % 8
    assert wkb.points(pa.chunked_array([[POINT, bytes(changed)]]), None) is None


def test_threads_share_many_pieces(monkeypatch):
    monkeypatch.setattr(wkb, "PIECE", 3)
    monkeypatch.setattr(threads, "CORES", 4)
    numbers = np.arange(100.0)
    rows = shapely.to_wkb(shapely.points(numbers, -numbers))
    assert wkb.points(pa.chunked_array([rows[:50], rows[50:]]), None).equals(
        gs.GeometryColumn.from_points(numbers, -numbers)
    )
    rows[77] = POINT[:-1]
    assert wkb.points(pa.chunked_array([rows]), None) is None
