"""Readers on files made here, small enough to know every value."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_datasets import zipped

from groundspeed.datasets import DatasetError, readers
from groundspeed.datasets.readers import timezones
from groundspeed.geometry import GeometryColumn

CRS = "EPSG:4326"


def fits_unit(name: str, values: np.ndarray) -> bytes:
    """A table of one column as astrometry.net writes it."""
    cards = ["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", f"NAXIS1  = {values.itemsize}"]
    cards += [f"NAXIS2  = {values.size}", f"TTYPE1  = '{name}' / a comment", "END"]
    head = "".join(card.ljust(80) for card in cards).encode()
    return head.ljust(2880) + values.tobytes().ljust(-(-values.nbytes // 2880) * 2880, b"\0")


def test_stars(tmp_path: Path) -> None:
    primary = b"".join(
        card.ljust(80).encode() for card in ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "END")
    )
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, 0, -1]], np.float64)
    content = primary.ljust(2880)
    content += fits_unit("kdtree_range_stars", np.array([-1, -1, -1, 1, 1, 1, 2**31], "<f8"))
    content += fits_unit("kdtree_data_stars", ((vectors + 1) * 2**31).clip(max=2**32 - 1).astype("<u4"))
    content += fits_unit("MAG_VT", np.array([0.5, 1.5, 2.5, 3.5, 4.5], ">f4"))
    (tmp_path / "s.fits").write_bytes(content)
    stars = readers.star_points(tmp_path, "s.fits", CRS)
    assert stars.x[[0, 1, 3]] == pytest.approx([0, 90, -180], abs=1e-7)
    assert stars.y == pytest.approx([0, 0, 90, 0, -90], abs=1e-6)
    assert readers.star_values(tmp_path, "s.fits", "MAG_VT").tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    with pytest.raises(DatasetError, match=r"s\.fits has no table MAG; there are: .*MAG_VT"):
        readers.star_values(tmp_path, "s.fits", "MAG")
    (tmp_path / "s.fits").write_bytes(content[:2880] + b"garbage")
    with pytest.raises(DatasetError, match=r"s\.fits is not FITS"):
        readers.star_points(tmp_path, "s.fits", CRS)


def encoded(value: object) -> bytes:
    """A value as MaxMind databases store it."""
    if isinstance(value, str):
        raw = value.encode()
        return (
            bytes([2 << 5 | len(raw)]) + raw if len(raw) < 29 else bytes([2 << 5 | 29, len(raw) - 29]) + raw
        )
    if isinstance(value, float):
        return bytes([3 << 5 | 8]) + struct.pack(">d", value)
    if isinstance(value, int):
        return bytes([5 << 5 | 2]) + value.to_bytes(2, "big")
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encoded, value))
    if isinstance(value, bytes):
        return value
    pairs = b"".join(encoded(key) + encoded(one) for key, one in value.items())
    return bytes([7 << 5 | len(value)]) + pairs


def pointer(at: int) -> bytes:
    return bytes([1 << 5 | at >> 8, at & 255])


@pytest.mark.parametrize("bits", [24, 28, 32])
def test_a_database_of_networks(bits: int, tmp_path: Path) -> None:
    """Three nodes: one record is reached twice, a part of it by a pointer; one has no place."""
    country = encoded({"iso_code": "NA"})
    here = {"latitude": 1.5, "longitude": -2.5, "time_zone": "Africa/Windhoek", "accuracy_radius": 300}
    first = encoded({"country": pointer(0), "location": here, "subdivisions": [1, "x" * 40]})
    second = encoded(
        {"registered_country": {"iso_code": "DE"}, "location": {"latitude": 50.0, "longitude": 8.0}}
    )
    third = encoded({"country": pointer(0)})
    starts = np.cumsum([len(country), len(first), len(second)])
    nodes = 3
    to = [nodes + 16 + int(start) for start in starts]
    tree = [(1, 2), (to[0], to[1]), (to[0], to[2])]
    width = bits // 8
    packed = b""
    for left, right in tree:
        if bits == 28:
            middle = bytes([(left >> 24) << 4 | right >> 24])
            packed += left.to_bytes(4, "big")[1:] + middle + right.to_bytes(4, "big")[1:]
        else:
            packed += left.to_bytes(width, "big") + right.to_bytes(width, "big")
    meta = b"\xab\xcd\xefMaxMind.com" + encoded({"node_count": nodes, "record_size": bits})
    (tmp_path / "c.mmdb").write_bytes(packed + bytes(16) + country + first + second + third + meta)
    points = readers.mmdb_points(tmp_path, "c.mmdb", CRS)
    table = readers.mmdb_table(tmp_path, "c.mmdb")
    assert sorted(zip(points.x, points.y, strict=True)) == [(-2.5, 1.5), (-2.5, 1.5), (8.0, 50.0)]
    assert sorted(table["country"]) == ["DE", "NA", "NA"]
    assert table["timezone"].dropna().tolist() == ["Africa/Windhoek"] * 2
    assert table["radius_km"].dropna().tolist() == [300, 300]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "c.mmdb").write_bytes(b"no")
    with pytest.raises(DatasetError, match=r"c\.mmdb is not a MaxMind database"):
        readers.mmdb_points(tmp_path, "c.mmdb", CRS)


def test_basemap(tmp_path: Path) -> None:
    pairs = np.array([[0, 0], [1, 0], [1, 1], [0, 0], [5, 5], [6, 5], [6, 6], [5, 5]], "<f4")
    pairs.tofile(tmp_path / "f.dat")
    (tmp_path / "m.dat").write_text("1 12.5 4 0 1 0 32 0-E\n2 -1 4 5 6 32 32 7\n")
    polygons = readers.basemap_geometry(tmp_path, "f.dat", "m.dat", "polygon", CRS)
    assert [offsets.tolist() for offsets in polygons.offsets] == [[0, 1, 2], [0, 4, 8]]
    assert polygons.x.tolist() == pairs[:, 0].tolist()
    table = readers.basemap_table(tmp_path, "m.dat")
    assert table["id"].tolist() == ["0-E", "7"]
    assert table["area_km2"].tolist() == [12.5, -1]
    (tmp_path / "m.dat").write_text("1 12.5 4 0 1 0 32 0-E\n")
    with pytest.raises(DatasetError, match=r"m\.dat does not fit f\.dat"):
        readers.basemap_geometry(tmp_path, "f.dat", "m.dat", "polygon", CRS)


def test_tracktable(tmp_path: Path) -> None:
    fixes = ["7,2020-06-30 02:07:55,-1.5,2.5", "7,2020-06-30 02:09:26,-1.25,3"]
    head = "*T*,id,terrestrial,2,0,*P*,terrestrial,2,1,1,0,"
    (tmp_path / "a.traj").write_text(head + ",".join(fixes) + "\n")
    (tmp_path / "b.traj").write_text(head + ",".join(fixes[::-1]) + "\n")
    tracks = readers.traj_tracks(tmp_path, ["a.traj", "b.traj"], CRS)
    assert tracks.offsets[0].tolist() == [0, 2, 4]
    assert tracks.x.tolist() == [-1.5, -1.25, -1.25, -1.5]
    table = readers.traj_fixes_table(tmp_path, ["a.traj", "b.traj"])
    assert table["track"].tolist() == [0, 0, 1, 1]
    assert table["time"][1] == pd.Timestamp("2020-06-30 02:09:26")
    assert readers.traj_tracks_table(tmp_path, ["a.traj"])["fixes"].tolist() == [2]


def test_adsb(tmp_path: Path) -> None:
    """Codes that look like numbers stay text; samples without positions and rows without one are left out."""

    def row(code: str, time: int, x: float | None) -> dict:
        return {
            "icao24": code,
            "timestamp": time * 1_000,
            "longitude": x,
            "latitude": 1.0,
            "groundspeed": 400,
        }

    one = [row("3e5820", 700, 3.0), row("010157", 0, 1.0), row("010157", 60, None), row("3e5820", 60, 2.0)]
    one += [row("3e5820", 650, 4.0), row("3e5820", 62, 2.5), row("010157", 9, 1.5)]
    wheel = tmp_path / "t.whl"
    two = [{"icao24": "x", "timestamp": 0, "altitude": 3}]
    packed = {name: gzip.compress(json.dumps(rows).encode()) for name, rows in (("one", one), ("two", two))}
    zipped(wheel, **{f"d/{name}.json.gz": content for name, content in packed.items()})
    table = readers.adsb_table(tmp_path, "t.whl", "d/*.json.gz")
    assert table["icao24"].tolist() == ["010157"] * 2 + ["3e5820"] * 4
    assert table.groupby("icao24")["time"].is_monotonic_increasing.all()
    assert table["time"][5] == pd.Timestamp(700, unit="s")
    tracks = readers.adsb_tracks(tmp_path, "t.whl", "d/*.json.gz", 300, CRS)
    assert np.split(tracks.x, tracks.offsets[0][1:-1])[1].tolist() == [2.0, 2.5]
    assert tracks.offsets[0].tolist() == [0, 2, 4, 6]
    lines = readers.adsb_tracks_table(tmp_path, "t.whl", "d/*.json.gz", 300)
    assert lines["icao24"].tolist() == ["010157", "3e5820", "3e5820"]


def test_geolife(tmp_path: Path) -> None:
    head = b"Geolife trajectory\nWGS 84\nAltitude is in Feet\nReserved 3\n0,2,255,My Track,0,0,2,8421376\n0\n"
    rows = (
        b"39.9,116.3,0,492,39744.12,2008-10-23,02:53:04\r\n39.8,116.4,0,492,39744.12,2008-10-23,02:53:10\r\n"
    )
    zipped(
        tmp_path / "g.zip",
        **{"G/Data/000/Trajectory/1.plt": head + rows, "G/Data/001/Trajectory/1.plt": head + rows[:46]},
    )
    tracks = readers.geolife_tracks(tmp_path, "g.zip", "*/Data/*/Trajectory/*.plt", CRS)
    assert (tracks.x.tolist(), tracks.y.tolist()) == ([116.3, 116.4], [39.9, 39.8])
    with pytest.raises(DatasetError, match=r"g\.zip has no member \*\.txt"):
        readers.geolife_tracks(tmp_path, "g.zip", "*.txt", CRS)


def packed(ring: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words, origins and widths of a ring of steps, one bit at a time: block by block, x then y."""
    words: list[int] = []
    origins, widths = [], []
    for start in range(0, ring.shape[1], timezones.BLOCK):
        index = np.arange(start, min(start + timezones.BLOCK, ring.shape[1]) + 1) % ring.shape[1]
        for values in ring[:, index].tolist():
            low = min(values)
            width = (max(values) - low).bit_length()
            bits = sum((value - low) << number * width for number, value in enumerate(values))
            words += [bits >> 32 * word & 0xFFFFFFFF for word in range(-(-len(values) * width // 32))]
            origins.append(low * timezones.STEP)
            widths.append(width)
    shape = (-1, 2)
    return np.array([*words, 0, 0], np.uint32), *(np.reshape(one, shape).T for one in (origins, widths))


@given(seed=st.integers(0, 2**32), size=st.integers(3, 400), reach=st.integers(0, 31))
@settings(max_examples=60, deadline=None)
def test_packed_rings_come_out_as_they_went_in(seed: int, size: int, reach: int) -> None:
    """Blocks of every width from 0 bits (all on one line) to 32 (across the antimeridian), full and cut."""
    rng = np.random.default_rng(seed)
    ring = rng.integers(-(2**reach), 2**reach, (2, size)) * np.array([[1], [rng.integers(0, 2)]])
    assert np.array_equal(timezones._ring(*packed(ring), size), ring * timezones.STEP)


def test_another_layout_of_zones_is_refused() -> None:
    for content in (b"\x08\0\0\0none" + bytes(40), b"\x08\0\0\0TZFP" + bytes(40)):
        with pytest.raises(DatasetError, match="is not in polygon layout 3"):
            timezones._payloads(content, "boundaries")


def test_parquet_points(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1.0, None], "b": [3, 4]}).to_parquet(tmp_path / "p.parquet")
    points = readers.parquet_points(tmp_path, "p.parquet", "a", "b", CRS)
    assert points.x[0] == 1.0
    assert np.isnan(points.x[1])
    assert points.y.tolist() == [3.0, 4.0]


def test_a_shapefile_inside_an_archive_kept_whole(tmp_path: Path) -> None:
    import geopandas

    column = GeometryColumn.from_wkt(
        ["POLYGON ((0 0, 1 0, 1 1, 0 0))", "POLYGON ((2 2, 3 2, 3 3, 2 2))"], CRS
    )
    frame = geopandas.GeoDataFrame({"name": ["a", "b"], "more": [1, 2]}, geometry=column.to_geopandas())
    frame.to_file(tmp_path / "in.shp")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for path in tmp_path.glob("in.*"):
            archive.write(path, f"deep/{path.name}")
    found = readers.vector(tmp_path, "z.zip!deep/in.shp", CRS)
    assert [one.area for one in found] == [0.5, 0.5]
    assert readers.vector_table(tmp_path, "z.zip!deep/in.shp", fields=["name"]).columns.tolist() == ["name"]
    assert len(readers.vector(tmp_path, "z.zip!deep/in.shp", CRS, where="name = 'b'")) == 1
