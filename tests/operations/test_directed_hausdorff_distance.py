"""directed_hausdorff_distance: the rule, on cuSpatial's vectors, degenerate cases, and SciPy bit by bit."""

import json
import math
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import directed_hausdorff

import groundspeed as gs
from groundspeed.operations.distances.directed_hausdorff_distance import block_kernel, blocks, kernels
from groundspeed.operations.distances.directed_hausdorff_distance.cases import OPERATIONS

(OPERATION,) = OPERATIONS

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "hausdorff_cuspatial.json").read_text())

coordinates = st.floats(-1e6, 1e6, width=32)
collection = st.integers(1, 9).flatmap(lambda count: arrays(np.float64, (count, 2), elements=coordinates))
collections_of_points = st.lists(collection, min_size=1, max_size=6)


def scipy_matrix(collections, other=None):
    other = collections if other is None else other
    return np.array([[directed_hausdorff(of, to)[0] for to in other] for of in collections])


def ragged(counts, seed=1):
    """Collections of so many points each, uniform in a square."""
    points = np.random.default_rng(seed).uniform(0, 100, (sum(counts), 2))
    return np.split(points, np.cumsum(counts)[:-1])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_cuspatial_vector(vector):
    if "generator" in vector["inputs"]:
        assert not gs.directed_hausdorff_distance(np.zeros((500, 100, 2))).any()
        return
    expected = np.array(vector["expected"]["matrix_row_i_col_j_is_h_i_to_j"])
    distances = gs.directed_hausdorff_distance(vector["inputs"]["multipoints"])
    np.testing.assert_array_max_ulp(distances, expected, maxulp=1)


KNOWN = {
    "one point": ([[(152.2, 2351.0)]], [[0.0]]),
    "equal collections": ([[(0, 0), (3, 4)]] * 2, [[0, 0], [0, 0]]),
    "repeated points": ([[(0, 0)] * 5, [(3, 4)] * 7], [[0, 5], [5, 0]]),
    "a subset is at distance 0, not the other way": ([[(0, 0)], [(0, 0), (3, 4)]], [[0, 0], [5, 0]]),
    "collinear": ([[(0, 0), (1, 0), (2, 0)], [(10, 0)]], [[0, 10], [8, 0]]),
    "huge": ([[(1e150, 0)], [(-1e150, 0)]], [[0, 2e150], [2e150, 0]]),
    "tiny": ([[(0, 0)], [(3e-150, 4e-150)]], [[0, 5e-150], [5e-150, 0]]),
    "far from the origin": ([[(1e15, 1e15)], [(1e15 + 3, 1e15 + 4)]], [[0, 5], [5, 0]]),
    "beyond the range of squares": ([[(1e200, 0)], [(0, 0)]], [[0, math.inf], [math.inf, 0]]),
}


@pytest.mark.parametrize(("collections", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_known_distance(collections, expected):
    np.testing.assert_array_max_ulp(gs.directed_hausdorff_distance(collections), np.array(expected, float), 1)


COUNTS = {
    "ones": [1] * 40,
    "one to ten": list(range(1, 11)),
    "around a multiple of the unrolling": [3, 4, 5, 7, 8, 9],
    "around a piece": [255, block_kernel.MOST_ROWS, 257, 1, 2 * block_kernel.MOST_ROWS + 3],
    "around what is filtered": [1, 2, 3, 6, 7, 8, 9, 10] * 3,
    "more than a block, of all lengths": list(range(40, 0, -1)),
    "long among short": [2, 3000, 1, 5, 1700, 4],
}


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
def test_equals_scipy_to_the_last_bit(counts):
    collections = ragged(counts)
    assert np.array_equal(gs.directed_hausdorff_distance(collections), scipy_matrix(collections))


@given(collections_of_points)
def test_equals_scipy_on_anything(collections):
    distances = gs.directed_hausdorff_distance(collections)
    assert np.array_equal(distances, scipy_matrix(collections))
    assert not distances.diagonal().any()


@given(collections_of_points, collections_of_points)
def test_other_is_measured_to(collections, other):
    distances = gs.directed_hausdorff_distance(collections, other)
    assert distances.shape == (len(collections), len(other))
    assert np.array_equal(distances, scipy_matrix(collections, other))


@given(collections_of_points)
def test_triangle_inequality(collections):
    h = gs.directed_hausdorff_distance(collections)
    assert np.all(h[:, None, :] <= (h[:, :, None] + h[None, :, :]) * (1 + 1e-15))


@given(collections_of_points, st.randoms(use_true_random=False))
def test_the_order_of_points_does_not_matter(collections, random):
    shuffled = [np.array(random.sample(points.tolist(), len(points))) for points in collections]
    assert np.array_equal(*map(gs.directed_hausdorff_distance, (collections, shuffled)))


def test_empty_and_null_collections_are_nan():
    rows = [shapely.MultiPoint([(0, 0), (1, 1)]), None, shapely.MultiPoint(), shapely.MultiPoint([(3, 4)])]
    distances = gs.directed_hausdorff_distance(np.array(rows))
    expected = [[0, np.nan, np.nan, 5], *[[np.nan] * 4] * 2, [math.sqrt(13), np.nan, np.nan, 0]]
    assert np.array_equal(distances, expected, equal_nan=True)


def test_null_and_empty_points_are_empty_collections():
    rows = np.array([shapely.Point(0, 0), None, shapely.Point(), shapely.Point(3, 4)])
    assert np.isnan(gs.directed_hausdorff_distance(rows)).sum() == 12
    assert gs.directed_hausdorff_distance(rows)[0, 3] == 5


def test_empty_among_long():
    collections = ragged([600, 0, 700, 0])
    distances = gs.directed_hausdorff_distance(collections)
    assert np.isnan(distances).sum() == 12
    assert np.array_equal(distances[::2, ::2], scipy_matrix(collections[::2]))


def test_no_collections():
    assert gs.directed_hausdorff_distance([]).shape == (0, 0)
    assert gs.directed_hausdorff_distance(ragged([3, 4]), []).shape == (2, 0)
    assert gs.directed_hausdorff_distance([], ragged([3, 4])).shape == (0, 2)


SAME = ragged([3, 5, 2])
FORMS = {
    "linestrings": [shapely.LineString(points) for points in SAME],
    "multipoints": np.array([shapely.MultiPoint(points) for points in SAME]),
    "GeoSeries": geopandas.GeoSeries([shapely.MultiPoint(points) for points in SAME]),
    "(x, y, offsets)": (*np.concatenate(SAME).T, np.array([0, 3, 8, 10])),
    "int32 offsets": (*np.concatenate(SAME).T, np.array([0, 3, 8, 10], np.int32)),
    "lists": [points.tolist() for points in SAME],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_forms_of_collections(form):
    assert np.array_equal(gs.directed_hausdorff_distance(form), scipy_matrix(SAME))


def test_float32_stays_float32_and_is_right_for_what_it_gets():
    collections = [points.astype(np.float32) for points in ragged([40, 1, 700, 33])]
    distances = gs.directed_hausdorff_distance(collections)
    assert distances.dtype == np.float32
    expected = scipy_matrix([points.astype(np.float64) for points in collections])
    np.testing.assert_allclose(distances, expected, rtol=4e-7, atol=0)


def test_one_float64_side_makes_the_result_float64():
    collections = ragged([4, 5])
    single = [points.astype(np.float32) for points in collections]
    assert gs.directed_hausdorff_distance(single, collections).dtype == np.float64


def test_a_small_memory_budget_changes_nothing():
    counts = [1500, 3, 20, 1, 7] * 30
    collections = ragged(counts)
    whole = gs.directed_hausdorff_distance(collections, collections[:40])
    with gs.use(memory_budget=1 << 20):
        parts = gs.directed_hausdorff_distance(collections * 25, collections[:40])
    assert np.array_equal(parts, np.tile(whole, (25, 1)))


def test_a_matrix_too_large_for_the_memory_says_how_to_go_on():
    points = np.zeros(2_000_000)
    collections = points, points, np.arange(points.size + 1)
    with pytest.raises(MemoryError, match=r"32,000,000,000,000 bytes .*collections\[start:stop\]"):
        gs.directed_hausdorff_distance(collections)


def test_progress_is_shown_when_asked_for(capsys):
    with gs.use(progress=True):
        gs.directed_hausdorff_distance(SAME)
    assert "3/3" in capsys.readouterr().err
    gs.directed_hausdorff_distance(SAME)
    assert capsys.readouterr().err == ""


def test_one_thread_gives_the_same():
    with gs.use(threads=1):
        assert np.array_equal(gs.directed_hausdorff_distance(SAME), scipy_matrix(SAME))


BAD = {
    "NaN": (
        ([[(0, 0)], [(1, 1), (np.nan, 2)]],),
        ValueError,
        r"collections: row 1 has the point \(nan, 2\.0\)",
    ),
    "NaN point": (([[(0, 0)], [(np.nan, np.nan)]],), ValueError, r"collections: row 1 .*drop the point"),
    "inf in other": (([[(0, 0)]], [[(0, -np.inf)]]), ValueError, r"other: row 0 .* position 0"),
    "offsets fall": ((([0.0, 1], [0.0, 1], [0, 2, 1]),), ValueError, r"collections: offsets\[0\] must not"),
    "offsets end early": ((([0.0, 1], [0.0, 1], [0, 1]),), ValueError, r"collections: offsets\[0\] must end"),
    "polygons": ((shapely.box(0, 0, 1, 1),), ValueError, r"collections must hold .*got POLYGON"),
    "shape": (([[(0, 0, 0)]],), ValueError, r"collections\[0\] must be an array of shape \(n, 2\)"),
    "text": (("no",), TypeError, r"collections must be"),
}


@pytest.mark.parametrize(("arguments", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        gs.directed_hausdorff_distance(*arguments)


def test_different_crs_are_refused():
    places = geopandas.GeoSeries([shapely.MultiPoint([(0, 0)])], crs=4326)
    with pytest.raises(ValueError, match=r"to_crs"):
        gs.directed_hausdorff_distance(places, places.to_crs(3857))


def test_cutting_covers_every_point_once():
    offsets = np.array([0, 5, 5, 5, 1200, 1201, 3000])
    for size in (1, 32, 512, 5000):
        pieces = kernels.cut(offsets, size)
        lengths = pieces.stops - pieces.starts
        assert lengths.sum() == 3000
        assert lengths.max() <= size
        assert np.array_equal(np.add.reduceat(lengths, pieces.first[:-1]), np.diff(offsets))


def test_cutting_nothing():
    assert [len(part) for part in kernels.cut(np.array([0]), 512)] == [0, 0, 1]


@pytest.mark.parametrize("counts", [[3], [5] * 16, [5] * 17, [0, 9, 8, 7, 0], list(range(40))])
def test_blocks_hold_every_piece(counts):
    pieces = kernels.cut(np.cumsum([0, *counts]), block_kernel.MOST_ROWS)
    arranged = blocks.blocks(pieces)
    assert np.array_equal(np.unique(arranged.pieces), np.arange(len(counts)))
    assert arranged.pieces.size - len(counts) < block_kernel.WIDTH
    rows, lengths = np.diff(arranged.rows), (pieces.stops - pieces.starts)[arranged.pieces]
    assert np.all(rows >= np.maximum(1, lengths.max(axis=1)))
    assert np.all(rows[rows >= block_kernel.FEWEST_ROWS] % 2 == 0)


def test_work_and_counters():
    column = gs.GeometryColumn.from_ragged("multipoint", np.zeros(9), np.zeros(9), np.array([0, 4, 9]))
    inputs = {"collections": column}
    assert OPERATION.work(inputs) == {"bytes": 8.0 * (36 + 4), "flops": 6.0 * 81}
    expected = {"pairs": 4.0, "estimated_point_pairs": 0.0, "measured_point_pairs": 16.0 * (4 + 8)}
    assert OPERATION.counters(inputs) == expected
    assert len(OPERATION.slice({"collections": column}, 1)["collections"]) == 1
