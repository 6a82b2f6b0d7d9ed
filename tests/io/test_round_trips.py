"""Every sample through every format and back: not a bit changes, or the writer says what it cannot hold."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_forms import FORMS, with_attributes
from geometry.samples import ROWS, column

import groundspeed as gs

# What each form refuses to write; everything else must come back.
POINTS_ONLY = [name for name in ROWS if column(name).type is not gs.GeometryType.POINT]
EMPTIES = [name for name in ROWS if "empt" in name]
SINGLES = [name for name in ROWS if "among" in name]
EMPTY_POINTS = [name for name in EMPTIES if "point" in name]
REFUSED = {
    "CSV, x and y": POINTS_ONLY,
    "Parquet, x and y": POINTS_ONLY,
    "GeoParquet, GeoArrow": SINGLES,
    "GeoParquet, GeoArrow and covering": SINGLES,
    "Arrow": SINGLES,
    "shapefile": [*EMPTIES, *SINGLES],
    "FlatGeobuf": [*EMPTIES, *SINGLES],
    "GeoJSON": [*EMPTY_POINTS, "points among multipoints"],
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("form", FORMS)
def test_round_trip_is_exact_or_refused(form, name, tmp_path):
    how, before = FORMS[form], with_attributes(column(name))
    if name in REFUSED.get(form, ()):
        with pytest.raises(ValueError, match=r"row \d is|row \d has|for points"):
            how.write(before, tmp_path)
        return
    after = how.read(how.write(before, tmp_path))
    assert after.geometry.equals(how.expected(before.geometry))
    assert (after.read, after.filtered, after.rejected.num_rows) == (len(before), 0, 0)
    if len(before):  # a CSV or GeoJSON file without rows says nothing about types
        for field in before.attributes.schema:
            expected = before.attributes[field.name].to_pylist()
            assert after.attributes[field.name].to_pylist() == how.attribute(expected)


@pytest.mark.parametrize("form", FORMS)
def test_hard_coordinates_are_exact(form, tmp_path):
    tiny, huge = np.nextafter(0, 1), np.finfo(float).max
    x = np.array([0.1, 1 / 3, -0.0, tiny, huge, -huge, np.pi * 1e10, 179.99999999999997, 7.2e-06])
    points = gs.GeometryColumn.from_points(x, x[::-1].copy(), "EPSG:4326")
    after = FORMS[form].read(FORMS[form].write(points, tmp_path)).geometry
    assert after.equals(FORMS[form].expected(points))


@pytest.mark.parametrize("form", ["CSV, WKT", "CSV, x and y", "GeoJSON"])
def test_text_keeps_all_digits_of_small_numbers_too(form, tmp_path):
    random = np.random.default_rng(1)
    x, y = random.uniform(-1, 1, (2, 5_000)) * 10.0 ** random.integers(-8, 3, (2, 5_000))
    points = gs.GeometryColumn.from_points(x, y, "EPSG:4326")
    assert FORMS[form].read(FORMS[form].write(points, tmp_path)).geometry.equals(points)


@pytest.mark.parametrize(
    "form", ["GeoParquet, WKB", "GeoParquet 2.0", "Arrow", "shapefile", "GeoPackage", "FlatGeobuf"]
)
@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:27700", None])
def test_crs_comes_back(form, crs, tmp_path):
    points = gs.GeometryColumn.from_points([1.0], [2.0], crs)
    assert FORMS[form].read(FORMS[form].write(points, tmp_path)).geometry.crs == points.crs


def test_missing_attributes_come_back_as_missing(tmp_path):
    table = gs.Table(
        gs.GeometryColumn.from_points([1.0, 2.0], [1.0, 2.0], "EPSG:4326"),
        pa.table({"n": pa.array([None, 5], pa.int64()), "s": pa.array(["", None])}),
    )
    for form in (
        "CSV, x and y",
        "Parquet, x and y",
        "GeoParquet, WKB",
        "GeoPackage",
        "FlatGeobuf",
        "GeoJSON",
    ):
        after = FORMS[form].read(FORMS[form].write(table, tmp_path)).attributes
        assert after["n"].to_pylist() == [None, 5], form
        assert after["s"].to_pylist() == ["", None], form


def test_geopandas_reads_what_we_write_and_we_what_it_writes(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    polygons = column("multipolygons, nulls and empties")
    for form in ("GeoParquet, WKB", "GeoParquet, WKB and covering", "GeoParquet, GeoArrow"):
        theirs = geopandas.read_parquet(FORMS[form].write(polygons, tmp_path))
        assert gs.GeometryColumn.from_geopandas(theirs).equals(polygons), form
    frame = polygons.to_geopandas().to_frame("shape").assign(n=range(len(polygons)))
    versions = [("1.1.0", "WKB"), ("1.1.0", "geoarrow"), ("1.0.0", "WKB"), ("2.0.0", "WKB")]
    for version, encoding in versions:
        path = tmp_path / "theirs.parquet"
        try:
            frame.to_parquet(path, schema_version=version, geometry_encoding=encoding)
        except ValueError as error:
            assert "schema_version" in str(error), "this GeoPandas does not write the version yet"
            continue
        after = gs.read(path)
        assert after.geometry.equals(polygons), (version, encoding)
        assert after.name == "shape"
        assert after.attributes["n"].to_pylist() == frame["n"].to_list()


def test_native_parquet_needs_no_geo_metadata(tmp_path):
    polygons = column("polygons", "OGC:CRS84")  # Parquet's own type knows EPSG:4326 by this name only
    path = FORMS["GeoParquet 2.0"].write(with_attributes(polygons), tmp_path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata(None), tmp_path / "bare.parquet")
    metadata = pq.ParquetFile(tmp_path / "bare.parquet").metadata.metadata or {}
    assert b"geo" not in metadata
    assert gs.read(tmp_path / "bare.parquet").geometry.equals(polygons)


def test_crs84_is_what_geoparquet_means_without_crs(tmp_path):
    path = FORMS["GeoParquet, WKB"].write(column("points"), tmp_path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    del geo["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    assert gs.read(path).geometry.crs.to_string() == "OGC:CRS84"


def test_write_replaces_a_file(tmp_path):
    for form in FORMS.values():
        form.write(column("points"), tmp_path)
        path = form.write(column("points")[:1], tmp_path)
        assert len(form.read(path)) == 1


def test_unknown_endings_and_options_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"must end in one of \.csv"):
        gs.write(column("points"), tmp_path / "file.xyz")
    (tmp_path / "file.xyz").write_text("x,y\n")
    with pytest.raises(gs.ReadError, match=r"must end in one of \.csv"):
        gs.read(tmp_path / "file.xyz")
    with pytest.raises(ValueError, match="encoding must be one of 'wkb'"):
        gs.write(column("points"), tmp_path / "file.parquet", encoding="WKT")
    with pytest.raises(ValueError, match="at most 10 bytes"):
        table = gs.Table(column("points"), pa.table({"a_name_too_long": [1, 2]}))
        gs.write(table, tmp_path / "file.shp")


@pytest.mark.parametrize("encoding", ["xy", "wkb", "geoarrow", "native"])
def test_geometry_is_required_where_no_row_is_null(encoding, tmp_path):
    names = ["x", "y"] if encoding == "xy" else ["geometry"]
    for rows, optional in (("points", False), ("points, nulls and empties", True)):
        table = with_attributes(column(rows))
        gs.write(table, tmp_path / "file.parquet", encoding=encoding)
        schema = pq.read_schema(tmp_path / "file.parquet")
        assert [schema.field(name).nullable for name in names] == [optional] * len(names)
        assert all(schema.field(name).nullable for name in table.attributes.column_names)
