"""Real data against truths that ship with them: fetched into the ordinary cache, read by our own readers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from requirements import need

from groundspeed.columns import GeometryColumn
from groundspeed.datasets import load, registry
from groundspeed.datasets.fetching import fetch, verify

SHIPPED = registry.read(registry.SHIPPED)
CLIENTS = {"pypi": "pip", "npm": "npm", "url": "requests"}
STANDING_STILL = {"tracks": 2}  # storms whose fixes are all on one point
KILOMETRES, MILE = 6371.0088, 1.609344

pytestmark = pytest.mark.timeout(900)


def real(name: str) -> registry.Dataset:
    """Fetch a set; skip only where its client is not installed."""
    entry = SHIPPED[name]
    need(CLIENTS[entry.source.kind])
    fetch(name)
    return entry


@pytest.mark.parametrize("name", SHIPPED)
def test_the_cache_holds_what_the_registry_says(name: str) -> None:
    entry = real(name)
    assert verify(name) == []
    columns = [load(f"{name}.{column}") for column in entry.columns]
    boxes = [column.total_bounds for column in columns if isinstance(column, GeometryColumn)]
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    assert (*low[:2], *high[2:]) == tuple(entry.extent)
    assert entry.crs in {str(column.crs) for column in columns if isinstance(column, GeometryColumn)}


@pytest.mark.parametrize("name", SHIPPED)
def test_geometries_are_valid_and_finite(name: str) -> None:
    for column in real(name).columns:
        loaded = load(f"{name}.{column}")
        if isinstance(loaded, GeometryColumn):
            loaded.check_finite(column)
            invalid = loaded.to_shapely()[~shapely.is_valid(loaded.to_shapely())] if loaded.offsets else []
            assert len(invalid) == STANDING_STILL.get(column, 0)
            assert (shapely.length(invalid) == 0).all()


def test_flights_have_the_distance_published() -> None:
    real("flights_bts_3m")
    origin, destination = load("flights_bts_3m.origin"), load("flights_bts_3m.destination")
    published = load("flights_bts_3m.distance_miles")
    lon1, lat1, lon2, lat2 = map(np.radians, (origin.x, origin.y, destination.x, destination.y))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    miles = 2 * KILOMETRES * np.arcsin(np.sqrt(half)) / MILE
    off = abs(miles - published)
    assert np.median(off) == pytest.approx(0.89, abs=0.005)
    assert np.percentile(off, 99) == pytest.approx(5.85, abs=0.005)
    assert off.max() == pytest.approx(8.93, abs=0.005)
    assert (off / published).max() == pytest.approx(0.0141, abs=5e-5)
    assert len(np.unique(origin.x + 1j * origin.y)) == 229
    assert (
        len(np.unique(np.column_stack([origin.x, origin.y, destination.x, destination.y]), axis=0)) == 3_399
    )


def test_states_cover_their_counties() -> None:
    real("us_counties_states_500k")
    counties = load("us_counties_states_500k.counties").to_shapely()
    states = load("us_counties_states_500k.states").to_shapely()
    of_county = load("us_counties_states_500k.counties_table")["STATEFP"].to_numpy()
    of_state = load("us_counties_states_500k.states_table")["STATEFP"].to_numpy()
    state, county = shapely.STRtree(counties).query(states, predicate="covers")
    assert len(state) == 3_233
    assert (of_state[state] == of_county[county]).all()


@pytest.mark.parametrize("kind", ["counties", "states"])
def test_the_wgs84_columns_differ_in_the_label_only(kind: str) -> None:
    real("us_counties_states_500k")
    theirs, ours = (load(f"us_counties_states_500k.{kind}{suffix}") for suffix in ("", "_wgs84"))
    assert (theirs.crs.to_epsg(), ours.crs.to_epsg()) == (4269, 4326)
    assert np.array_equal(theirs.x, ours.x)
    assert np.array_equal(theirs.y, ours.y)
    assert all(map(np.array_equal, theirs.offsets, ours.offsets))


def test_american_places_are_in_their_state() -> None:
    real("us_counties_states_500k")
    real("geonames_cities500")
    places = load("geonames_cities500.places")
    american = (places["countrycode"] == "US").to_numpy()
    points = load("geonames_cities500.geometry").to_shapely()[american]
    state, place = shapely.STRtree(points).query(
        load("us_counties_states_500k.states_wgs84").to_shapely(), predicate="contains"
    )
    hits = np.bincount(place, minlength=len(points))
    assert (len(points), (hits == 1).sum(), (hits > 1).sum()) == (21_783, 21_778, 0)
    code = load("us_counties_states_500k.states_table")["STUSPS"].to_numpy()[state]
    assert (code == places["admin1code"].to_numpy()[american][place]).sum() == 21_776
    _, place = shapely.STRtree(points).query(
        load("us_counties_states_500k.counties_wgs84").to_shapely(), predicate="contains"
    )
    assert np.bincount(place).max() == 1


def test_places_are_those_of_the_card() -> None:
    real("geonames_cities500")
    points, places = load("geonames_cities500.geometry"), load("geonames_cities500.places")
    assert len(np.unique(np.column_stack([points.x, points.y]), axis=0)) == 234_799
    assert (places["countrycode"].nunique(), places["timezone"].nunique()) == (246, 394)
    assert not places.isna().any().any()
    assert (places["countrycode"] == "NA").any()


def test_storms_are_those_of_the_card() -> None:
    real("ibtracs_1980_2024")
    fixes, tracks = load("ibtracs_1980_2024.fixes_table"), load("ibtracs_1980_2024.tracks")
    assert (len(fixes), fixes["track_id"].nunique()) == (149_703, 4_736)
    assert fixes.groupby("track_id")["time"].apply(lambda time: time.is_monotonic_increasing).all()
    assert (fixes["basin"] == "NA").any()
    assert not fixes["basin"].isna().any()
    assert (load("ibtracs_1980_2024.tracks_table")["fixes"] == np.diff(tracks.offsets[0])).all()
    segments = np.delete(abs(np.diff(tracks.x)), tracks.offsets[0][1:-1] - 1)
    assert (segments > 180).sum() == 418


def test_two_agencies_saw_the_same_storms() -> None:
    real("ibtracs_1980_2024")
    wmo = load("ibtracs_1980_2024.tracks_table").reset_index().set_index("track_id")["index"]
    jtwc = load("ibtracs_1980_2024.jtwc_tracks_table").reset_index().set_index("track_id")["index"]
    both = wmo.index.intersection(jtwc.index, sort=True)[:500]
    assert len(wmo.index.intersection(jtwc.index)) == 4_349
    theirs = load("ibtracs_1980_2024.tracks").to_shapely()[wmo[both].to_numpy()]
    ours = load("ibtracs_1980_2024.jtwc_tracks").to_shapely()[jtwc[both].to_numpy()]
    same = np.median(shapely.hausdorff_distance(theirs, ours))
    other = np.median(shapely.hausdorff_distance(theirs, np.roll(ours, 250)))
    assert same < 1.5 < 50 < other
