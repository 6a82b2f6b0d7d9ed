"""Every measure of every type of geometry is Shapely's: to the last bit on a CPU, closely where sums fuse."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geometry import samples
from geometry.test_properties import columns
from hypothesis import given, settings
from operations.measurement.measured import ENGINES, ORACLES, expected, on

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.operations.measurement import planar_measures as measurement

SUMS = "area", "length"


def measure(name, column, engine):
    return getattr(measurement, name)(column, engine=engine)


def agrees(name, column, engine):
    """`area` and `length` fuse products with sums on a GPU; the rest is equal everywhere."""
    rows = column.to_shapely()
    want, have = expected(name, rows), measure(name, column, engine)
    assert have.shape == want.shape
    if engine != "cpu" and name in SUMS:
        np.testing.assert_allclose(have, want, rtol=1e-13, atol=1e-13)
    else:
        np.testing.assert_array_equal(have, want)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("sample", samples.ROWS)
def test_named_columns(sample, name, engine):
    agrees(name, samples.column(sample), on(engine))


@pytest.mark.parametrize("name", ["area", "length", "bounds", "num_points"])
@given(column=columns())
@settings(max_examples=150)
def test_random_columns_of_any_floats(name, column):
    agrees(name, column, "cpu")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ORACLES)
def test_dtypes(name, dtype):
    of = {"num_points": np.int64, "is_ccw": np.bool_}.get(name, np.dtype(dtype))
    for sample in samples.ROWS:
        assert measure(name, samples.column(sample).astype(dtype), "cpu").dtype == of, sample


@pytest.mark.parametrize("name", ORACLES)
def test_every_type_is_among_the_samples(name):
    assert {samples.column(sample).type for sample in samples.ROWS} == set(GeometryType)


@pytest.mark.parametrize("engine", ENGINES)
def test_coordinates_that_are_nan(engine):
    """Sums with NaN are NaN; a box leaves NaN out, coordinate by coordinate, wherever it stands."""
    nan = np.nan
    lines = [[(nan, nan), (0, 0), (1, 1)], [(0, 0), (nan, 2), (1, 1)], [(0, 0), (1, 1), (1, nan)]]
    column = GeometryColumn.from_ragged(
        "linestring", *np.array([*lines, [(nan, nan)] * 3]).reshape(-1, 2).T, [0, 3, 6, 9, 12]
    )
    boxes = measurement.bounds(column, engine=on(engine))
    np.testing.assert_array_equal(boxes, [[0, 0, 1, 1], [0, 0, 1, 2], [0, 0, 1, 1], [nan] * 4])
    assert np.isnan(measurement.length(column, engine=engine)).all()
    point = GeometryColumn.from_points([nan, 3], [1, nan])
    np.testing.assert_array_equal(measurement.bounds(point, engine=engine), shapely.bounds(list(point)))
    np.testing.assert_array_equal(measurement.num_points(point, engine=engine), [1, 1])
    ring = GeometryColumn.from_ragged("polygon", [0, 1, nan, 0], [0, 0, 1, 0], ([0, 1], [0, 4]))
    assert np.isnan(measurement.area(ring, engine=engine)).all()


def test_bounds_hold_holes_that_leave_their_shell():
    """Where GEOS, which looks at shells alone, differs; no valid polygon has such a hole."""
    hole = [(5, 5), (6, 5), (6, 6), (5, 5)]
    polygon = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 0)], [hole])
    assert not polygon.is_valid
    assert measurement.bounds([polygon]).tolist() == [[0, 0, 6, 6]]
    assert shapely.bounds(polygon).tolist() == [0, 0, 1, 1]
