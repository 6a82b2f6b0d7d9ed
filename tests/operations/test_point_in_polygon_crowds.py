"""point_in_polygon where data crowd: as GEOS says, and at a cost that depends on what is near a point."""

import numpy as np
import pytest
import shapely
from requirements import need

import groundspeed as gs
from groundspeed.datasets import load
from groundspeed.dispatch import dispatch
from groundspeed.operations.joins.point_in_polygon import boxes, query, small

MOST_TESTS = 30
"""Edge tests per point."""


def buildings(centres, size, rng):
    """Rectangles of random sides around centres."""
    half = size * rng.uniform(0.25, 0.75, (len(centres), 2))
    return shapely.box(*(centres - half).T, *(centres + half).T)


def town(n, rng):
    return rng.uniform(0, 1, (n, 2)), 0.5 / np.sqrt(n)


def one_town_and_a_typo(n, rng):
    centres, size = town(n, rng)
    centres[n // 2, 0] = 1e6
    return buildings(centres, size, rng), rng.uniform(0, 1, (n, 2))


def a_placeholder(n, rng):
    centres, size = town(n, rng)
    centres[7] = -9999
    return buildings(centres, size, rng), rng.uniform(0, 1, (n, 2))


def two_towns_far_apart(n, rng):
    centres, size = town(n, rng)
    points = rng.uniform(0, 1, (n, 2))
    centres[::2] += 1e5
    points[::2] += 1e5
    return buildings(centres, size, rng), points


def villages_over_the_globe(n, rng):
    villages = rng.uniform((-180, -90), (180, 90), (200, 2))
    size = 0.02 * 0.5 / np.sqrt(n / 200)
    centres, points = (villages[rng.integers(0, 200, n)] + rng.uniform(0, 0.02, (n, 2)) for _ in range(2))
    return buildings(centres, size, rng), points


def a_town_under_one_polygon_of_the_world(n, rng):
    centres, size = town(n, rng)
    return np.append(buildings(centres, size, rng), shapely.box(-180, -90, 180, 90)), rng.uniform(
        0, 1, (n, 2)
    )


def hamlets_of_very_unequal_size(n, rng):
    share = 1 / np.arange(1, 2001)
    hamlets = rng.uniform(0, 100, (2000, 2))
    centres, points = (
        hamlets[rng.choice(2000, n, p=share / share.sum())] + rng.normal(0, 0.01, (n, 2)) for _ in range(2)
    )
    return buildings(centres, 2e-4, rng), points


def a_town_beside_its_model(n, rng):
    """The same again, 3e-4 as large."""
    centres, size = town(n // 2, rng)
    large = buildings(centres, size, rng)
    model = shapely.transform(large, lambda xy: 0.5 + 3e-4 * xy)
    points = rng.uniform(0, 1, (n, 2))
    points[::2] = 0.5 + 3e-4 * points[::2]
    return np.concatenate([large, model]), points


def giants_and_footprints(n, rng):
    polygons = load(f"footprints(n={max(n, 1000)}, seed=3)").to_shapely()
    # 100 km across, in 1,001 vertices, over towns of 30 m houses
    turn = np.linspace(0, 2 * np.pi, 1001)[:-1]
    coasts = [
        np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.8, 1, (1000, 1)) for _ in range(3)
    ]
    rings = [
        shapely.Polygon(shapely.get_coordinates(polygons[k])[0] + coast) for k, coast in enumerate(coasts)
    ]
    points = load(f"addresses(n={n}, buildings={max(n, 1000)}, seed=3)")
    return np.append(polygons, rings), np.column_stack([points.x, points.y])


CROWDS = (
    one_town_and_a_typo,
    a_placeholder,
    two_towns_far_apart,
    villages_over_the_globe,
    a_town_under_one_polygon_of_the_world,
    hamlets_of_very_unequal_size,
    a_town_beside_its_model,
    giants_and_footprints,
)


def geos(points, polygons, predicate="within"):
    left, right = shapely.STRtree(polygons).query(shapely.points(points), predicate=predicate)
    order = np.lexsort((right, left))
    return left[order], right[order]


def assert_equal(actual, expected):
    for side, wanted in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(side, wanted)


def edge_tests_per_point(points, polygons):
    columns = gs.GeometryColumn.from_shapely(polygons), gs.GeometryColumn.from_points(*np.asarray(points).T)
    return query.counters(dispatch("cpu"), *columns)["edge_tests"] / len(points)


@pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: crowd.__name__)
def test_a_hundred_thousand(crowd):
    polygons, points = crowd(100_000, np.random.default_rng(1))
    expected = geos(points, polygons)
    assert len(expected[0]) > 5_000
    assert_equal(gs.point_in_polygon(points, polygons), expected)
    assert edge_tests_per_point(points, polygons) <= MOST_TESTS


@pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: crowd.__name__)
def test_on_vertices_and_beside_them_and_prepared(crowd):
    polygons, points = crowd(2_000, np.random.default_rng(2))
    vertices = shapely.get_coordinates(polygons)
    points = np.concatenate([points, vertices, np.nextafter(vertices, np.inf)])
    prepared = gs.prepare(polygons)
    assert len(prepared) == len(polygons)
    for predicate in ("within", "touches", "intersects"):
        expected = geos(points, polygons, predicate)
        assert_equal(gs.point_in_polygon(points, polygons, predicate), expected)
        assert_equal(gs.point_in_polygon(points, prepared, predicate), expected)


@pytest.mark.parametrize(
    ("crowd", "dtype"),
    [
        (giants_and_footprints, "float64"),
        (one_town_and_a_typo, "float64"),
        (a_town_beside_its_model, "float32"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_gpu_kernels_agree(crowd, dtype):
    need("gcc", "numba_cuda")
    polygons, points = crowd(1_500, np.random.default_rng(3))
    column = gs.GeometryColumn.from_shapely(polygons).astype(dtype)
    vertices = np.column_stack([column.x, column.y])
    points = np.concatenate([points.astype(dtype), vertices])
    for predicate in ("within", "touches"):
        expected = gs.point_in_polygon(points, column, predicate)
        assert_equal(gs.point_in_polygon(points, column, predicate, engine="emulator"), expected)


def some_of_all(rng):
    """Single rings, rings with holes, several parts, nothing, in random order; all small."""
    square = shapely.box(0, 0, 2, 2)
    holed = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    parts = shapely.MultiPolygon([square, shapely.box(3, 3, 5, 5).difference(shapely.box(4, 4, 4.5, 4.5))])
    kinds = np.array([square, holed, parts, shapely.Polygon(), shapely.MultiPolygon(), None])
    moves = rng.integers(0, 40, (2_000, 2))
    return np.array(
        [
            None if one is None else shapely.transform(one, lambda xy, move=move: xy + move)
            for one, move in zip(kinds[rng.integers(0, len(kinds), 2_000)], moves, strict=True)
        ]
    )


def test_holes_parts_empties_and_nulls():
    rng = np.random.default_rng(4)
    polygons = some_of_all(rng)
    points = rng.integers(-2, 100, (3_000, 2)) / 2
    column = gs.GeometryColumn.from_shapely(polygons)
    assert small.build(dispatch("cpu").engine, column)[0] is not None
    for predicate in ("within", "touches", "intersects"):
        expected = geos(points, polygons, predicate)
        assert_equal(gs.point_in_polygon(points, polygons, predicate), expected)
    null = shapely.points(points)
    null[::7] = None
    null[1::7] = shapely.Point()
    assert_equal(gs.point_in_polygon(null, polygons), geos_of(null, polygons))


def geos_of(points, polygons):
    left, right = shapely.STRtree(polygons).query(points, predicate="within")
    order = np.lexsort((right, left))
    return left[order], right[order]


def test_all_polygons_alike_and_all_points_alike():
    box = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5, 1.5), (0, 1)])
    polygons, points = np.full(2_000, box), np.full((300, 2), 0.25)
    left, right = gs.point_in_polygon(points, polygons)
    assert_equal((left, right), (np.repeat(np.arange(300), 2_000), np.tile(np.arange(2_000), 300)))


@pytest.mark.parametrize("budget", [None, 1 << 20])
def test_nested_a_thousand_deep(budget):
    """However little memory there is: points are halved until their candidates fit."""
    size = np.arange(1, 1_001)
    polygons = shapely.box(-size, -size, size, size)
    points = np.random.default_rng(5).uniform(-1_100, 1_100, (400, 2))
    with gs.use(memory_budget=budget):
        assert_equal(gs.point_in_polygon(points, polygons), geos(points, polygons))


def test_a_giant_of_100_000_vertices_among_dwarfs():
    rng = np.random.default_rng(6)
    turn = np.linspace(0, 2 * np.pi, 100_001)[:-1]
    radius = rng.uniform(0.9, 1, turn.size)
    giant = shapely.Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]))
    polygons = np.insert(buildings(rng.uniform(-1, 1, (5_000, 2)), 0.01, rng), 1_234, giant)
    points = rng.uniform(-1.1, 1.1, (20_000, 2))
    assert_equal(gs.point_in_polygon(points, polygons), geos(points, polygons))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_sizes_from_the_least_to_the_largest(dtype):
    """Squares around the origin, each twice as large as the one before, as far as `orientation` is exact."""
    low, high = (-960, 449) if dtype == "float64" else (-140, 126)
    size = np.repeat(np.ldexp(1.0, np.arange(low, high)), 4).astype(dtype)
    x = np.column_stack([-size, size, size, -size, -size])
    y = np.column_stack([-size, -size, size, size, -size])
    n = len(size)
    offsets = np.arange(n + 1), 5 * np.arange(n + 1)
    polygons = gs.GeometryColumn.from_ragged("polygon", x.ravel(), y.ravel(), offsets)
    largest = [1e-300, 1e100, 1e300] if dtype == "float64" else [1e-42, 3e38]
    points = np.array([0, 3.0, 1e30, *largest], dtype)
    left, right = gs.point_in_polygon((points, -points), polygons)
    inside = points[:, None] < size
    assert_equal((left, right), np.nonzero(inside))


def test_beyond_the_largest_coordinate():
    polygons = [*[shapely.box(k, 0, k + 1, 1) for k in range(1_000)], shapely.box(0, 0, 1e150, 1)]
    with pytest.raises(ValueError, match=r"polygons: a coordinate of magnitude 1e\+150 is beyond"):
        gs.point_in_polygon([(0.5, 0.5)], polygons)


def test_infinite_points_are_refused():
    polygons = [shapely.box(k, 0, k + 1, 1) for k in range(1_000)]
    with pytest.raises(ValueError, match=r"points: row 1 is infinite, \(inf, 0.0\)"):
        gs.point_in_polygon([(0.5, 0.5), (np.inf, 0.0)], polygons)
    assert len(gs.point_in_polygon([(np.nan, 0.5), (0.5, np.nan)], polygons)[0]) == 0


@pytest.mark.parametrize("counts", [{5: 10}, {5: 10, 6: 1000}, {5: 1000, 25: 1000}, {5: 1, 300: 100_000}])
def test_classes_of_size_are_divided_into_runs(counts):
    members = np.zeros(boxes.LARGE, np.int64)
    for size, count in counts.items():
        members[size] = count
    grid_of, classes, polygons = small._grids(members)
    assert sum(polygons) == members.sum()
    for size in counts:
        assert classes[grid_of[size]] >= size  # no box is wider than its cells


def test_what_prepared_polygons_refuse():
    squares = [shapely.box(0, 0, 1, 1)]
    with pytest.raises(ValueError, match=r"prepared on engine 'cpu', not on 'emulator'"):
        gs.point_in_polygon([(0.5, 0.5)], gs.prepare(squares, engine="cpu"), engine="emulator")
    narrow = gs.prepare(gs.GeometryColumn.from_shapely(squares).astype(np.float32))
    with pytest.raises(ValueError, match=r"prepared as float32, points are float64"):
        gs.point_in_polygon([(0.5, 0.5)], narrow)
    open_ring = gs.GeometryColumn.from_ragged("polygon", [0, 4, 4, 0], [0, 0, 4, 4], ([0, 1], [0, 4]))
    with pytest.raises(ValueError, match=r"polygons: row 0, ring 0 is not closed"):
        gs.prepare(open_ring)
    assert len(gs.point_in_polygon([(1.0, 3.0)], gs.prepare(open_ring, close_rings=True))[0]) == 1


def test_how_often_a_gpu_is_waited_for(monkeypatch):
    """However many points there are; large polygons take more, as their index has levels."""
    need("gcc", "numba_cuda")
    from groundspeed.engines import choice
    from groundspeed.engines.emulator import EmulatorEngine

    emulator = EmulatorEngine(check=False)
    monkeypatch.setitem(choice._instances, "emulator", emulator)
    houses = one_town_and_a_typo(1_500, np.random.default_rng(7))[0]
    stars = load("star_polygons(n=30, vertices=101, seed=2)").to_shapely()
    for polygons, read_backs, array_calls in ((houses, 6, 40), (stars, 11, 50)):
        counted = []
        for n in (2_000, 20_000):
            points = np.random.default_rng(8).uniform(0, 1, (n, 2))
            with emulator.counting() as counters:
                gs.point_in_polygon(points, polygons, engine="emulator")
            counted.append((counters.launches, counters.read_backs, counters.array_calls))
        assert counted[0] == counted[1]
        assert counted[0][1] <= read_backs
        assert counted[0][2] <= array_calls
