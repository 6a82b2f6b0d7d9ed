"""Points packed as well-known binary are byte for byte what GEOS writes."""

import numpy as np
import pyarrow as pa
import pytest
import shapely
from geometry.samples import wkb
from hypothesis import given
from hypothesis import strategies as st

from groundspeed import GeometryColumn
from groundspeed.geometry import wkb_points

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.one_of(st.none(), st.just(shapely.Point()), st.builds(shapely.Point, NUMBERS, NUMBERS)), max_size=20
)


@given(ROWS)
def test_as_geos_writes_them(rows):
    rows = np.array(rows, object)
    column = GeometryColumn.from_shapely(rows)
    packed = wkb_points.pack(column)
    packed.validate(full=True)
    assert packed.to_pylist() == wkb(rows)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_slices_and_narrow_numbers(dtype):
    column = GeometryColumn.from_points(np.arange(5) / 3, np.arange(5) / 7).astype(dtype)[1:4]
    assert wkb_points.pack(column).to_pylist() == shapely.to_wkb(column.to_shapely()).tolist()


def test_many_bytes_have_wide_offsets(monkeypatch):
    column = GeometryColumn.from_points([0.0, 1.0], [2.0, 3.0])
    assert wkb_points.pack(column).type == pa.binary()
    monkeypatch.setattr(wkb_points, "LARGEST", 41)
    packed = wkb_points.pack(column)
    assert packed.type == pa.large_binary()
    assert packed.to_pylist() == shapely.to_wkb(column.to_shapely()).tolist()
