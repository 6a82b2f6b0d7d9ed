"""What competitors share: one line each for a function of Shapely, GeoPandas or a database."""

import numpy as np
import pytest
import shapely
from requirements import need

from groundspeed.geometry import GeometryColumn
from groundspeed.referee import discovery
from groundspeed.referee.competitors import duckdb, frames, geos, postgis, sedonadb
from groundspeed.referee.oracle import call

SHAPES = [shapely.box(0, 0, 2, 2), shapely.Point(1, 1).buffer(1), None, shapely.box(5, 5, 6, 8)] * 3_000
AREA = shapely.area(SHAPES)
BOUNDS = shapely.bounds(SHAPES)
DATABASES = {"duckdb": duckdb, "sedonadb": sedonadb, "postgis": postgis}


def answer(one, **inputs):
    need(*one.requires)
    if reason := discovery.unavailable(one):
        pytest.skip(reason)
    return call(one, inputs)


@pytest.fixture
def shapes():
    return GeometryColumn.from_shapely(SHAPES)


@pytest.mark.parametrize("name", DATABASES)
def test_an_expression_of_a_database_is_one_line(shapes, name):
    one = DATABASES[name].select("ST_Area(geometries)", caveat="none")
    assert (one.name, one.library) == (f"{name} st area", name)
    assert one.caveat == "none"
    assert "ST_Area(geometries)" in one.doc
    assert "'select i, ST_Area(geometries) as v0 from rows'" in one.source
    np.testing.assert_allclose(answer(one, geometries=shapes), AREA, rtol=1e-12)


@pytest.mark.parametrize("name", DATABASES)
def test_several_expressions_are_columns(shapes, name):
    parts = [f"ST_{each}(geometries)" for each in ("XMin", "YMin", "XMax", "YMax")]
    one = DATABASES[name].select(*parts, name="bounds")
    np.testing.assert_allclose(answer(one, geometries=shapes), BOUNDS)


@pytest.mark.parametrize("name", DATABASES)
def test_an_expression_may_take_several_inputs(shapes, name):
    points = GeometryColumn.from_points(np.full(len(SHAPES), 1.0), np.full(len(SHAPES), 1.0))
    one = DATABASES[name].select("ST_Distance(a, b)")
    expected = shapely.distance(shapes.to_shapely(), shapely.Point(1, 1))
    np.testing.assert_allclose(answer(one, a=shapes, b=points), expected, rtol=1e-12)


def test_a_function_of_shapely_is_two_competitors_in_one_line(shapes):
    alone, together = geos.function("area")
    assert (alone.name, alone.cores, alone.division) == ("shapely area", "one", "default")
    assert (together.name, together.cores, together.division) == ("shapely area threads", "all", "tuned")
    for one in (alone, together):
        np.testing.assert_array_equal(answer(one, geometries=shapes), AREA)
    for one in geos.function("bounds"):
        np.testing.assert_array_equal(answer(one, geometries=shapes), BOUNDS)


def test_a_loop_and_an_attribute_of_a_frame_are_one_line(shapes):
    loop, frame = geos.loop("area", limit=100), frames.attribute("area")
    assert (loop.name, loop.style, loop.limit) == ("shapely area loop", "naive", 100)
    assert frame.name == "geopandas area"
    for one in (loop, frame):
        np.testing.assert_array_equal(answer(one, geometries=shapes), AREA)


def test_a_method_of_a_frame_takes_the_other_inputs(shapes):
    np.testing.assert_array_equal(answer(frames.attribute("distance"), a=shapes, b=shapes), AREA * 0)
