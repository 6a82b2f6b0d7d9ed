"""haversine_distance: the rule, on cuSpatial's vectors, known hard cases, and 80-bit arithmetic."""

import json
import math
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from great_circles import hard_pairs, reference
from hypothesis import given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.operations.distances.haversine_distance import EARTH_RADIUS
from groundspeed.operations.distances.haversine_distance.cases import OPERATIONS

(OPERATION,) = OPERATIONS

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "haversine_cuspatial.json").read_text())
DEGREE = EARTH_RADIUS * math.pi / 180
EXACT = 1e-15
"""Relative error allowed in float64."""

longitudes = st.floats(-1e6, 1e6)
latitudes = st.floats(-90, 90)
points = st.tuples(longitudes, latitudes)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_cuspatial_vector(vector):
    a, b = (np.array(vector["inputs"]["lonlat_deg"][name], dtype=float) for name in ("p1", "p2"))
    radius = vector["inputs"]["radius_km"]
    if "error" in vector["expected"]:
        with pytest.raises(ValueError, match=vector["expected"]["error"]):
            gs.haversine_distance(a, b, radius=radius)
        return
    expected = vector.get("full_precision", vector["expected"])
    np.testing.assert_allclose(gs.haversine_distance(a, b, radius=radius), expected, rtol=1e-12, atol=1e-9)


KNOWN = {
    "identical": ((12.3, 45.6), (12.3, 45.6), 0),
    "identical modulo 360": ((12.5, 45.6), (12.5 - 720, 45.6), 0),
    "antimeridian, one place": ((-180, 30), (180, 30), 0),
    "north pole, any longitude": ((17, 90), (-130, 90), 0),
    "pole to pole": ((17, 90), (-130, -90), 180),
    "pole to equator": ((17, 90), (-130, 0), 90),
    "antipodes on the equator": ((0, 0), (180, 0), 180),
    "antipodes across the antimeridian": ((-90, 0), (90, 0), 180),
    "antipodes": ((30, 45), (-150, -45), 180),
    "nearly antipodes on the equator": ((0, 0), (180 - 2.0**-30, 0), 180 - 2.0**-30),
    "nearly antipodes on a meridian": ((0, 45), (180, -45 + 2.0**-30), 180 - 2.0**-30),
    "across the antimeridian": ((179.5, 0), (-179.5, 0), 1),
    "across the antimeridian, close": ((180 - 2.0**-44, 0), (-180 + 2.0**-44, 0), 2.0**-43),
    "over the pole": ((10, 80), (190, 80), 20),
    "over the pole, close": ((10, 90 - 2.0**-40), (190, 90 - 2.0**-40), 2.0**-39),
    "close on the equator": ((0, 0), (1e-12, 0), 1e-12),
    "close on a meridian": ((5, 1), (5, 1 + 2.0**-40), 2.0**-40),
    "tiny": ((0, 0), (1e-100, 0), 1e-100),
    "a degree": ((7, 0), (8, 0), 1),
    "a quarter": ((0, 0), (90, 0), 90),
    "many turns": ((0, 0), (360e3 + 90, 0), 90),
    "more turns than are wrapped in the kernel": ((0, 0), (360 * 2.0**40 + 90, 0), 90),
    "the largest longitude": ((np.finfo(float).max, 0), (math.remainder(np.finfo(float).max, 360), 0), 0),
}


@pytest.mark.parametrize(("a", "b", "degrees"), KNOWN.values(), ids=KNOWN.keys())
def test_known_distance(a, b, degrees):
    there, back = gs.haversine_distance(*a, *b), gs.haversine_distance(*b, *a)
    assert there == pytest.approx(degrees * DEGREE, rel=EXACT, abs=0)
    assert there == back


@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="needs an 80-bit long double as reference")
def test_hard_pairs_are_right_to_the_last_digits():
    pairs = hard_pairs()
    expected = reference(*pairs)
    error = np.abs(gs.haversine_distance(*pairs) - expected) / np.where(expected == 0, 1, expected)
    assert float(error.max()) < EXACT


def test_hard_pairs_agree_with_karney():
    """Geod gives 15 nm; it is independent of every formula here."""
    pyproj = pytest.importorskip("pyproj")
    pairs = hard_pairs(20_000)
    geod = pyproj.Geod(a=EARTH_RADIUS * 1000, b=EARTH_RADIUS * 1000)
    np.testing.assert_allclose(
        gs.haversine_distance(*pairs), geod.inv(*pairs)[2] / 1000, rtol=1e-14, atol=5e-11
    )


@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="needs an 80-bit long double as reference")
def test_float32_is_right_for_the_coordinates_it_gets():
    pairs = [values.astype(np.float32) for values in hard_pairs()]
    distances = gs.haversine_distance(*pairs)
    expected = reference(*pairs)
    assert distances.dtype == np.float32
    error = np.abs(distances - expected) / np.where(expected == 0, 1, expected)
    assert float(error.max()) < 1e-6


@given(a=points, b=points)
def test_symmetric_to_the_last_bit_and_bounded(a, b):
    distance = gs.haversine_distance(*a, *b)
    assert distance == gs.haversine_distance(*b, *a)
    assert 0 <= distance <= math.pi * EARTH_RADIUS
    assert gs.haversine_distance(*a, *a) == 0


@given(a=points, b=points, c=points)
def test_triangle_inequality(a, b, c):
    direct = gs.haversine_distance(*a, *c)
    assert direct <= (gs.haversine_distance(*a, *b) + gs.haversine_distance(*b, *c)) * (1 + 4e-15)


@given(a=st.tuples(st.integers(-(10**6), 10**6), latitudes), b=points, turns=st.integers(-1000, 1000))
def test_whole_turns_change_nothing(a, b, turns):
    assert gs.haversine_distance(*a, *b) == gs.haversine_distance(a[0] + 360 * turns, a[1], *b)


@given(a=points, b=points)
def test_mirror_images_are_as_far_apart(a, b):
    assert gs.haversine_distance(*a, *b) == gs.haversine_distance(-a[0], -a[1], -b[0], -b[1])


@settings(max_examples=30)
@given(a=points, b=points, scale=st.floats(1e-3, 1e6))
def test_proportional_to_the_radius(a, b, scale):
    unit = gs.haversine_distance(*a, *b, radius=1)
    assert gs.haversine_distance(*a, *b, radius=scale) == pytest.approx(unit * scale, rel=1e-15)


def test_cuspatials_radius_is_an_argument():
    assert gs.haversine_distance(0, 0, 90, 0, radius=6371.0) == pytest.approx(6371 * math.pi / 2, rel=EXACT)


@pytest.mark.parametrize("position", range(4))
def test_nan_gives_nan_in_its_row_only(position):
    columns = [np.array([1.0, 2.0, 3.0]) for _ in range(4)]
    columns[position][1] = np.nan
    assert np.isnan(gs.haversine_distance(*columns)).tolist() == [False, True, False]


def test_null_and_empty_points_give_nan():
    a = np.array([shapely.Point(1, 2), None, shapely.Point(), shapely.Point(3, 4)])
    b = shapely.points([[5, 6], [5, 6], [5, 6], [5, 6]])
    assert np.isnan(gs.haversine_distance(a, b)).tolist() == [False, True, True, False]


def test_empty_input():
    distances = gs.haversine_distance(*[np.empty(0)] * 4)
    assert distances.shape == (0,)
    assert distances.dtype == np.float64
    assert gs.haversine_distance(*[np.empty(0, np.float32)] * 4).dtype == np.float32


def same(distances):
    return np.array_equal(np.asarray(distances), gs.haversine_distance(*COLUMNS))


COLUMNS = tuple(np.array(values, dtype=float) for values in ([0, 10], [1, 20], [2, 30], [3, 40]))


@pytest.mark.parametrize(
    "form",
    {
        "(x, y) tuples": lambda lon, lat: (lon, lat),
        "(n, 2) arrays": lambda lon, lat: np.column_stack([lon, lat]),
        "shapely points": shapely.points,
        "GeoSeries": geopandas.GeoSeries.from_xy,
        "GeometryColumn": gs.GeometryColumn.from_points,
    }.items(),
    ids=lambda form: form[0],
)
def test_forms_of_points(form):
    make = form[1]
    assert same(gs.haversine_distance(make(*COLUMNS[:2]), make(*COLUMNS[2:])))


def test_forms_of_coordinates():
    assert same(gs.haversine_distance(*(values.tolist() for values in COLUMNS)))
    assert same(gs.haversine_distance(*(values.astype(int) for values in COLUMNS)))
    assert same(gs.haversine_distance(*(np.repeat(values, 2)[::2] for values in COLUMNS)))
    frame = pd.DataFrame(dict(zip("abcd", COLUMNS, strict=True)))
    assert same(gs.haversine_distance(frame.a, frame.b, frame.c, frame.d))


def test_series_keep_their_index():
    index = ["x", "y"]
    series = [pd.Series(values, index=index) for values in COLUMNS]
    distances = gs.haversine_distance(*series)
    assert isinstance(distances, pd.Series)
    assert distances.index.tolist() == index
    places = geopandas.GeoSeries.from_xy(*COLUMNS[:2], index=index)
    assert gs.haversine_distance(places, places).tolist() == [0, 0]
    assert gs.haversine_distance(places, places).index.tolist() == index


def test_numbers_give_a_number_and_one_point_meets_many():
    assert np.ndim(gs.haversine_distance(0, 0, 1.5, 1)) == 0
    assert np.ndim(gs.haversine_distance(*np.float32([0, 0, 1.5, 1]))) == 0
    many = gs.haversine_distance(0.0, 0.0, COLUMNS[2], COLUMNS[3])
    assert many.tolist() == [gs.haversine_distance(0, 0, 2, 3), gs.haversine_distance(0, 0, 30, 40)]


def test_one_float64_column_makes_the_result_float64():
    columns = [values.astype(np.float32) for values in COLUMNS[:3]]
    assert gs.haversine_distance(*columns, COLUMNS[3]).dtype == np.float64


def test_inputs_are_not_changed():
    columns = [values.copy() for values in COLUMNS]
    columns[0][0] = 1e15
    before = [values.copy() for values in columns]
    gs.haversine_distance(*columns)
    assert all(map(np.array_equal, columns, before))


def put(argument, position, value):
    columns = [values.copy() for values in COLUMNS]
    columns[argument][position] = value
    return columns


BAD = {
    "latitude above 90": (
        put(1, 1, 90.5),
        {},
        r"lat1: position 1 is 90\.5, expected a latitude from -90 to 90",
    ),
    "latitude below -90": (put(3, 0, -91), {}, r"lat2: position 0 is -91\.0, .*longitude before latitude"),
    "just above 90": (put(3, 0, np.nextafter(90, 91)), {}, r"lat2: position 0 is 90\.0000"),
    "infinite latitude": (put(3, 1, -np.inf), {}, r"lat2: position 1 is -inf"),
    "infinite longitude": (put(2, 1, np.inf), {}, r"lon2: position 1 is inf, expected a finite longitude"),
    "lengths": ([*COLUMNS[:3], np.zeros(3)], {}, r"lon1 and lat2 must have equal length, got 2 and 3"),
    "lengths of points": (([[0, 0]], [[0, 0], [1, 1]]), {}, r"a and b must have equal length, got 1 and 2"),
    "latitude of points": (([[0, 99]], [[0, 0]]), {}, r"a\.y: position 0 is 99\.0"),
    "radius zero": (COLUMNS, {"radius": 0}, r"radius must be positive and finite, in km, got 0"),
    "radius negative": (COLUMNS, {"radius": -1.0}, r"radius must be positive"),
    "radius NaN": (COLUMNS, {"radius": np.nan}, r"radius must be positive"),
    "radius infinite": (COLUMNS, {"radius": np.inf}, r"radius must be positive"),
    "engine": (COLUMNS, {"engine": "gpu"}, r"engine must be one of 'cpu', 'cuda', 'emulator', got 'gpu'"),
}


@pytest.mark.parametrize(("arguments", "options", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        gs.haversine_distance(*arguments, **options)


def test_three_arguments_are_refused():
    with pytest.raises(TypeError, match=r"two columns of points .* or four coordinates .*got 3 arguments"):
        gs.haversine_distance(*COLUMNS[:3])


def test_projected_and_different_crs_are_refused():
    mercator = geopandas.GeoSeries.from_xy(*COLUMNS[:2], crs=3857)
    with pytest.raises(
        ValueError, match=r"a is in EPSG:3857, expected longitude and latitude.*to_crs\(4326\)"
    ):
        gs.haversine_distance(mercator, mercator)
    with pytest.raises(ValueError, match=r"to_crs"):
        gs.haversine_distance(mercator.set_crs(4326, allow_override=True), mercator)


def test_work_and_counters():
    inputs = {
        "a": gs.GeometryColumn.from_points(*COLUMNS[:2]),
        "b": gs.GeometryColumn.from_points(*COLUMNS[2:]),
    }
    assert OPERATION.work(inputs) == {"bytes": 80.0, "flops": 446.0}
    assert OPERATION.counters(inputs) == {"pairs": 2.0}
    assert len(OPERATION.slice(inputs, 1)["a"]) == len(OPERATION.slice(inputs, 1)["b"]) == 1
