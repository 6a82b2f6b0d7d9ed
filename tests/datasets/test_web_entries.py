"""Entries of sets that nobody here has fetched: each reads a small archive made as its owner describes it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from web_server import Web

from groundspeed.datasets import LicenceNotAccepted, fetch, fetching, load, pins, registry
from groundspeed.datasets.entry import Dataset
from groundspeed.geometry import GeometryColumn

WEB = {name: one for name, one in registry.read(registry.SHIPPED).items() if one.tier == "web"}
FIXES = ["39.9,116.3,0,492,39744.12,2008-10-23,02:53:04", "39.8,116.4,0,492,39744.13,2008-10-23,02:53:10"]
PLT = "\n".join([*["head"] * 6, *FIXES])


def parquet(entry: Dataset, path: Path) -> None:
    """Every field that a column of the entry reads."""
    options = [column.options for column in entry.columns.values()]
    fields = {one[key] for one in options for key in ("x", "y", "field") if key in one}
    pd.DataFrame({field: [1.0, 2.0] for field in fields}).to_parquet(path)


def geoparquet(entry: Dataset, path: Path) -> None:
    """A GeoParquet file with every field that a column reads; `names.primary` is a field of a struct."""
    options = [column.options for column in entry.columns.values()]
    geometry = next(one["field"] for one in options if "field" in one)
    shapes = [shapely.Point(1, 2), shapely.Point(3, 4)]
    if entry.name != "overture_places":
        shapes = [shapely.buffer(shape, 1) for shape in shapes]
    rows: list[dict] = [{geometry: shape} for shape in shapes]
    for field in next(one["fields"] for one in options if "fields" in one):
        outer, _, inner = field.partition(".")
        for number, row in enumerate(rows):
            row[outer] = {inner: f"{field} {number}", "rules": None} if inner else float(number)
    geopandas.GeoDataFrame(rows, geometry=geometry, crs=entry.crs).to_parquet(path)


def shapefile(entry: Dataset, path: Path) -> None:
    """A shapefile in the member folder, with the fields that the table reads."""
    member = next(file.member for file in entry.files if file.name.endswith(".shp"))
    tables = [column.options.get("fields", ()) for column in entry.columns.values()]
    fields = {name: ["1", "2"] for names in tables for name in names}
    squares = [shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]
    geopandas.GeoDataFrame(fields or {"FID": [1, 2]}, geometry=squares, crs=entry.crs).to_file(
        path.parent / Path(member).name
    )
    with zipfile.ZipFile(path, "w") as archive:
        for file in entry.files:
            archive.write(path.parent / file.name, file.member)


def csv(entry: Dataset, path: Path) -> None:
    """Positions as MarineCadastre writes them."""
    head = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName"
    rows = [
        "1,2022-06-20T00:00:00,30.0,-80.5,1.5,90.0,511.0,",
        "2,2022-06-20T00:00:01,31.0,-81.5,0.0,360.0,511.0,X",
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry.files[0].member, "\n".join([head, *rows]))


def logs(entry: Dataset, path: Path) -> None:
    """Two people with one log each, of the same name."""
    with zipfile.ZipFile(path, "w") as archive:
        for person in ("000", "001"):
            archive.writestr(f"Geolife Trajectories 1.3/Data/{person}/Trajectory/20081023025304.plt", PLT)
        archive.writestr("Geolife Trajectories 1.3/User Guide-1.3.pdf", b"%PDF")


MADE: dict[str, Callable[[Dataset, Path], None]] = {
    "geolife_13": logs,
    "gshhg_237": shapefile,
    "marinecadastre_ais_20220620": csv,
    "nyc_taxi_200901": parquet,
    "nyc_taxi_201001": parquet,
    "osm_land_polygons": shapefile,
    "overture_buildings": geoparquet,
    "overture_places": geoparquet,
    "spatialbench_zones": geoparquet,
    "tiger_counties_2024": shapefile,
}
NOT_MADE = {"osm_liechtenstein"}  # GDAL reads OpenStreetMap's format but does not write it


def test_every_entry_is_tried() -> None:
    assert set(MADE) | NOT_MADE == set(WEB)


@pytest.mark.parametrize("name", MADE)
def test_an_entry_reads_what_is_described(name: str, data_folder: Path, tmp_path: Path) -> None:
    entry = WEB[name]
    folder = data_folder / "archives"
    folder.mkdir(parents=True)
    MADE[name](entry, tmp_path / entry.source.archive)
    (tmp_path / entry.source.archive).rename(folder / entry.source.archive)
    if entry.restricted:
        with pytest.raises(LicenceNotAccepted, match="research only"):
            fetch(name)
    fetch(name, accept_licence=bool(entry.restricted))
    for column in entry.columns.values():
        value = load(f"{name}.{column.name}")
        assert len(value) == 2
        if isinstance(value, GeometryColumn):
            assert str(value.crs) == entry.crs == column.options["crs"]
    assert pins.path(entry).is_file()
    assert fetching.verify(name) == []


def test_an_entry_comes_from_its_server(
    data_folder: Path, tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, with the owner's server replaced by one of this machine."""
    entry = WEB["overture_places"]
    geoparquet(entry, tmp_path / "0.parquet")
    registered = tmp_path / "registry.toml"
    text = registry.SHIPPED.read_text().replace(entry.source.url, f"{web.address}/0.parquet")
    registered.write_text(text)
    monkeypatch.setenv("GROUNDSPEED_REGISTRY", str(registered))
    assert load("overture_places.places").y.tolist() == [2.0, 4.0]
    table = load("overture_places.places_table")
    assert table.columns.tolist() == ["id", "names.primary", "categories.primary", "confidence"]
    assert table["names.primary"].tolist() == ["names.primary 0", "names.primary 1"]
    assert fetching.verify("overture_places") == []


def test_axes_are_not_swapped(data_folder: Path, tmp_path: Path) -> None:
    for name in ("marinecadastre_ais_20220620", "geolife_13"):
        entry = WEB[name]
        (data_folder / "archives").mkdir(parents=True, exist_ok=True)
        MADE[name](entry, data_folder / "archives" / entry.source.archive)
        fetch(name, accept_licence=True)
    assert load("marinecadastre_ais_20220620.fixes").x.tolist() == [-80.5, -81.5]
    assert np.unique(load("geolife_13.tracks").y).tolist() == [39.8, 39.9]
