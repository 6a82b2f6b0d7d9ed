"""Forms of arguments and results, and what is refused."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from operations.measurement.measured import ENGINES, ORACLES, on

from groundspeed.geometry import GeometryColumn
from groundspeed.operations.measurement import planar_measures as measurement

BOXES = [shapely.box(0, 0, 2, 1), None, shapely.box(5, 5, 6, 7)]
RINGS = {
    "not closed": ([0, 1, 1, 0], [0, 0, 1, 1], "not closed"),
    "of three vertices": ([0, 1, 0], [0, 0, 0], "3 vertices"),
}


@pytest.mark.parametrize("name", ["area", "length", "num_points", "is_ccw"])
def test_a_series_gives_a_series_with_its_index(name):
    series = geopandas.GeoSeries(BOXES, index=["a", "b", "c"])
    found = getattr(measurement, name)(series)
    assert isinstance(found, pd.Series)
    assert found.index.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(found.to_numpy(), getattr(measurement, name)(BOXES))


def test_bounds_of_a_series_are_a_frame_as_geopandas_has():
    frame = geopandas.GeoDataFrame(geometry=BOXES, index=[3, 1, 2])
    pd.testing.assert_frame_equal(measurement.bounds(frame), frame.bounds)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_boxes_grow_on_every_side(engine, dtype):
    column = GeometryColumn.from_shapely(BOXES).astype(dtype)
    grown = measurement.bounds(column, expand=0.25, engine=on(engine))
    assert grown.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(grown, [[-0.25, -0.25, 2.25, 1.25], [np.nan] * 4, [4.75, 4.75, 6.25, 7.25]])


@pytest.mark.parametrize("expand", [-1, np.nan, np.inf])
def test_boxes_do_not_shrink(expand):
    with pytest.raises(ValueError, match="expand must be a finite number not below 0"):
        measurement.bounds(BOXES, expand)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["area", "length", "is_ccw"])
@pytest.mark.parametrize("ring", RINGS)
def test_rings_are_refused_by_row(ring, name, engine):
    x, y, message = RINGS[ring]
    square, k = [0, 4, 4, 0, 0], len(x)
    column = GeometryColumn.from_ragged(
        "polygon", [*square, *x], [0, 0, 4, 4, 0, *y], ([0, 1, 1, 2], [0, 5, 5 + k])
    )
    with pytest.raises(ValueError, match=f"geometry: row 2, ring 0 .*{message}"):
        getattr(measurement, name)(column, engine=on(engine))
    assert measurement.num_points(column, engine=engine).tolist() == [5, 0, k]
    assert measurement.bounds(column, engine=engine)[2, 0] == 0


@pytest.mark.parametrize("name", ORACLES)
def test_what_holds_no_geometries_is_refused(name):
    with pytest.raises(TypeError, match="geometry must be"):
        getattr(measurement, name)([1.0, 2.0])


@pytest.mark.parametrize("name", ORACLES)
def test_inputs_are_left_as_they_are(name):
    column = GeometryColumn.from_shapely(BOXES)
    before = column.take(range(len(column)))
    getattr(measurement, name)(column)
    assert column.equals(before)
