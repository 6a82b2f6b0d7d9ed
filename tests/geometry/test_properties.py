"""Random columns of every type through every exchange."""

from __future__ import annotations

import numpy as np
import shapely
from geometry.samples import wkb
from hypothesis import given, settings
from hypothesis import strategies as st

from groundspeed.geometry import GeometryColumn, GeometryType

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)
VERTICES = st.tuples(NUMBERS, NUMBERS)
LINES = st.one_of(st.just([]), st.lists(VERTICES, min_size=2, max_size=5))
RINGS = st.lists(VERTICES, min_size=3, max_size=5).map(lambda ring: [*ring, ring[0]])
POLYGONS = st.lists(RINGS, max_size=3)
PARTS = {GeometryType.POINT: VERTICES, GeometryType.LINESTRING: LINES, GeometryType.POLYGON: POLYGONS}


@st.composite
def columns(draw):
    """A column whose type GEOS can tell: at least one row, in a multi column at least one multi."""
    kind = draw(st.sampled_from(GeometryType))
    part = PARTS[kind.part]
    if not kind.is_multi:
        rows = draw(st.lists(st.one_of(st.none(), part), max_size=6))
        return _column(kind, [*rows, draw(part)], None)
    rows = draw(st.lists(st.one_of(st.none(), st.lists(part, max_size=3)), max_size=6))
    rows.append(draw(st.lists(part, max_size=3)))
    single = [row is not None and len(row) == 1 and draw(st.booleans()) for row in rows[:-1]] + [False]
    return _column(kind, rows, single)


def _column(kind, rows, single):
    validity = np.array([row is not None for row in rows])
    if kind is GeometryType.POINT:
        x, y = np.array([(np.nan, np.nan) if row is None else row for row in rows]).reshape(-1, 2).T
        return GeometryColumn.from_points(x, y, validity=validity)
    level, offsets = [row or [] for row in rows], []
    for _ in range(kind.levels):
        offsets.append(np.cumsum([0, *map(len, level)]))
        level = [child for row in level for child in row]
    x, y = np.array(level, dtype=float).reshape(-1, 2).T
    return GeometryColumn.from_ragged(kind, x, y, tuple(offsets), validity=validity, single=single)


@given(columns())
@settings(max_examples=60)
def test_through_shapely_wkb_and_arrow(before):
    rows = before.to_shapely()
    assert GeometryColumn.from_shapely(rows).equals(before)
    assert GeometryColumn.from_wkb(before.to_wkb()).equals(before)
    assert GeometryColumn.from_arrow(before.to_arrow("wkb")).equals(before)
    again = GeometryColumn.from_arrow(before)
    assert all(map(np.array_equal, again.offsets, before.offsets))
    assert np.array_equal(again.x, before.x, equal_nan=True)


@given(columns(), st.data())
@settings(max_examples=60)
def test_take_is_numpys_take(ours, data):
    rows = ours.to_shapely()
    indices = data.draw(st.lists(st.integers(-len(ours), len(ours) - 1), max_size=8))
    assert wkb(ours.take(indices).to_shapely()) == wkb(rows[np.array(indices, dtype=int)])
    start, stop = data.draw(st.integers(-9, 9)), data.draw(st.integers(-9, 9))
    assert wkb(ours[start:stop].to_shapely()) == wkb(rows[start:stop])


@given(columns())
@settings(max_examples=50)
def test_properties_are_those_of_shapely(ours):
    rows = ours.to_shapely()
    assert ours.is_empty.tolist() == shapely.is_empty(rows).tolist()
    corners = shapely.get_coordinates(rows)  # not shapely.total_bounds, which trusts holes to lie in shells
    expected = [*corners.min(axis=0), *corners.max(axis=0)] if len(corners) else [np.nan] * 4
    np.testing.assert_array_equal(ours.total_bounds, expected)
    assert (
        np.diff(ours.vertex_offsets).tolist()
        == np.where(ours.is_null, ours.type is GeometryType.POINT, shapely.get_num_coordinates(rows)).tolist()
    )
    ours.check_rings()
    ours.check_finite()
