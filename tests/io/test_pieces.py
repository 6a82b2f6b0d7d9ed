"""What several threads look at in pieces: every piece counts, wherever it is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

import groundspeed as gs
from groundspeed.engines import threads
from groundspeed.io import arrays, validity, wkb

N = 10


@pytest.fixture(autouse=True)
def pieces(monkeypatch):
    """Pieces of three rows, by two threads that take turns."""

    def share(work, tasks, threads=None):
        half = len(tasks) // 2
        work(iter(tasks[:half]))
        work(iter(tasks[half:]))

    monkeypatch.setattr(threads, "share", share)
    for module in (validity, wkb):
        monkeypatch.setattr(module, "PIECE", 3)


@pytest.mark.parametrize("row", range(N))
@pytest.mark.parametrize("axis", [0, 1])
def test_a_coordinate_that_is_not_finite(row, axis):
    axes = np.arange(2.0 * N).reshape(2, N)
    assert not validity.problems(gs.GeometryColumn.from_points(*axes), "g", require_valid=False)
    axes[axis, row] = np.inf
    (problem,) = validity.problems(gs.GeometryColumn.from_points(*axes), "g", require_valid=False)
    assert problem.row == row


@pytest.mark.parametrize("row", range(N))
def test_bytes_that_are_no_point(row):
    rows = shapely.to_wkb(shapely.points(np.arange(N), np.arange(N)))
    assert wkb.points(pa.chunked_array([rows]), None) is not None
    rows[row] = rows[row][:-1]
    assert wkb.points(pa.chunked_array([rows]), None) is None


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_chunks_are_joined_in_their_order(dtype):
    values = np.arange(N, dtype=dtype)
    chunks = pa.chunked_array([values[:4], values[4:4], values[4:7], values[7:]])
    joined = arrays.floats(chunks, "x")
    assert joined.tolist() == values.tolist()
    assert joined.dtype == ("float64" if dtype == "int64" else dtype)
    assert arrays.floats(chunks.slice(0, 0), "x").tolist() == []
    some = pa.chunked_array([pa.array([1.0, None]), pa.array([None, 4.0])])
    assert np.array_equal(arrays.floats(some, "x"), [1, np.nan, np.nan, 4], equal_nan=True)


@pytest.mark.parametrize("offsets", [[0, 21, 42], [-21, 0, 21], [21, 42, 63]], ids=str)
def test_offsets_beyond_the_bytes(offsets):
    """What is damaged is left to those who validate."""
    point = shapely.to_wkb(shapely.Point(1, 2))
    damaged = np.array([0, 0, 21], np.int32)
    array = pa.Array.from_buffers(pa.binary(), 2, [None, pa.py_buffer(damaged), pa.py_buffer(point)])
    damaged[:] = offsets
    assert not wkb.unpack(array, *np.empty((2, 2)))
