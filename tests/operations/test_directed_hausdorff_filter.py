"""The filter of directed Hausdorff distances never rules out the farthest point, but most others."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.inputs import as_collections
from groundspeed.operations.distances.directed_hausdorff_distance import filter
from groundspeed.operations.distances.directed_hausdorff_distance.cases import OPERATIONS

(OPERATION,) = OPERATIONS

DTYPES = ["float64", "float32"]


def plain(collections, other):
    """The definition, in the dtype of the points."""
    out = np.empty((len(collections), len(other)), collections[0].dtype)
    for i, of in enumerate(collections):
        for j, to in enumerate(other):
            steps = of[:, None] - to
            squares = steps[..., 0] * steps[..., 0] + steps[..., 1] * steps[..., 1]
            out[i, j] = np.sqrt(squares.min(axis=1).max())
    return out


def circle(count, radius, centre=(0, 0)):
    """Points whose distances from the centre differ by roundings only."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(angles), np.sin(angles)]) * radius + centre


def spread(count, size, centre=(0, 0), seed=5):
    return np.random.default_rng(seed).uniform(-1, 1, (count, 2)) * size + centre


LINE = np.arange(40.0)[:, None] * [1, 2]
ADVERSARIAL = {
    "duplicates": [np.repeat(spread(3, 1), 9, axis=0), spread(20, 1, seed=6)],
    "all points equal": [np.full((20, 2), 7.1), np.full((9, 2), 7.1)],
    "one point among others": [spread(30, 1), spread(1, 1), spread(12, 1)],
    "collinear": [LINE, LINE[::3] + 0.5, LINE[5:14]],
    "ties by symmetry": [circle(8, 1), circle(16, 1), np.zeros((10, 2)), circle(64, 2)],
    "ties but for a rounding": [circle(200, 1), circle(100, 1, (1e-7, 0)), np.zeros((8, 2)), circle(90, 3)],
    "ties far from the origin": [circle(200, 1, (1e6, 1e6)), np.full((9, 2), 1e6), spread(40, 1, (1e6, 1e6))],
    "tiny spread far away": [spread(30, 1e-9, (1e6, -1e6), seed) for seed in range(4)],
    "spread below the last bit": [spread(30, 1e-9, (1e15, 1e15), seed) for seed in range(3)],
    "far apart and tiny": [spread(30, 1e-6, (c, -c), c) for c in range(1, 9)],
    "one outlier": [spread(30, 1), np.vstack([spread(30, 1, seed=6), [[1e9, 1e9]]]), spread(9, 1, seed=7)],
    "an outlier beyond float32": [spread(30, 1), np.vstack([spread(30, 1, seed=6), [[1e30, 0]]])],
    **{
        f"an outlier at {far}": [spread(30, 1), circle(40, 2), np.vstack([circle(30, 1), [[far, 0]]])]
        for far in (1e12, 1e15, 1e18, 1e19, 1e20, 1e21, 1e22)
    },
    "large": [spread(30, 1e17), spread(30, 1e17, seed=6)],
    "1e150": [spread(30, 1e150), spread(30, 1e150, seed=6)],
    "squares overflow": [spread(30, 1e160), spread(30, 1e10, seed=6)],
    "differences overflow": [spread(20, 1.7e308), np.array([[1.7e308, -1.7e308]] * 9)],
    "1e-19": [spread(30, 1e-19), spread(30, 1e-19, seed=6)],
    "squares underflow": [spread(30, 1e-160), spread(30, 1e-161, seed=6)],
    "1e-300": [spread(30, 1e-300), spread(30, 1e-300, seed=6)],
    "denormal": [spread(30, 1e-315), spread(30, 1e-320, seed=6)],
    "lengths around blocks": [
        spread(n, 1, seed=n) for n in (1, 2, 6, 7, 8, 9, 15, 16, 17, 31, 33, 255, 257, 513)
    ],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_equals_the_definition_to_the_last_bit(name, dtype):
    collections = [points.astype(dtype) for points in ADVERSARIAL[name]]
    if not all(np.isfinite(points).all() for points in collections):
        pytest.skip("not finite in float32")
    many = collections * 5  # more than a block
    assert np.array_equal(gs.directed_hausdorff_distance(many), np.tile(plain(*[collections] * 2), (5, 5)))
    for points in collections:
        rows = plain([points], collections)
        assert np.array_equal(gs.directed_hausdorff_distance([points], collections), rows)  # short pieces
        block = gs.directed_hausdorff_distance([points] * 16, collections)
        assert np.array_equal(block, np.repeat(rows, 16, axis=0))


def test_empty_among_filtered():
    collections = [spread(n, 1, seed=n) for n in (30, 0, 12, 1, 0, 40)] * 4
    distances = gs.directed_hausdorff_distance(collections)
    full = [k for k, points in enumerate(collections) if len(points)]
    assert np.isnan(distances).sum() == distances.size - len(full) ** 2
    assert np.array_equal(distances[np.ix_(full, full)], plain(*[[collections[k] for k in full]] * 2))


near = st.integers(-3, 3).map(lambda k: k / 4)
steps = st.sampled_from([0.0, 1e-9, -1e-9, 2.0**-24, 2.0**-12, 1e-3, 1e-5])
point = st.tuples(near, steps, near, steps).map(lambda p: (p[0] + p[1], p[2] + p[3]))
collection = st.lists(point, min_size=1, max_size=24).map(np.array)


@given(
    st.lists(collection, min_size=1, max_size=20),
    st.lists(collection, min_size=1, max_size=4),
    st.sampled_from([0.0, 1.0, 1e6, 1e15]),
    st.sampled_from([1.0, 1e-150, 1e-9, 1e7]),
    st.sampled_from(DTYPES),
)
def test_equals_the_definition_near_ties(collections, other, offset, scale, dtype):
    collections, other = (
        [(offset + scale * points).astype(dtype) for points in side] for side in (collections, other)
    )
    assert np.array_equal(gs.directed_hausdorff_distance(collections, other), plain(collections, other))


def keys_of(sources, targets):
    """Keys of the source points, and the unit of the keys in terms of squared scaled coordinates."""
    columns = [as_collections([points], "collections") for points in (sources, targets)]
    frame = filter.frame(*columns)
    twice_x, twice_y, squares = np.empty((3, len(targets)), np.float32)
    reach, offsets = np.empty(1, np.float32), np.array([0, len(targets)])
    filter.reduce_body(0, frame, offsets, *targets.T.copy(), twice_x, twice_y, squares, reach)
    x, y = (
        np.array([filter.reduced(v, c, frame.scale) for v in column])
        for column, c in zip(sources.T, frame[:2], strict=True)
    )
    extent = reach[0] + np.float32(max(abs(x).max(), abs(y).max()))
    nearest, keys = np.empty(len(x), np.float32), np.empty(len(x), np.int32)
    filter.estimate(x, y, nearest, 0, len(targets), twice_x, twice_y, squares)
    filter.write_keys(
        x * x + y * y, nearest, np.arange(len(x), dtype=np.int32), filter.UNITS / (extent * extent), keys
    )
    return keys, Fraction(float(extent)) ** 2 / 2**21 / Fraction(frame.scale) ** 2


def exact_squares(sources, targets):
    """Squared distances to the nearest target, without any rounding."""
    to = [(Fraction(float(x)), Fraction(float(y))) for x, y in targets]
    return [
        min((Fraction(float(x)) - a) ** 2 + (Fraction(float(y)) - b) ** 2 for a, b in to) for x, y in sources
    ]


BOUND = 14.1 / 8 + 0.25 + 1e-3
"""Units that an estimate may be off: 14 u M^2 in units of 8 u M^2 and the product's rounding."""


@given(
    st.integers(1, 60),
    st.integers(1, 12),
    st.sampled_from([0.0, 0.3, 10.0, 1e6]),
    st.sampled_from([1.0, 1e-3, 1e-12, 1e100]),
    st.integers(0, 1000),
)
@example(60, 1, 0.3, 1.0, 2)
def test_the_bound_is_a_bound(n, m, offset, scale, seed):
    random = np.random.default_rng(seed)
    sources, targets = (
        (random.uniform(-1, 1, (k, 2)) * random.choice([1, 1e-4, 1e-8], (k, 2)) + offset) * scale
        for k in (n, m)
    )
    keys, unit = keys_of(sources, targets)
    for key, square in zip(keys, exact_squares(sources, targets), strict=True):
        above = float(square / unit) - (key >> filter.ROW_BITS)  # keys are rounded down
        assert -BOUND <= above <= 1 + BOUND


def test_the_bound_is_not_idle():
    """Estimates are off by more than the rounding to integers: without a slack the farthest would be lost."""
    worst = 0.0
    for seed in range(20):
        sources = circle(250, 1.0, spread(1, 1, seed=seed)[0])
        keys, unit = keys_of(sources, spread(1, 1, seed=seed))
        squares = exact_squares(sources, spread(1, 1, seed=seed))
        worst = max(
            worst, *(abs(float(s / unit) - (k >> 8) - 0.5) for s, k in zip(squares, keys, strict=True))
        )
    assert 0.5 < worst <= BOUND + 0.5


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_farthest_as_defined_is_never_ruled_out(dtype):
    lost = 0
    for seed in range(200):
        centre = spread(1, 3, seed=seed)
        sources, targets = circle(200, 1, centre[0]).astype(dtype), centre.astype(dtype)
        keys, _ = keys_of(sources, targets)
        steps = sources - targets
        squares = steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1]
        farthest = squares == squares.max()
        assert all(filter.may_be_farthest(key, keys.max()) for key in keys[farthest])
        lost += (keys[farthest] >> filter.ROW_BITS).max() < keys.max() >> filter.ROW_BITS
    assert lost or dtype == "float32", "no case in which the slack is needed"


def test_columns_have_their_two_largest():
    random = np.random.default_rng(3)
    for rows in range(2, 70, 2):
        keys = random.integers(-1, 50, (rows, 16)).astype(np.int32)
        first, second = np.empty((2, keys.size), np.int32)
        filter.two_largest(keys.ravel(), 16, first, second)
        assert np.array_equal([second[:16], first[:16]], np.sort(keys, axis=0)[-2:])


def test_few_points_are_measured():
    walks = np.random.default_rng(1).normal(size=(64, 30, 2)).cumsum(axis=1) + spread(64, 50)[:, None]
    counted = OPERATION.counters({"collections": as_collections(walks, "collections")})
    assert counted["estimated_point_pairs"] == 64 * 30 * 64 * 32
    assert counted["measured_point_pairs"] < 0.07 * counted["estimated_point_pairs"]


def test_repeated_points_of_short_pieces_are_not_measured():
    fans = [np.vstack([spread(k, 1, seed=k), [[9, 9]]]) for k in range(8, 24)] * 3
    column, far = as_collections(fans, "collections"), as_collections(circle(9, 70)[:, None], "other")
    counted = OPERATION.counters({"collections": column, "other": far})
    assert counted["measured_point_pairs"] == 48 * 4 * 9


def test_what_float32_cannot_tell_apart_is_not_estimated():
    column = as_collections([spread(30, 1)] * 16, "collections")
    other = as_collections([spread(12, 1, seed=6), [(1e22, 0)]], "other")
    counted = OPERATION.counters({"collections": column, "other": other})
    assert counted["estimated_point_pairs"] == 16 * 30 * 4, "to the far point only"


def test_a_useless_filter_is_left_out():
    tiny = spread(64, 1e6)[:, None] + spread(30, 1e-3)
    counted = OPERATION.counters({"collections": as_collections(tiny, "collections")})
    assert counted["measured_point_pairs"] == 64 * 30 * 64 * 32
    assert counted["estimated_point_pairs"] < 0.25 * counted["measured_point_pairs"]


FRAMES = {
    "unit": ([[0, 0], [1, 0], [0.5, 0]], 1.0),
    "outlier": ([[0, 0]] * 5 + [[1e9, 0]], 2.0**-30),
    "nothing but one place": ([[3, 3]] * 4, 0.0),
    "too large": ([[0, 0], [1e160, 0]], 0.0),
    "too small": ([[0, 0], [1e-160, 0]], 0.0),
    "beyond float64": ([[-1.7e308, 0], [1.7e308, 0]], 0.0),
}


@pytest.mark.parametrize(("points", "scale"), FRAMES.values(), ids=FRAMES.keys())
def test_frame(points, scale):
    column = as_collections([np.array(points, float)], "collections")
    frame = filter.frame(column, column)
    assert frame.scale in (scale, 2 * scale)
    assert frame.scale == 0 or 0.5 < np.abs((column.x - frame.centre_x) * frame.scale).max() <= 1
    assert math.isfinite(frame.centre_x)
