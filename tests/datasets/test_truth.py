"""Real data against truths that ship with them: fetched into the ordinary cache, read by our own readers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from requirements import need, required

from groundspeed.datasets import load, registry
from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.fetching import fetch, fetched, verify
from groundspeed.datasets.licences import accepted
from groundspeed.geometry import GeometryColumn

SHIPPED = {name: one for name, one in registry.read(registry.SHIPPED).items() if one.tier != "web"}
CLIENTS = {"pypi": "pip", "npm": "npm", "debian": "apt-get", "program": "pip"}
INVALID = {
    "ibtracs_1980_2024.tracks": 2,  # storms whose fixes are all on one point
    "adsb_traffic.tracks": 1,  # an aircraft that stands still
    "naturalearth_10m_countries.countries": 1,  # Egypt touches itself
    "gshhg_full_wdbii.shorelines": 3,
    "tracktable_gshhg_h.land": 1,
}
KILOMETRES, MILE = 6371.0088, 1.609344
KNOT = 1852 / 3600
EARTH = Geod(ellps="WGS84")

pytestmark = pytest.mark.timeout(900)


def real(name: str) -> Dataset:
    """Fetch a set; skip only what nobody here agreed to fetch, or where its client is not installed.

    Those of the tier `full` are fetched in CI; elsewhere they are read where they are in the cache already.
    """
    entry = SHIPPED[name]
    if not fetched(entry) and not accepted(entry):
        pytest.skip(f"{name} is restricted: read its licence, then set GROUNDSPEED_ACCEPT_LICENCE={name}")
    if not fetched(entry) and entry.tier == "full" and not required():
        pytest.skip(f"{name} is large: run `groundspeed data fetch {name}` first")
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
    assert (*low[:2], *high[2:]) == pytest.approx(entry.extent, abs=1e-9)
    assert entry.crs in {str(column.crs) for column in columns if isinstance(column, GeometryColumn)}


@pytest.mark.parametrize("name", SHIPPED)
def test_geometries_are_valid_and_finite(name: str) -> None:
    for column in real(name).columns:
        loaded = load(f"{name}.{column}")
        if isinstance(loaded, GeometryColumn):
            loaded.check_finite(column)
            invalid = (~shapely.is_valid(loaded.to_shapely())).sum() if loaded.offsets else 0
            assert invalid == INVALID.get(f"{name}.{column}", 0)


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


def sample(n: int, of: int) -> np.ndarray:
    return np.random.default_rng(1).choice(of, n, replace=False)


def inside(points: np.ndarray, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Polygon and point of every hit, and the number of hits of every point."""
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    return polygon, point, np.bincount(point, minlength=len(points))


def test_places_are_in_their_country() -> None:
    real("naturalearth_10m_countries")
    real("geonames_cities500")
    points = load("geonames_cities500.geometry").to_shapely()
    country, place, hits = inside(points, load("naturalearth_10m_countries.countries").to_shapely())
    assert np.bincount(hits).tolist() == [3_687, 231_221]
    code = load("naturalearth_10m_countries.countries_table")["ISO_A2_EH"].to_numpy()[country]
    assert (code == load("geonames_cities500.places")["countrycode"].to_numpy()[place]).sum() == 230_461


def test_regions_have_the_area_published() -> None:
    real("nz_linz_2193")
    regions, table = load("nz_linz_2193.regions").to_shapely(), load("nz_linz_2193.regions_table")
    assert shapely.area(regions) / 1e6 == pytest.approx(table["AREA_SQ_KM"], rel=1e-6)
    assert shapely.length(regions) == pytest.approx(table["Shape_Length"], rel=4e-12)
    assert np.diff(load("nz_linz_2193.islands").offsets[-1]).max() == 263_758


def test_zones_tile_the_earth() -> None:
    """20,000 places: none outside every zone, and nearly all in the zone that GeoNames says."""
    real("timezones_2026c")
    real("geonames_cities500")
    column = load("timezones_2026c.zones")
    zones, names = column.to_shapely(), load("timezones_2026c.zones_table")["timezone"].to_numpy()
    assert (len(set(names)), shapely.get_num_interior_rings(zones).sum()) == (444, 756)
    assert np.diff(column.offsets[-1]).max() == 192_961
    assert shapely.area(zones).sum() - 360 * 180 == pytest.approx(179.7, abs=0.01)  # disputed areas twice
    chosen = sample(20_000, 234_908)
    zone, place, hits = inside(load("geonames_cities500.geometry").to_shapely()[chosen], zones)
    assert np.bincount(hits).tolist() == [0, 19_930, 70]
    right = names[zone] == load("geonames_cities500.places")["timezone"].to_numpy()[chosen][place]
    assert right[hits[place] == 1].sum() == 19_898


def test_shorelines_have_the_area_published() -> None:
    real("gshhg_full_wdbii")
    column, table = load("gshhg_full_wdbii.shorelines"), load("gshhg_full_wdbii.shorelines_table")
    assert table["level"].value_counts().to_dict() == {1: 179_833, 2: 6_659, 3: 1_437, 5: 330}
    assert np.diff(column.offsets[-1]).max() == 1_160_926
    middling = (
        table["vertices"].between(200, 2_000) & ~table["id"].str.contains("-") & (table["area_km2"] > 0)
    )
    chosen = np.flatnonzero(middling)[::8]
    found = [abs(EARTH.geometry_area_perimeter(one)[0]) / 1e6 for one in column[chosen]]
    assert found == pytest.approx(table["area_km2"].to_numpy()[chosen], rel=4e-4)


@pytest.mark.parametrize(("inner", "outer", "count"), [("lakes", "land", 6_601), ("islands", "lakes", 1_434)])
def test_shores_lie_in_their_parent(inner: str, outer: str, count: int) -> None:
    """`parent_id` is exact; land cut at the antimeridian has one number and two rows."""
    real("tracktable_gshhg_h")
    within, around = (load(f"tracktable_gshhg_h.{name}").to_shapely() for name in (inner, outer))
    parents = load(f"tracktable_gshhg_h.{outer}_table")["id"].str.partition("-")[0].astype(int).to_numpy()
    wanted = load(f"tracktable_gshhg_h.{inner}_table")["parent_id"].to_numpy()
    big, small = shapely.STRtree(within).query(around[np.isin(parents, wanted)], predicate="covers")
    own = parents[np.isin(parents, wanted)][big] == wanted[small]
    assert (len(within), len(np.unique(small[own]))) == (count, count)


def test_ships_go_forward_in_time() -> None:
    real("tracktable_ais")
    table, tracks = load("tracktable_ais.fixes_table"), load("tracktable_ais.tracks")
    seconds = table.groupby("track")["time"].diff().dt.total_seconds().dropna()
    assert (seconds >= 0).all()
    assert (seconds.median(), seconds.max()) == (71, 22_681)
    assert table["object"].nunique() == 1_376
    fixes = np.diff(tracks.offsets[0])
    assert (fixes == load("tracktable_ais.tracks_table")["fixes"]).all()
    assert (fixes.min(), np.median(fixes), fixes.max()) == (10, 141, 5_670)


def speed_ratio(
    points: GeometryColumn, of: pd.Series, time: pd.Series, knots: pd.Series, ahead: int
) -> float:
    """Median of the speed from a fix to the one so many later, over the speed measured on board."""
    frame = pd.DataFrame({"of": of, "time": time, "knots": knots, "x": points.x, "y": points.y})
    frame = frame[frame["knots"] > 5].sort_values(["of", "time"])
    later = frame.shift(-ahead)
    seconds = (later["time"] - frame["time"]).dt.total_seconds()
    pair = (later["of"] == frame["of"]) & seconds.between(1, 600)
    start, end = frame[pair], later[pair]
    metres = EARTH.inv(start["x"], start["y"], end["x"], end["y"])[2]
    return float(np.median(metres / seconds[pair] / KNOT / start["knots"]))


def test_ships_move_as_fast_as_they_say() -> None:
    real("tracktable_ais")
    table = load("tracktable_ais.harbor_table")
    ratio = speed_ratio(
        load("tracktable_ais.harbor"), table["MMSI"], table["BaseDateTime"], table["SOG"], ahead=5
    )
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_aircraft_fly_as_fast_as_they_say() -> None:
    real("adsb_traffic")
    table, points = load("adsb_traffic.fixes_table"), load("adsb_traffic.fixes")
    assert (table["icao24"].nunique(), table["sample"].nunique()) == (1_134, 73)
    rows = np.flatnonzero(table["sample"] == "quickstart")
    table, points = table.iloc[rows].reset_index(drop=True), points[rows]
    assert (len(table), table["icao24"].nunique()) == (284_505, 213)
    ratio = speed_ratio(points, table["icao24"], table["time"], table["groundspeed"], ahead=10)
    assert ratio == pytest.approx(1.0, abs=0.01)
    assert (
        load("adsb_traffic.tracks_table")["fixes"] == np.diff(load("adsb_traffic.tracks").offsets[0])
    ).all()


def test_networks_are_in_the_zone_they_name() -> None:
    real("geolite2_city_201807")
    real("timezones_2026c")
    column, table = load("geolite2_city_201807.networks"), load("geolite2_city_201807.networks_table")
    _, counts = np.unique(column.x + 1j * column.y, return_counts=True)
    assert (len(counts), counts.max()) == (133_372, 393_327)
    assert (table["country"].nunique(), table["timezone"].notna().sum()) == (250, 2_860_513)
    chosen = np.flatnonzero(table["timezone"].notna())[sample(20_000, 2_860_513)]
    zone, place, hits = inside(column[chosen].to_shapely(), load("timezones_2026c.zones").to_shapely())
    names = load("timezones_2026c.zones_table")["timezone"].to_numpy()
    right = names[zone] == table["timezone"].to_numpy()[chosen][place]
    assert right[hits[place] == 1].mean() > 0.99


def test_made_up_trips_are_as_long_as_they_say() -> None:
    """In thousands of degrees on the plane, the shorter way around, cut off after five digits."""
    real("spatialbench_sf1")
    start, end = load("spatialbench_sf1.pickup"), load("spatialbench_sf1.dropoff")
    across = abs(start.x - end.x)
    around = across > 180
    length = np.hypot(np.where(around, 360 - across, across), start.y - end.y) / 1000
    off = length - load("spatialbench_sf1.trips")["t_distance"].to_numpy()
    assert around.sum() == 46
    assert -1e-12 < off.min() < off.max() < 1e-5


@pytest.mark.parametrize(
    ("ra", "dec", "magnitude"),
    [(78.634467, -8.201638, 0.28), (88.792939, 7.407064, 0.77)],
    ids=["Rigel", "Betelgeuse"],
)
def test_bright_stars_are_in_their_place(ra: float, dec: float, magnitude: float) -> None:
    """Positions of Hipparcos; both stars move by less than 0.1 second of arc a year."""
    real("tycho2_stars")
    stars = load("tycho2_stars.stars")
    off = np.hypot((stars.x - ra) * np.cos(np.radians(dec)), stars.y - dec) * 3600
    assert off.min() < 1.0
    assert load("tycho2_stars.magnitude")[off.argmin()] == pytest.approx(magnitude, abs=0.01)
