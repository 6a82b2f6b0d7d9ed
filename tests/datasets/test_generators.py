"""Generators: degenerate sizes first, then the same bytes for ever, then what each promises."""

from __future__ import annotations

import hashlib
import sys
import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from groundspeed.datasets.generators import (
    GENERATORS,
    addresses,
    footprints,
    fractal_polygons,
    hierarchical_cities,
    random_walks,
    repeated_points,
    road_network,
    skewed_points,
    star_polygons,
    tessellation,
    thomas_points,
    uniform_lonlat,
    uniform_points,
)
from groundspeed.datasets.generators import stream as streams
from groundspeed.geometry import GeometryColumn

NEEDED = {
    "addresses": {"buildings": 900},
    "fractal_polygons": {"vertices": 65},
    "random_walks": {"points": 12},
    "star_polygons": {"vertices": 25, "holes": 2},
}
GRIDS = ("footprints", "fractal_polygons", "parcels", "road_network", "star_polygons", "tessellation")
"""Their cells, or towns, depend on how many there are."""
CALLS = {name: (generator, NEEDED.get(name, {})) for name, generator in GENERATORS.items()}

DIGESTS = {
    "addresses": "037c5cf33b2336f2",
    "footprints": "9297d01320ef2a2b",
    "fractal_polygons": "c06ca5bb60ec938a",
    "hierarchical_cities": "6f9d60132020ecb2",
    "parcels": "344bfff2a34587ab",
    "random_walks": "e2ce539e6432204e",
    "repeated_points": "ba6a1e25438d51d2",
    "road_network": "b33ec6283b09008d",
    "skewed_points": "54342903c176839e",
    "star_polygons": "7f9757e66d193b92",
    "tessellation": "d6f2e3cc33baec23",
    "thomas_points": "bc9b577e7857f9d5",
    "uniform_lonlat": "0d12e12a3db7b6cc",
    "uniform_points": "16f533c6d255c921",
}


def digest(column: GeometryColumn) -> str:
    arrays = (column.x, column.y, *column.offsets)
    little = (np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")) for array in arrays)
    return hashlib.sha256(b"".join(array.tobytes() for array in little)).hexdigest()[:16]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("n", [0, 1])
def test_nothing_and_one(name: str, n: int) -> None:
    generator, needed = CALLS[name]
    column = generator(n=n, **needed)
    assert len(column) == n
    assert bool(column.x.size) == bool(n)
    assert column.x.dtype == column.y.dtype == np.float64


@pytest.mark.parametrize("name", CALLS)
def test_the_bytes_never_change(name: str) -> None:
    generator, needed = CALLS[name]
    assert digest(generator(n=1_000, seed=7, **needed)) == DIGESTS[name]


@pytest.mark.parametrize("name", CALLS)
def test_another_seed_is_another_set(name: str) -> None:
    generator, needed = CALLS[name]
    assert digest(generator(n=50, seed=1, **needed)) != digest(generator(n=50, seed=2, **needed))


@pytest.mark.parametrize("name", [name for name in CALLS if name not in GRIDS])
def test_the_first_records_do_not_depend_on_the_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 240)  # several blocks, the last one cut
    generator, needed = CALLS[name]
    few, many = generator(n=317, seed=3, **needed), generator(n=1_000, seed=3, **needed)
    assert np.array_equal(few.x, many.x[: few.x.size])
    assert np.array_equal(few.y, many.y[: few.y.size])


def test_blocks_of_stars_are_shaped_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 4 * 25)
    column = star_polygons(n=50, vertices=25, seed=3)
    polygons = column.to_shapely()
    assert shapely.is_valid(polygons).all()
    assert np.unique(np.round(shapely.area(polygons), 9)).size == 50


@pytest.mark.parametrize(
    "generator", [hierarchical_cities, repeated_points, skewed_points, thomas_points, uniform_points]
)
@given(n=st.integers(1, 500), seed=st.integers(0, 2**32), extent=st.floats(1e-3, 1e6))
@settings(max_examples=25, deadline=None)
def test_points_stay_in_their_square(generator: object, n: int, seed: int, extent: float) -> None:
    column = generator(n=n, seed=seed, extent=extent)
    for values in (column.x, column.y):
        assert ((values >= 0) & (values <= extent)).all()


def test_uniform_points_are_uniform() -> None:
    column = uniform_points(n=100_000, seed=1)
    counts, *_ = np.histogram2d(column.x, column.y, bins=10, range=[[0, 100]] * 2)
    statistic = ((counts - 1_000) ** 2 / 1_000).sum()  # chi square of 99 degrees of freedom
    assert 53 < statistic < 161  # 0.01 % on either side


def test_thomas_points_are_clustered() -> None:
    column = thomas_points(n=10_000, seed=1, clusters=10, spread=0.5)
    counts, *_ = np.histogram2d(column.x, column.y, bins=50)
    assert np.count_nonzero(counts) < 2_500 / 4


def test_skewed_points_follow_zipf() -> None:
    column = skewed_points(n=100_000, seed=1, places=100)
    counts = np.sort(np.unique(column.x, return_counts=True)[1])[::-1]
    harmonic = (1 / np.arange(1, 101)).sum()
    assert counts.size == 100
    assert counts[0] == pytest.approx(100_000 / harmonic, rel=0.05)
    assert counts[9] == pytest.approx(10_000 / harmonic, rel=0.1)


LARGE = [
    (fractal_polygons, {"n": 3_000, "vertices": 1_001}),
    (hierarchical_cities, {"n": 3_000_000}),
    (repeated_points, {"n": 3_000_000}),
    (road_network, {"n": 500_000}),
]


@pytest.mark.parametrize(("generator", "arguments"), LARGE)
def test_memory_beyond_the_result_is_bounded(generator: object, arguments: dict) -> None:
    tracemalloc.start()
    try:
        column = generator(**arguments)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    result = column.x.nbytes + column.y.nbytes + sum(level.nbytes for level in column.offsets)
    assert peak < result + 40 * 8 * streams.BLOCK


def test_uniform_lonlat_is_even_on_the_sphere() -> None:
    column = uniform_lonlat(n=100_000, seed=1)
    assert column.crs.to_epsg() == 4326
    assert ((column.x >= -180) & (column.x < 180)).all()
    assert (abs(column.y) <= 90).all()
    heights = np.sin(np.radians(column.y))
    assert np.histogram(heights, bins=10, range=(-1, 1))[0] == pytest.approx([10_000] * 10, rel=0.05)
    assert np.array_equal(column.y, np.round(column.y, 7))


def test_walks_drift() -> None:
    column = random_walks(n=200, points=100, seed=1, step=0.5)
    lines = column.to_shapely()
    assert (shapely.get_num_coordinates(lines) == 100).all()
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    straight = shapely.distance(first, last) / shapely.length(lines)
    assert 0.3 < np.median(straight) < 0.95  # neither a knot nor a straight line


polygons = st.fixed_dictionaries(
    {
        "n": st.integers(1, 60),
        "seed": st.integers(0, 2**32),
        "edge_vertices": st.integers(0, 12),
        "jitter": st.floats(0.0, 0.4999),
    }
)


@given(arguments=polygons, points=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_tessellation_has_every_point_exactly_once(arguments: dict, points: int) -> None:
    column = tessellation(**arguments)
    cells = column.to_shapely()
    inside = shapely.points(np.random.default_rng(points).random((200, 2)) * 100.0)
    _, hit = shapely.STRtree(inside).query(cells, predicate="contains")
    assert np.array_equal(np.bincount(hit, minlength=200), np.ones(200))
    assert shapely.is_valid(cells).all()
    assert shapely.area(cells).sum() == pytest.approx(10_000.0, rel=1e-12)
    assert shapely.is_ccw(shapely.get_exterior_ring(cells)).all()


@pytest.mark.parametrize("jitter", [0.0, 0.25, 0.49])
def test_the_roughest_tessellation_is_valid(jitter: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def worst(rng: np.random.Generator, lines: int, at: np.ndarray, **_: object) -> np.ndarray:
        return np.repeat(rng.choice([-1.0, 1.0], (lines, 1)), at.size, axis=1)

    monkeypatch.setattr(sys.modules[tessellation.__module__], "rough", worst)
    cells = tessellation(n=2_500, edge_vertices=9, jitter=jitter, seed=1).to_shapely()
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    assert shapely.area(cells).sum() == pytest.approx(10_000.0, rel=1e-12)


def test_a_tessellation_has_the_published_shapes() -> None:
    small, big = tessellation(n=1_000, edge_vertices=24), tessellation(n=32, edge_vertices=2_499)
    assert (np.diff(small.offsets[-1]) == 101).all()
    assert (np.diff(big.offsets[-1]) == 10_001).all()
    assert shapely.is_valid(big.to_shapely()).all()


def test_neighbours_share_their_vertices() -> None:
    cells = tessellation(n=24, edge_vertices=7, seed=5).to_shapely()
    assert shapely.coverage_is_valid(cells)


stars = st.integers(0, 6).flatmap(
    lambda holes: st.fixed_dictionaries(
        {
            "n": st.integers(1, 30),
            "vertices": st.integers(9 if holes else 4, 200),
            "holes": st.just(holes),
            "seed": st.integers(0, 2**32),
        }
    )
)


@given(arguments=stars)
@settings(max_examples=100, deadline=None)
def test_stars_are_valid_and_apart(arguments: dict) -> None:
    found = star_polygons(**arguments).to_shapely()
    assert shapely.is_valid(found).all()
    assert (shapely.get_num_interior_rings(found) == arguments["holes"]).all()
    exterior = shapely.get_exterior_ring(found)
    assert (shapely.get_num_coordinates(exterior) == arguments["vertices"]).all()
    assert shapely.is_ccw(exterior).all()
    left, right = shapely.STRtree(found).query(found, predicate="intersects")
    assert np.array_equal(left, right)
    assert shapely.total_bounds(found).min() >= 0.0
    assert shapely.total_bounds(found).max() <= 100.0


def test_triangles_do_not_turn_over() -> None:
    found = star_polygons(n=5_000, vertices=4, seed=1).to_shapely()
    assert shapely.is_valid(found).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(found)).all()


def test_the_largest_holes_fit_into_the_smallest_polygon(monkeypatch: pytest.MonkeyPatch) -> None:
    heights = iter([-1.0, 1.0])  # the exterior is made first

    def worst(rng: np.random.Generator, lines: int, at: np.ndarray, **_: object) -> np.ndarray:
        return np.full((lines, at.size), next(heights))

    monkeypatch.setattr(sys.modules[star_polygons.__module__], "rough", worst)
    assert shapely.is_valid(star_polygons(n=2_000, vertices=9, holes=4, seed=1).to_shapely()).all()


def test_holes_are_clockwise_and_inside() -> None:
    found = star_polygons(n=20, vertices=9, holes=20, seed=11).to_shapely()
    holes = [shapely.Polygon(ring) for polygon in found for ring in polygon.interiors]
    outer = np.repeat([shapely.Polygon(polygon.exterior) for polygon in found], 20)
    assert not shapely.is_ccw([ring for polygon in found for ring in polygon.interiors]).any()
    assert shapely.contains_properly(outer, holes).all()


BAD = [
    (uniform_points, {"n": -1}, "n must be at least 0, got -1"),
    (uniform_points, {"n": 1.5}, "n must be a whole number, got 1.5"),
    (uniform_points, {"n": True}, "n must be a whole number"),
    (uniform_points, {"n": 1, "seed": -3}, "seed must be at least 0, got -3"),
    (uniform_points, {"n": 1, "extent": 0.0}, "extent must be at least"),
    (uniform_points, {"n": 1, "extent": float("nan")}, "extent must be at least"),
    (thomas_points, {"n": 1, "clusters": 0}, "clusters must be at least 1"),
    (thomas_points, {"n": 1, "spread": -1.0}, "spread must be at least 0"),
    (skewed_points, {"n": 1, "places": 0}, "places must be at least 1"),
    (skewed_points, {"n": 1, "exponent": -1.0}, "exponent must be at least 0"),
    (
        hierarchical_cities,
        {"n": 1, "levels": 5},
        "levels must be at most 4 and branches at most 100, got 5 and 20",
    ),
    (hierarchical_cities, {"n": 1, "branches": 0}, "branches must be at least 1"),
    (hierarchical_cities, {"n": 1, "skew": 0.0}, "skew must be at least"),
    (repeated_points, {"n": 1, "share": 1.0}, "share must be at least 0 and less than 1, got 1.0"),
    (repeated_points, {"n": 1, "crowd": -0.1}, "crowd must be at least 0"),
    (repeated_points, {"n": 1, "nudge": 1e9}, "nudge must be at least 0 and less than 100"),
    (road_network, {"n": 1, "vertices": 1}, "vertices must be at least 2, got 1"),
    (fractal_polygons, {"n": 1, "vertices": 4}, "vertices must be at least 5, got 4"),
    (
        fractal_polygons,
        {"n": 1, "vertices": 9, "roughness": 1.0},
        "roughness must be at least 0 and less than 1",
    ),
    (random_walks, {"n": 1, "points": 1}, "points must be at least 2, got 1"),
    (random_walks, {"n": 1, "points": 5, "step": float("inf")}, "step must be"),
    (star_polygons, {"n": 1, "vertices": 3}, "vertices must be at least 4, got 3"),
    (star_polygons, {"n": 1, "vertices": 8, "holes": 1}, "vertices must be at least 9, got 8"),
    (star_polygons, {"n": 1, "vertices": 9, "holes": -1}, "holes must be at least 0"),
    (tessellation, {"n": 1, "jitter": 0.5}, "jitter must be at least 0 and less than 0.5, got 0.5"),
    (tessellation, {"n": 1, "edge_vertices": -1}, "edge_vertices must be at least 0"),
]


@pytest.mark.parametrize(("generator", "arguments", "message"), BAD)
def test_wrong_arguments_are_named(generator: object, arguments: dict, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message.replace(".", r"\.")):
        generator(**arguments)


def test_footprints_crowd_and_stray() -> None:
    column = footprints(n=100_000, seed=1)
    polygons = column.to_shapely()
    assert shapely.is_valid(polygons).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()
    assert np.unique(shapely.get_num_coordinates(polygons)).tolist() == [5, 7, 401]
    boxes = shapely.bounds(polygons)
    far = (boxes[:, 2] > 200) | (boxes[:, 3] > 200)
    assert 1 <= far.sum() <= 20
    assert np.median(boxes[:, 2] - boxes[:, 0]) < 1e-3
    cells = np.unique(np.floor(boxes[~far, :2]), axis=0)
    assert len(cells) < 3_000  # of 10,000


def test_addresses_are_at_the_footprints_of_their_seed() -> None:
    tree = shapely.STRtree(footprints(n=20_000, seed=5).to_shapely())
    found = [
        np.unique(tree.query(addresses(n=5_000, buildings=20_000, seed=seed).to_shapely(), "within")[0]).size
        for seed in (5, 6)
    ]
    assert 1_500 < found[0] < 2_500
    assert found[1] < 100
