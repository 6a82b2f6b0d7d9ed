"""point_in_polygon: the rule, on cuSpatial's vectors, degenerate cases, and against GEOS."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from requirements import need

import groundspeed as gs
from groundspeed.datasets import load
from groundspeed.operations.joins.point_in_polygon import PREDICATES
from groundspeed.operations.joins.point_in_polygon.cases import OPERATIONS
from groundspeed.referee.discovery import implementations, unavailable

(OPERATION,) = OPERATIONS

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "point_in_polygon_cuspatial.json").read_text())


def geos(points, polygons, predicate):
    """Sorted pairs from an STRtree over the polygons."""
    left, right = shapely.STRtree(polygons).query(shapely.points(points), predicate=predicate)
    order = np.lexsort((right, left))
    return left[order], right[order]


def assert_equal(actual, expected):
    for side, wanted in zip(actual, expected, strict=True):
        assert side.dtype == np.int64
        np.testing.assert_array_equal(side, wanted)


def assert_as_geos(points, polygons):
    for predicate in PREDICATES:
        actual = gs.point_in_polygon(points, polygons, predicate)
        assert_equal(actual, geos(points, polygons, predicate))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_cuspatial_vector(vector):
    x, y = np.reshape(vector["xy"], (-1, 2)).T
    polygons = gs.GeometryColumn.from_ragged("polygon", x, y, (vector["part_offset"], vector["ring_offset"]))
    pairs = gs.point_in_polygon(np.array(vector["points"], float), polygons, close_rings=True)
    assert np.column_stack(pairs).tolist() == vector["pairs"]


SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
HOLE = "POLYGON ((0 0, 8 0, 8 8, 0 8, 0 0), (2 2, 6 2, 6 6, 2 6, 2 2))"
# name: (polygons, points, rows of points within, rows of points that touch)
DEGENERATE = {
    "vertex, edge, inside, outside": ([SQUARE], [(0, 0), (4, 2), (1, 1), (5, 1)], [2], [0, 1]),
    "upper and right vertices": ([SQUARE], [(4, 4), (4, 0), (0, 4)], [], [0, 1, 2]),
    "level with edges": ([SQUARE], [(-1, 0), (5, 4), (-1, 4), (5, 0), (0, -1), (4, 5)], [], []),
    "edges and middle of a hole": ([HOLE], [(2, 3), (6, 6), (3, 2), (4, 4), (1, 4)], [4], [0, 1, 2]),
    "diamond level with its vertices": (
        ["POLYGON ((0 2, 2 0, 4 2, 2 4, 0 2))"],
        [(1, 2), (2, 1), (0, 2), (4, 2), (-1, 2), (5, 2), (2, 5), (1, 1)],
        [0, 1],
        [2, 3, 7],
    ),
    "collinear vertices on an edge": (
        ["POLYGON ((0 0, 1 0, 2 0, 3 0, 4 0, 4 1, 4 4, 2 4, 0 4, 0 2, 0 0))"],
        [(1, 0), (2.5, 0), (4, 1), (0, 3), (2, 2), (-1, 2), (5, 1)],
        [4],
        [0, 1, 2, 3],
    ),
    "touching at a vertex": (
        ["MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((2 2, 4 2, 4 4, 2 4, 2 2)))"],
        [(2, 2), (1, 1), (3, 3), (1, 3), (3, 1)],
        [1, 2],
        [0],
    ),
    "island in a hole": (
        [
            "MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 9 1, 9 9, 1 9, 1 1)),"
            " ((2 2, 8 2, 8 8, 2 8, 2 2), (3 3, 7 3, 7 7, 3 7, 3 3)))"
        ],
        [(5, 5), (2.5, 5), (1.5, 5), (0.5, 5), (3, 5), (8, 8)],
        [1, 3],
        [4, 5],
    ),
    "repeated vertices": (
        ["POLYGON ((0 0, 0 0, 4 0, 4 0, 4 4, 4 4, 4 4, 0 4, 0 0, 0 0))"],
        [(0, 0), (4, 4), (2, 2), (4, 1)],
        [2],
        [0, 1, 3],
    ),
    "tiny": (
        ["POLYGON ((0 0, 1e-12 0, 1e-12 1e-12, 0 1e-12, 0 0))"],
        [(5e-13, 5e-13), (1e-12, 5e-13), (2e-12, 0)],
        [0],
        [1],
    ),
    "far from the origin": (
        ["POLYGON ((1e15 1e15, 1000000000000004 1e15, 1000000000000004 1000000000000004, 1e15 1e15))"],
        [(1e15 + 2, 1e15 + 1), (1e15 + 2, 1e15 + 2), (1e15 + 1, 1e15 + 2)],
        [0],
        [1],
    ),
    "both sides of the antimeridian": (
        ["POLYGON ((179.9 -1, 180 -1, 180 1, 179.9 1, 179.9 -1))"],
        [(179.95, 0), (180, 0), (-180, 0), (-179.95, 0)],
        [0],
        [1],
    ),
    "large and tiny in one grid": (
        ["POLYGON ((0 0, 1e6 0, 1e6 1e6, 0 1e6, 0 0))", "POLYGON ((7 7, 7.000001 7, 7 7.000001, 7 7))"],
        [(1e6, 1)],
        [],
        [0],
    ),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate(case):
    wkt, points, within, touching = DEGENERATE[case]
    polygons, points = shapely.from_wkt(wkt), np.array(points, float)
    assert gs.point_in_polygon(points, polygons, "within")[0].tolist() == within
    assert gs.point_in_polygon(points, polygons, "touches")[0].tolist() == touching
    assert gs.point_in_polygon(points, polygons, "intersects")[0].tolist() == sorted(within + touching)
    assert_as_geos(points, polygons)


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (1, 0), (2, 0), (0, 0)],
        [(0, 0), (0, 1), (0, 2), (0, 0)],
        [(0, 0), (1, 1), (2, 2), (0, 0)],
        [(1, 1), (1, 1), (1, 1), (1, 1)],
        [(0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2), (0, 0)],
    ],
)
def test_rings_without_area_are_boundary(ring):
    points = np.array([(0, 0), (1, 0), (0, 1), (1, 1), (2, 3), (3, 3)], float)
    polygon = shapely.Polygon(ring)
    expected = [
        row
        for row, point in enumerate(shapely.points(points))
        if shapely.distance(polygon.exterior, point) == 0
    ]
    assert gs.point_in_polygon(points, [polygon], "touches")[0].tolist() == expected


def test_shared_edges_belong_to_the_boundary_of_both():
    polygons = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 2, 2)]
    points = np.array([(1, 0.5), (1, 1), (0.5, 1), (0.5, 0.5)])
    assert np.column_stack(gs.point_in_polygon(points, polygons, "touches")).tolist() == [
        [0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 0], [2, 2],
    ]  # fmt: skip
    assert np.column_stack(gs.point_in_polygon(points, polygons)).tolist() == [[3, 0]]


def test_nothing_in_nothing_out():
    none = shapely.from_wkt(["POLYGON EMPTY", "MULTIPOLYGON EMPTY"])
    for points, polygons in (
        (np.empty((0, 2)), [shapely.box(0, 0, 1, 1)]),
        (np.zeros((3, 2)), gs.GeometryColumn.from_shapely([], type="polygon")),
        (np.zeros((3, 2)), none),
        (np.empty((0, 2)), none),
    ):
        assert_equal(gs.point_in_polygon(points, polygons, "intersects"), ([], []))


def test_null_and_empty_rows_match_nothing():
    box = shapely.box(0, 0, 2, 2)
    points = np.array([shapely.Point(1, 1), None, shapely.from_wkt("POINT EMPTY"), shapely.Point(2, 2)])
    polygons = np.array([None, box, shapely.from_wkt("POLYGON EMPTY"), box, None])
    assert_equal(gs.point_in_polygon(points, polygons), ([0, 0], [1, 3]))
    assert_equal(gs.point_in_polygon(points, polygons, "touches"), ([3, 3], [1, 3]))
    nan = np.array([(np.nan, 1), (1, np.nan), (np.nan, np.nan)])
    assert_equal(gs.point_in_polygon(nan, [box], "intersects"), ([], []))


def test_all_points_alike_and_many_polygons_alike():
    points, polygons = np.full((50, 2), 0.5), [shapely.box(0, 0, 1, 1)] * 40
    left, right = gs.point_in_polygon(points, polygons)
    assert_equal((left, right), (np.repeat(np.arange(50), 40), np.tile(np.arange(40), 50)))


def test_a_ring_of_200_000_vertices_and_a_crowd_of_tiny_polygons():
    """The ring has cells, the crowd boxes, and neither costs the other."""
    rng = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, 200_001)[:-1]
    radius = 1 + 1e-4 * rng.uniform(-1, 1, turn.size)
    ring = shapely.Polygon(np.column_stack([1000 + radius * np.cos(turn), radius * np.sin(turn)]))
    centre = rng.normal(0, 1e-3, (3_000, 1, 2))
    crowd = shapely.polygons(centre + rng.uniform(-1e-4, 1e-4, (3_000, 3, 2)))
    far = shapely.box(-5000, -5000, -4999, -4999)
    polygons = np.array([ring, *crowd, far])
    turn = rng.uniform(0, 2 * np.pi, 150_000)
    width = rng.uniform(0.9999, 1.0001, (len(turn), 1))
    near_ring = np.column_stack([np.cos(turn), np.sin(turn)]) * width + (1000, 0)
    points = np.concatenate([near_ring, rng.normal(0, 1e-3, (5_000, 2)), shapely.get_coordinates(crowd)])
    # GEOS asks every edge of the ring whether a point touches it: a hundredth of the points will do there.
    for predicate, inverse, asked in (("within", "contains", points), ("touches", "touches", points[::100])):
        right, left = shapely.STRtree(shapely.points(asked)).query(polygons, predicate=inverse)
        order = np.lexsort((right, left))
        assert left.size > 50
        assert_equal(gs.point_in_polygon(asked, polygons, predicate), (left[order], right[order]))
    counted = OPERATION.counters(
        {
            "points": gs.GeometryColumn.from_points(*points.T),
            "polygons": gs.GeometryColumn.from_shapely(polygons),
        }
    )
    assert counted["refined_points"] > 100_000
    assert counted["edge_tests"] < 30 * len(points)


@pytest.mark.parametrize("budget", [1 << 30, 1 << 20], ids=["together", "in pieces"])
def test_an_index_for_the_points_that_ask(budget):
    """Points that come together leave out the cells that none of them lies in."""
    points, polygons = (
        load("uniform_points(n=20_000, seed=7)"),
        load("tessellation(n=400, edge_vertices=20, seed=7)"),
    )
    corner = gs.GeometryColumn.from_points(points.x / 8, points.y / 8)
    with gs.use(memory_budget=budget):
        assert_as_geos(np.column_stack([corner.x, corner.y]), polygons.to_shapely())
    entries = [
        OPERATION.counters({"points": some, "polygons": polygons})["list_entries"]
        for some in (points, corner)
    ]
    assert entries[1] < entries[0] / 8


@pytest.mark.parametrize("power", [-450, -100, -20, 20, 100, 400])
def test_powers_of_two_change_nothing(power):
    points = load("uniform_points(n=2_000, seed=1)")
    polygons = load("star_polygons(n=30, vertices=30, holes=1, seed=1)").to_shapely()
    expected = gs.point_in_polygon(points, polygons)
    scaled = np.column_stack([points.x, points.y]) * 2.0**power
    assert_equal(
        gs.point_in_polygon(scaled, shapely.transform(polygons, lambda xy: xy * 2.0**power)), expected
    )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_as_geos_on_a_lattice(data):
    """Small whole numbers: points fall on vertices, edges, and lines through them all the time."""
    whole = st.integers(0, 6)
    corners = st.lists(st.tuples(whole, whole), min_size=3, max_size=9)
    hulls = [shapely.MultiPoint(data.draw(corners)).convex_hull for _ in range(4)]
    shapes = [hulls[0].difference(hulls[1]), hulls[2].union(hulls[3]), hulls[1]]
    scale = data.draw(st.sampled_from((1.0, 0.1, 1e-9, 3e7)))
    polygons = [shapely.transform(shape, lambda xy: xy * scale) for shape in shapes]
    polygons = [
        shape for shape in polygons if shape.geom_type in ("Polygon", "MultiPolygon") and shape.is_valid
    ]
    points = (
        np.array(data.draw(st.lists(st.tuples(whole, whole), min_size=1, max_size=30)), float) * scale / 2
    )
    if polygons:
        assert_as_geos(points, polygons)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float32_coordinates_are_taken_as_they_are(dtype):
    points = load("uniform_points(n=20_000, seed=5)").astype(np.float32)
    polygons = load("tessellation(n=100, edge_vertices=5, seed=5)").astype(np.float32)
    at_vertices = gs.GeometryColumn.from_points(polygons.x, polygons.y)
    for some in (points, at_vertices):
        for predicate in ("within", "touches"):
            expected = gs.point_in_polygon(some.astype(np.float64), polygons.astype(np.float64), predicate)
            assert_equal(gs.point_in_polygon(some, polygons.astype(dtype), predicate), expected)


def test_pieces_and_a_progress_bar(capsys):
    points = load("uniform_points(n=200_000, seed=2)")
    polygons = load("star_polygons(n=50, vertices=20, seed=2)")
    expected = gs.point_in_polygon(points, polygons)
    with gs.use(memory_budget=1 << 20, progress=True):
        assert_equal(gs.point_in_polygon(points, polygons), expected)
    assert "200000" in capsys.readouterr().err.replace("k", "000")


def test_frames_of_geopandas_and_their_crs():
    boxes = geopandas.GeoSeries([shapely.box(0, 0, 1, 1)], index=[7], crs=4326)
    points = geopandas.GeoSeries([shapely.Point(0.5, 0.5)], crs=4326)
    assert_equal(gs.point_in_polygon(points, boxes), ([0], [0]))
    with pytest.raises(ValueError, match=r"points is in EPSG:3857 but polygons is in EPSG:4326"):
        gs.point_in_polygon(points.to_crs(3857), boxes)


def test_open_rings_are_refused_or_closed_on_request():
    column = gs.GeometryColumn.from_ragged("polygon", [0, 4, 4, 0], [0, 0, 4, 4], ([0, 1], [0, 4]))
    with pytest.raises(ValueError, match=r"polygons: row 0, ring 0 is not closed"):
        gs.point_in_polygon([(1, 1)], column)
    assert_equal(gs.point_in_polygon([(1.0, 3.0), (0.0, 2.0)], column, close_rings=True), ([0], [0]))


@pytest.mark.parametrize(
    ("points", "polygons", "options", "message"),
    [
        (
            [(0, 0)],
            [shapely.box(0, 0, 1, 1)],
            {"predicate": "withn"},
            r"predicate must be one of 'within'.*'withn'",
        ),
        ([(0, 0), (np.inf, 0)], [shapely.box(0, 0, 1, 1)], {}, r"points: row 1 is infinite, \(inf, 0.0\)"),
        ([(0, -np.inf)], [shapely.Polygon()], {}, r"points: row 0 is infinite"),
        (
            [(0, 0)],
            [shapely.box(0, 0, 1e150, 1)],
            {},
            r"polygons: a coordinate of magnitude 1e\+150 is beyond",
        ),
        ([(0, 0)], [shapely.Point(1, 1)], {}, r"polygons must hold POLYGON or MULTIPOLYGON"),
    ],
)
def test_errors_name_the_argument_and_the_position(points, polygons, options, message):
    with pytest.raises(ValueError, match=message):
        gs.point_in_polygon(np.array(points, float), polygons, **options)


def test_polygons_that_are_not_finite_or_too_short():
    x = [0.0, 1.0, np.nan, 0.0]
    column = gs.GeometryColumn.from_ragged("polygon", x, [0, 0, 1, 0], ([0, 1], [0, 4]))
    with pytest.raises(ValueError, match=r"polygons: row 0 has a coordinate that is not finite"):
        gs.point_in_polygon([(0, 0)], column)
    short = gs.GeometryColumn.from_ragged("polygon", [0, 1, 0], [0, 0, 0], ([0, 1], [0, 3]))
    with pytest.raises(ValueError, match=r"polygons: row 0, ring 0 has 3 vertices, expected at least 4"):
        gs.point_in_polygon([(0, 0)], short)


@pytest.mark.parametrize("predicate", ["within", "intersects"])
def test_every_competitor_agrees(predicate):
    case = next(case for case in OPERATION.cases if case.profile == "smoke")
    inputs = {name: load(source) for name, source in case.inputs.items()} | {"predicate": predicate}
    expected = OPERATION.policy.canonical(gs.point_in_polygon(**inputs))
    assert expected["left"].size > 500
    for one in implementations("point_in_polygon").values():
        if unavailable(one) or one.name == "groundspeed[cuda]":
            continue
        result = one.collect(one.run(**one.build(**one.prepare(inputs))))
        verdict = OPERATION.policy.compare(expected, OPERATION.policy.canonical(result), "float64")
        assert verdict.verdict == "pass", (one.name, verdict)


def test_work_counters_bound_the_algorithm():
    """Without a clock: nearly all points are answered without an edge, the others look at few."""
    inputs = {
        "points": load("uniform_points(n=100_000, seed=1)"),
        "polygons": load("tessellation(n=1_000, edge_vertices=24, seed=2)"),
    }
    counted = OPERATION.counters(inputs)
    assert counted["interior_points"] > 80_000
    assert counted["interior_points"] + counted["boundary_points"] == 100_000
    assert counted["edge_tests"] < 60_000


@pytest.mark.parametrize(("dtype", "contract"), [("float64", True), ("float64", False), ("float32", True)])
def test_the_gpu_kernels_agree(dtype, contract, monkeypatch):
    """PTX on the CPU, with every access checked, fusing products or not; refined cells and ties included."""
    need("gcc", "numba_cuda")
    from groundspeed.engines import choice
    from groundspeed.engines.emulator import EmulatorEngine

    monkeypatch.setitem(choice._instances, "emulator", EmulatorEngine(check=True, contract=contract, seed=3))
    polygons = load("tessellation(n=64, edge_vertices=9, seed=3)").astype(dtype)
    tiny = shapely.transform(polygons.to_shapely(), lambda xy: 50 + xy * 1e-4)
    both = gs.GeometryColumn.from_shapely([*polygons.to_shapely(), *tiny]).astype(dtype)
    uniform = load("uniform_points(n=30_000, seed=3)").astype(dtype)
    x, y = np.concatenate([uniform.x, both.x]), np.concatenate([uniform.y, both.y])
    for predicate in ("within", "touches"):
        expected = gs.point_in_polygon((x, y), both, predicate)
        assert_equal(gs.point_in_polygon((x, y), both, predicate, engine="emulator"), expected)
