"""How much of an area and a length is right, against rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from operations.measurement.measured import ENGINES, on, ring
from operations.measurement.test_is_ccw import exact_area

from groundspeed.geometry import GeometryColumn
from groundspeed.operations.measurement.planar_measures import area, length

U = 2.0**-53


def column_of(rings, dtype="float64"):
    offsets = np.cumsum([0, *map(len, rings)])
    x, y = np.concatenate(rings).astype(dtype).T
    return GeometryColumn.from_ragged("polygon", x, y, (np.arange(len(rings) + 1), offsets))


def exact(row):
    return float(abs(exact_area(row)) / 2)


def far(rng, distance, dtype="float64"):
    return [ring(rng, k, (distance, -distance)).astype(dtype) for k in (4, 5, 23, 500, 3000)]


@pytest.mark.parametrize("distance", [0, 1e3, 1e7, 1e12])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_promised_error_of_areas(engine, distance, rng):
    rings = far(rng, distance)
    have = area(column_of(rings), engine=on(engine))
    for row, value in zip(rings, have, strict=True):
        x, y = row.T
        terms = np.abs((x - x[0])[1:-1] * (y[:-2] - y[2:])).sum() / 2
        assert abs(value - exact(row)) <= (len(row) + 3) * U * terms


@pytest.mark.parametrize("distance", [0, 10, 1e3, 1e5])
@pytest.mark.parametrize("engine", ENGINES)
def test_areas_of_float32_are_rounded_once(engine, distance, rng):
    """Sums of products of float32 as they are would lose everything at 1e5; nothing is lost."""
    rings = far(rng, distance, "float32")
    have = area(column_of(rings, "float32"), engine=on(engine))
    assert have.dtype == np.float32
    want = np.array([exact(row) for row in rings])
    assert np.all(np.abs(have - want) <= 0.5001 * np.spacing(want.astype(np.float32)))
    lengths = length(column_of(rings, "float32"), engine=engine)
    want = shapely.length(column_of(rings, "float32").to_shapely())
    assert np.all(np.abs(lengths - want) <= 0.5001 * np.spacing(want.astype(np.float32)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shed_and_a_speck(engine):
    """Seven square metres in UTM coordinates, and a triangle of 2^-62 square degrees, either way round."""
    shed = [
        (612345.671, 5312345.125),
        (612344.375, 5312342.5),
        (612342.25, 5312343.5),
        (612343.5, 5312346.125),
    ]
    speck = [(-78.25, 35.125), (-78.25 + 2**-30, 35.125), (-78.25, 35.125 + 2**-31)]
    rings = [np.array([*corners, corners[0]]) for corners in (shed, speck, speck[::-1])]
    have = area(column_of(rings), engine=on(engine))
    np.testing.assert_allclose(have, [6.911499999951047, 2.0**-62, 2.0**-62], rtol=1e-12)


def test_as_close_as_geos(rng):
    """The same sum in the same order: on a CPU the very same bits, where a ring is within a tile."""
    rings = far(rng, 1e6)
    column = column_of(rings)
    np.testing.assert_array_equal(area(column), shapely.area(column.to_shapely()))


def test_holes_are_taken_away_one_by_one(rng):
    rings = [3 * ring(rng, 50), *(0.1 * ring(rng, k) for k in (4, 9, 20))]
    polygon = shapely.Polygon(rings[0], rings[1:])
    want = abs(exact_area(rings[0])) - sum(abs(exact_area(hole)) for hole in rings[1:])
    np.testing.assert_allclose(area([polygon]), [float(want / Fraction(2))], rtol=1e-14)
