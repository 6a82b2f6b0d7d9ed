"""Every sample through every exchange and back: not a bit may change."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import shapely
from geometry.samples import ROWS, column, geometries, wkb

from groundspeed.engines import get
from groundspeed.geometry import GeometryColumn, GeometryType

ROUND_TRIPS = {
    "shapely": lambda c: GeometryColumn.from_shapely(c.to_shapely(), c.crs),
    "geopandas series": lambda c: GeometryColumn.from_geopandas(c.to_geopandas()),
    "geopandas frame": lambda c: GeometryColumn.from_geopandas(c.to_geopandas().to_frame("geometry")),
    "wkb": lambda c: GeometryColumn.from_wkb(c.to_wkb(), c.crs),
    "arrow wkb": lambda c: GeometryColumn.from_arrow(c.to_arrow("wkb")),
    "pickle": lambda c: pickle.loads(pickle.dumps(c)),
    "take all": lambda c: c.take(np.arange(len(c))),
    "take twice reversed": lambda c: c[::-1][::-1],
    "slice all": lambda c: c[:],
    "mask all": lambda c: c[np.ones(len(c), dtype=bool)],
    "engine and host": lambda c: c.to_engine(get("cpu")).to_host(),
    "from_ragged": lambda c: GeometryColumn.from_ragged(
        c.type.name, c.x, c.y, c.offsets, validity=c.validity, single=c.single, crs=c.crs
    ),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("way", ROUND_TRIPS)
def test_round_trip_is_exact(name, way):
    before = column(name)
    after = ROUND_TRIPS[way](before)
    assert after.equals(before)
    assert wkb(after.to_shapely()) == wkb(geometries(name))


@pytest.mark.parametrize("name", ROWS)
def test_native_arrow_round_trip_is_exact_but_for_singles(name):
    before = column(name)
    multis = replace(before, single=None)
    assert GeometryColumn.from_arrow(before.to_arrow()).equals(multis)
    assert GeometryColumn.from_arrow(before).equals(multis)


@pytest.mark.parametrize("name", ROWS)
def test_properties_are_those_of_shapely(name):
    rows, ours = geometries(name), column(name)
    assert len(ours) == len(rows)
    assert ours.is_null.tolist() == shapely.is_missing(rows).tolist()
    assert ours.is_empty.tolist() == shapely.is_empty(rows).tolist()
    expected = shapely.total_bounds(rows) if len(rows) else [np.nan] * 4  # Shapely refuses no rows at all
    np.testing.assert_array_equal(ours.total_bounds, expected)
    assert wkb([ours[i] for i in range(len(ours))]) == wkb(rows)
    assert wkb(list(ours)) == wkb(rows)


@pytest.mark.parametrize("name", ROWS)
def test_selections_are_those_of_numpy(name):
    rows, ours = geometries(name), column(name)
    numbers = np.arange(len(rows))
    for key in [
        slice(1, None),
        slice(-2, 5),
        slice(2, 1),
        slice(None, None, 2),
        numbers[::-1],
        -1 - numbers,
        numbers % 2 == 1,
    ]:
        assert wkb(ours[key].to_shapely()) == wkb(rows[key]), key
    assert wkb(ours[[*numbers, *numbers]].to_shapely()) == wkb([*rows, *rows])


@pytest.mark.parametrize("name", ROWS)
def test_a_slice_is_a_valid_column(name):
    part = column(name)[1:]
    again = GeometryColumn.from_ragged(
        part.type, part.x, part.y, part.offsets, validity=part.validity, single=part.single, crs=part.crs
    )
    assert again.equals(part)


@pytest.mark.parametrize("name", ROWS)
def test_equal_only_to_itself(name):
    ours = column(name)
    assert ours.equals(column(name))
    assert not ours.equals(column(name, None))
    assert not ours.equals("a string")
    for other in ROWS:
        same = (column(other).type, ROWS[other]) == (ours.type, ROWS[name])
        assert ours.equals(column(other)) == same, other


def test_equality_looks_at_every_field():
    points = GeometryColumn.from_points([0.0, 1.0], [2.0, 3.0])
    assert not points.equals(GeometryColumn.from_points([-0.0, 1.0], [2.0, 3.0]))
    assert not points.equals(GeometryColumn.from_points([0.0, 1.0], [2.0, 4.0]))
    assert not points.equals(points.astype(np.float32))
    assert points.equals(replace(points, validity=np.array([True, True])))
    multi = GeometryColumn.from_wkt(["MULTIPOINT ((0 0))", "MULTIPOINT ((1 1))"])
    assert not multi.equals(replace(multi, single=np.array([True, False])))
    assert not multi.equals(replace(multi, type=GeometryType.LINESTRING))


def test_a_slice_shares_the_coordinates():
    ours = column("polygons")
    assert np.shares_memory(ours[1:].x, ours.x)
    assert np.shares_memory(ours[1:].y, ours.y)


def test_an_engine_that_is_here_already_costs_nothing():
    ours = column("polygons among multipolygons")
    assert ours.to_engine(get("cpu")) is ours
    assert ours.to_host() is ours
    assert ours.astype("float64") is ours


def test_float32_survives_geos_as_the_same_numbers():
    ours = GeometryColumn.from_points(np.float32([0.1, 0.2]), np.float32([0.3, 0.4]))
    back = GeometryColumn.from_shapely(ours.to_shapely()).astype(np.float32)
    assert ours.dtype == np.float32
    assert back.equals(ours)


def test_representation_is_short():
    assert (
        repr(column("points, nulls and empties")) == "<GeometryColumn: 6 POINT, 2 null, float64, EPSG:4326>"
    )
    assert repr(column("polygons", None)) == "<GeometryColumn: 2 POLYGON of 19 vertices, float64>"


def test_bytes_and_vertices_are_counted():
    ours = column("polygons")
    assert ours.num_vertices == 5 + 14
    assert ours.nbytes == 2 * 8 * 19 + 8 * (3 + 5)
    assert ours.vertex_offsets.tolist() == [0, 5, 19]
