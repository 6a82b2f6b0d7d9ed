"""What cities, roads, coasts and duplicates promise."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from groundspeed.datasets.generators import (
    fractal_polygons,
    hierarchical_cities,
    parcels,
    repeated_points,
    road_network,
)


def test_cities_are_clusters_of_clusters() -> None:
    column = hierarchical_cities(n=100_000, seed=1)
    coarse, *_ = np.histogram2d(column.x, column.y, bins=10, range=[[0, 100]] * 2)
    fine, *_ = np.histogram2d(column.x, column.y, bins=1_000, range=[[0, 100]] * 2)
    assert coarse.max() > 5 * coarse.mean()  # regions
    assert np.count_nonzero(fine) < 20_000  # of a million cells: towns
    even = hierarchical_cities(n=100_000, seed=1, skew=1e3)
    assert np.histogram2d(even.x, even.y, bins=10)[0].max() < coarse.max() / 2


def test_repeated_points_have_the_shares_stated() -> None:
    column = repeated_points(n=200_000, seed=1, share=0.5, crowd=0.2, nudge=1e-3)
    _, counts = np.unique(column.x + 1j * column.y, return_counts=True)
    assert counts.max() == pytest.approx(40_000, rel=0.02)  # on the middle
    assert counts.sum() - counts.max() - len(counts) + 1 == pytest.approx(40_000, rel=0.02)  # exact copies
    near = repeated_points(n=20_000, seed=1, crowd=0.0, nudge=1e-3).to_shapely()
    _, distance = shapely.STRtree(near).query_nearest(near, exclusive=True, return_distance=True)
    assert ((distance > 0) & (distance < 2e-3)).mean() > 0.15  # near copies, and what they copy


def test_roads_meet_at_their_ends_only() -> None:
    roads = road_network(n=2_000, vertices=9, seed=1).to_shapely()
    assert shapely.is_simple(roads).all()
    left, right = shapely.STRtree(roads).query(roads, predicate="intersects")
    other = left < right
    met = shapely.intersection(roads[left[other]], roads[right[other]])
    assert (shapely.get_type_id(met) == shapely.GeometryType.POINT).all()
    assert shapely.touches(roads[left[other]], roads[right[other]]).all()
    ends = np.concatenate([shapely.get_point(roads, 0), shapely.get_point(roads, -1)])
    assert len(met) > 2 * len(roads)
    assert np.isin(shapely.to_wkb(met), shapely.to_wkb(ends)).all()


@pytest.mark.parametrize("vertices", [2, 3, 12])
def test_the_roughest_roads_do_not_cross(vertices: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Worst:
        def uniform(self, low: float, high: float, shape: tuple[int, int]) -> np.ndarray:
            return np.random.default_rng(3).choice([low, high], shape)

    monkeypatch.setattr(sys.modules[road_network.__module__], "stream", lambda *_: Worst())
    roads = road_network(n=3_000, vertices=vertices, seed=2).to_shapely()
    crossing = shapely.STRtree(roads).query(roads, predicate="crosses")
    assert crossing.size == 0
    assert shapely.is_simple(roads).all()


islands = st.fixed_dictionaries(
    {
        "n": st.integers(1, 30),
        "vertices": st.integers(5, 400),
        "roughness": st.floats(0.0, 0.999),
        "seed": st.integers(0, 2**32),
    }
)


@given(arguments=islands)
@settings(max_examples=60, deadline=None)
def test_islands_are_valid_and_apart(arguments: dict) -> None:
    found = fractal_polygons(**arguments).to_shapely()
    assert shapely.is_valid(found).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(found)).all()
    assert (shapely.get_num_coordinates(found) == arguments["vertices"]).all()
    left, right = shapely.STRtree(found).query(found, predicate="intersects")
    assert np.array_equal(left, right)
    assert shapely.total_bounds(found).min() >= 0.0
    assert shapely.total_bounds(found).max() <= 100.0


@pytest.mark.parametrize("vertices", [100, 10_001, 1_000_000])
def test_a_long_coast_is_valid(vertices: int) -> None:
    (island,) = fractal_polygons(n=1, vertices=vertices, seed=4).to_shapely()
    assert shapely.is_valid(island)
    assert shapely.get_num_coordinates(island) == vertices


def test_a_coast_gets_longer_the_closer_one_looks() -> None:
    (island,) = fractal_polygons(n=1, vertices=100_001, seed=4, roughness=0.7).to_shapely()
    ring = shapely.get_coordinates(island)
    lengths = [shapely.length(shapely.linestrings(ring[::step])) for step in (1_000, 100, 10, 1)]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 3 * lengths[0]


def test_parcels_are_mostly_small() -> None:
    column = parcels(n=100_000, seed=1)
    vertices = np.diff(column.vertex_offsets)
    assert vertices.min() == 5
    assert 480 < vertices.max() <= 500
    for k in (10, 20, 40):  # half as many have twice as many vertices
        assert np.count_nonzero(vertices >= 2 * k) == pytest.approx(
            np.count_nonzero(vertices >= k) / 2, rel=0.25
        )
    found = column.to_shapely()
    assert shapely.is_ccw(shapely.get_exterior_ring(found)).all()
    share = shapely.area(found) / vertices
    assert share.max() < 5 * share.min()


@pytest.mark.parametrize(("smallest", "largest"), [(4, 4), (4, 6), (5, 500), (300, 3_000)])
def test_parcels_are_valid_and_apart(smallest: int, largest: int) -> None:
    found = parcels(n=1_000, smallest=smallest, largest=largest, seed=2).to_shapely()
    assert shapely.is_valid(found).all()
    left, right = shapely.STRtree(found).query(found, predicate="intersects")
    assert (left == right).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"smallest": 3}, "smallest must be at least 4, got 3"),
        ({"smallest": 9, "largest": 8}, "largest must be at least 9, got 8"),
    ],
)
def test_parcels_refuse(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parcels(n=1, **arguments)
