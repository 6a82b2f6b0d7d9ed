"""The direction of rings: GEOS' decision in every case, and the exact one where rounding could decide."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from operations.measurement.measured import ENGINES, on

from groundspeed.geometry import GeometryColumn
from groundspeed.operations.measurement.planar_measures import is_ccw

SMALL = st.integers(0, 3).map(float)


def lines(rows):
    offsets = np.cumsum([0, *map(len, rows)])
    return GeometryColumn.from_ragged("linestring", *np.concatenate(rows).T, offsets)


@given(st.lists(st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=8), min_size=1, max_size=20))
@settings(max_examples=400)
def test_lines_on_a_lattice_closed_or_not(rows):
    """Flat rings, flat tops, tops that turn back on themselves, several highest points, repeated points."""
    rows = [np.array(row) for row in rows for row in (row, [*row, row[0]])]
    want = [shapely.is_ccw(shapely.LineString(row)) for row in rows]
    np.testing.assert_array_equal(is_ccw(lines(rows)), want)


TOPS = {
    "pointed": [(0, 0), (4, 0), (2, 3)],
    "flat top": [(0, 0), (4, 0), (4, 3), (0, 3)],
    "flat top in pieces": [(0, 0), (4, 0), (4, 3), (3, 3), (2, 3), (2, 3), (0, 3)],
    "flat top that turns back": [(0, 0), (4, 0), (4, 3), (1, 3), (2, 3), (0, 3)],
    "begins at the top": [(2, 3), (0, 0), (4, 0)],
    "begins in the flat top": [(2, 3), (0, 3), (0, 0), (4, 0), (4, 3)],
    "two tops": [(0, 0), (4, 0), (4, 3), (2, 1), (0, 3)],
    "a spike at the top": [(0, 0), (4, 0), (2, 3), (2, 9), (2, 3)],
    "flat": [(0, 0), (1, 0), (2, 0)],
    "a point": [(1, 1), (1, 1), (1, 1)],
    "there and back": [(0, 0), (1, 1), (0, 0)],
    "repeated": [(0, 0), (0, 0), (4, 0), (4, 0), (2, 3), (2, 3)],
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("top", TOPS)
def test_every_start_and_both_directions(top, engine):
    corners, rows = np.array(TOPS[top], dtype=float), []
    for start in range(len(corners)):
        turned = np.roll(corners, -start, axis=0)
        rows += [[*turned, turned[0]], [*turned[::-1], turned[-1]]]
    polygons = shapely.polygons([shapely.linearrings(row) for row in rows])
    want = shapely.is_ccw(shapely.get_exterior_ring(polygons))
    np.testing.assert_array_equal(is_ccw(polygons, engine=on(engine)), want)


def exact_area(row):
    x, y = ([Fraction(float(value)) for value in axis] for axis in np.transpose(row))
    return sum(x[i] * y[i + 1] - x[i + 1] * y[i] for i in range(len(x) - 1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_thinnest_triangles(engine, dtype):
    """Corners a unit in the last place off one line: rounding decides nothing, on no engine."""
    rng = np.random.default_rng(7)
    a, b = rng.uniform(0.5, 1, (2, 500, 2)).astype(dtype)
    t = rng.uniform(0, 1, (500, 1)).astype(dtype)
    c = np.nextafter(a + t * (b - a), rng.choice([-9, 9], (500, 2)).astype(dtype))
    rows = np.stack([a, b, c, a], axis=1)
    column = GeometryColumn.from_shapely(shapely.polygons(rows.astype(float))).astype(dtype)
    have = is_ccw(column, engine=on(engine))
    areas = [exact_area(row) for row in rows]
    np.testing.assert_array_equal(have, [area > 0 for area in areas])
    rounded = np.array([float(area) for area in areas])
    assert np.abs(rounded).max() < 1e-15 if dtype == "float64" else 1e-6  # they are thin
    assert 100 < have.sum() < 400


def test_multis_need_all_parts():
    square, hole = shapely.box(0, 0, 1, 1), shapely.box(0.2, 0.2, 0.4, 0.4)
    back = shapely.reverse(shapely.box(5, 0, 6, 1))
    either = (
        shapely.Polygon(square.exterior, [hole.exterior]),
        shapely.Polygon(square.exterior, [hole.exterior.reverse()]),
    )
    rows = [shapely.MultiPolygon([square]), shapely.MultiPolygon([square, back]), shapely.MultiPolygon()]
    assert is_ccw([*rows, *either, None]).tolist() == [True, False, False, True, True, False]
