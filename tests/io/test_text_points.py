"""The fast path of points in well-known text reads what it takes as GEOS does, and knows its limits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import wkt

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SPELLINGS = st.one_of(
    NUMBERS.map(repr),
    NUMBERS.map("{:f}".format),
    NUMBERS.map("{:.3E}".format),
    st.from_regex(r"[0-9.eE+x -]{1,8}", fullmatch=True),
)
ROWS = st.one_of(st.none(), st.builds("POINT ({} {})".format, SPELLINGS, SPELLINGS))
OTHERS = [
    "POINT EMPTY",
    "POINT (nan nan)",
    "POINT (1e400 2)",
    "POINT (1 inf)",
    "POINT Z (1 2 3)",
    "POINT (1 2 3)",
    "POINT (1  2)",
    "POINT (1\n2)",
    "POINT (1 2\n3 4)",
    "POINT (1 2))",
    "POINT (1 )",
    "POINT (",
    "POINT (1 2) ",
    'POINT ("1" 2)',
    "point (1 2)",
    "POINTS (1 2)",
    "LINESTRING (1 2, 3 4)",
    "",
]


@given(st.lists(ROWS, max_size=5))
def test_points_as_geos_reads_them(rows):
    fast = wkt.points(pa.array(rows, pa.string()), None)
    if fast is not None:
        assert fast.equals(gs.GeometryColumn.from_wkt(rows))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_finite_points_take_the_fast_path(points):
    x, y = np.array(points).T
    with np.errstate(over="ignore"):
        assume(np.isfinite(x.sum() + y.sum()))
    rows = [None, *(f"POINT ({x!r} {y!r})" for x, y in points)]
    fast = wkt.points(pa.array(["", *rows]).slice(1), None)
    assert fast is not None
    assert fast.equals(
        gs.GeometryColumn.from_points([np.nan, *x], [np.nan, *y], validity=[False] + [True] * len(x))
    )


@pytest.mark.parametrize("text", OTHERS)
def test_anything_else_is_left_to_geos(text):
    assert wkt.points(pa.array(["POINT (5 6)", text]), None) is None
    assert wkt.points(pa.array([text, "POINT (5 6)"]), None) is None


@pytest.mark.parametrize("rows", [[], [None], [None, None]])
def test_no_points_at_all(rows):
    assert wkt.points(pa.array(rows, pa.string()), None) is None


@pytest.mark.parametrize("end", ["", "POINT Z (7 8 9)\n"])
def test_a_file_on_either_path(end, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(f"g\nPOINT (1 2)\nPOINT (3.5 -4)\n{end}")
    table = gs.read(path, wkt="g", on_error="reject")
    assert table.geometry.equals(gs.GeometryColumn.from_points([1.0, 3.5], [2.0, -4.0]))
    assert (table.read, table.rejected.num_rows) == ((3, 1) if end else (2, 0))
