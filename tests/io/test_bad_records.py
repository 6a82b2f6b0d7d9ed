"""Each way in which a record goes wrong: refused by name, or set aside and counted; never lost."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
import shapely
from columns.samples import column
from file_forms import FORMS, with_attributes

import groundspeed as gs

POINT = shapely.to_wkb(shapely.Point(1, 2))
SQUARE = shapely.box(0, 0, 1, 1)
COLLECTION = shapely.to_wkb(shapely.GeometryCollection([SQUARE]))


def rejected(table: gs.Table) -> list[tuple]:
    """Row, column and the beginning of the reason."""
    return [
        (one["row"], one["column"], one["reason"].partition(" (")[0]) for one in table.rejected.to_pylist()
    ]


def reject(path, **options) -> gs.Table:
    """The table with bad records aside; and reading must fail where there are any, at the first of them."""
    table = gs.read(path, on_error="reject", **options)
    assert table.read == len(table) + table.rejected.num_rows + table.filtered
    if table.rejected.num_rows:
        first = table.rejected.to_pylist()[0]
        with pytest.raises(gs.ReadError) as caught:
            gs.read(path, **options)
        message = str(caught.value)
        assert message.startswith(f"{path}: row {first['row']}")
        assert first["reason"] in message
        assert "on_error='reject'" in message
        assert not first["column"] or repr(first["column"]) in message
    return table


# --- CSV

HALF = "one coordinate is missing, the other is not"
KEEP = "; to keep those instead pass type="
IGNORED = "Z or M coordinates, which operations would ignore; drop them with drop_z=True"


def ONE(row):
    return row, "", "1 cells, expected 2"


def THREE(row):
    return row, "", "3 cells, expected 2"


CSV = {
    "a number that is none": ("x,y\n1,2\na,2\n3,4\n", [(1, "x", "not a number")], 2),
    "decimal comma": ('x,y\n1,2\n"1,5",2\n', [(1, "x", "not a number")], 1),
    "hexadecimal": ("x,y\n0x10,2\n", [(0, "x", "not a number")], 0),
    "both axes bad is one record": ("x,y\na,b\n", [(0, "x", "not a number")], 0),
    "too few cells": ("x,y,n\n1,2\n3,4,5\n", [(0, "", "2 cells, expected 3")], 1),
    "too many cells": ("x,y\n1,2\n3,4,5\n5,6\n", [(1, "", "3 cells, expected 2")], 2),
    "cells and numbers": ("x,y\n1\na,2\n3,4\n5,6,7\n", [ONE(0), (1, "x", "not a number"), THREE(3)], 1),
    "only bad records": ("x,y\n1\n2\n", [ONE(0), ONE(1)], 0),
    "one coordinate missing": ("x,y\n1,\n3,4\n", [(0, "y", HALF)], 1),
    "half NaN": ("x,y\nnan,1\n1,1\n", [(0, "x", "a coordinate is not finite")], 1),
    "infinity": ("x,y\n1,-inf\n1,1\n", [(0, "x", "a coordinate is not finite")], 1),
    "too large for a double": ("x,y\n1e999,1\n", [(0, "x", "a coordinate is not finite")], 0),
    "cut short in a record": ("x,y,n\n1,2,3\n4,5", [(1, "", "2 cells, expected 3")], 1),
    "cut short in quotes": ('x,y,n\n1,2,a\n4,"5', [(1, "", "2 cells, expected 3")], 1),
    "missing is null": ("x,y\n,\n3,4\n", [], 2),
    "NaN and NaN is an empty point": ("x,y\nNaN,nan\n3,4\n", [], 2),
    "blank lines are no records": ("x,y\n\n1,2\n\n3,4\n\n", [], 2),
    "spaces around numbers": ("x,y\n 1 ,2\n", [], 1),
    "every way to write a number": ("x,y\n+1,-2.\n.5,1E3\n1e-06,0\n", [], 3),
    "no records": ("x,y\n", [], 0),
    "no newline at the end": ("x,y\n1,2", [], 1),
    "Windows lines": ("x,y\r\n1,2\r\n", [], 1),
    "byte order mark": ("\ufeffx,y\n1,2\n", [], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv_records(name, tmp_path):
    text, bad, kept = CSV[name]
    path = tmp_path / "file.csv"
    path.write_text(text)
    table = reject(path)
    assert rejected(table) == bad
    assert len(table) == kept


def test_csv_raw_text_is_kept(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("x,y\n1,2,3,4\n??,2\n")
    assert reject(path).rejected["raw"].to_pylist() == ["1,2,3,4", "??"]


def test_csv_not_utf8(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("x,y,name\n1,2,é\n3,4,ok\n".encode("latin-1"))
    table = reject(path)
    assert rejected(table) == [
        (0, "name", "not UTF-8 text at byte 0; if the file is Latin-1, pass encoding='latin-1'")
    ]
    assert gs.read(path, encoding="latin-1").attributes["name"].to_pylist() == ["é", "ok"]
    with pytest.raises(gs.ReadError, match=r"file\.csv"):
        gs.read(path, encoding="ascii")


def test_csv_bad_text_in_a_column_nobody_asked_for(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("x,y,name\n1,2,é\n3,4,ok\n".encode("latin-1"))
    assert len(reject(path, columns=[])) == 2


def test_only_an_empty_cell_is_missing(tmp_path):
    """NA is Namibia."""
    path = tmp_path / "file.csv"
    text = 'x,y,code\n1,2,NA\n1,2,null\n1,2,\n1,2,""\n1,2,nan\n'
    expected = ["NA", "null", None, "", "nan"]
    path.write_text(text)
    assert gs.read(path).attributes["code"].to_pylist() == expected
    path.write_text(text + "rubbish\n")
    assert reject(path).attributes["code"].to_pylist() == expected


def test_csv_wkt(tmp_path):
    path = tmp_path / "file.csv"
    rows = ["POLYGON ((0 0, 1 0, 1 1, 0 0))", "POLYGON ((0 0, 1 0, 1 1))", "POINT (1 1)", "rubbish", ""]
    path.write_text("n;shape\n" + "".join(f"{n};{row}\n" for n, row in enumerate(rows)))
    table = reject(path, wkt="shape", delimiter=";")
    assert [one[:2] for one in rejected(table)] == [(1, "shape"), (2, "shape"), (3, "shape")]
    assert table.rejected["reason"][1].as_py().startswith("a Point among polygons")
    assert table.attributes["n"].to_pylist() == [0, 4]
    assert table.geometry.is_null.tolist() == [False, True]


def test_csv_attribute_that_changes_its_type(tmp_path):
    """pyarrow looks at the first megabyte only; what comes later is neither lost nor the end of it."""
    path = tmp_path / "file.csv"
    lines = [f"{n}.5,2,{n}" for n in range(200_000)]
    path.write_text("\n".join(["x,y,n", *lines, "1,2,late text", ""]))
    with pytest.raises(pa.ArrowInvalid):
        pacsv.open_csv(path).read_all()
    table = gs.read(path)
    assert table.attributes["n"].to_pylist()[-2:] == ["199999", "late text"]
    assert np.array_equal(table.geometry.x[:-1], np.arange(200_000) + 0.5)
    *_, last = gs.read_batches(path, rows=100_000, on_error="reject")
    assert rejected(last) == [(200_000, "n", "not int64, as in the rows before")]


def test_csv_rows_are_numbered_across_blocks(tmp_path):
    path = tmp_path / "file.csv"
    lines = [f"{n},2,{n}" for n in range(300_000)]
    lines[5], lines[150_000], lines[299_999] = "1,2", "1,2,3,4", "x,2,3"
    path.write_text("\n".join(["x,y,n", *lines]))
    expected = [5, 150_000, 299_999]
    table = gs.read(path, on_error="reject")
    assert table.rejected["row"].to_pylist() == expected
    assert table.attributes["n"].to_numpy().tolist() == np.delete(np.arange(300_000), expected).tolist()
    batches = list(gs.read_batches(path, rows=70_000, on_error="reject"))
    assert [row for one in batches for row in one.rejected["row"].to_pylist()] == expected
    assert sum(one.read for one in batches) == 300_000
    assert np.array_equal(np.concatenate([one.geometry.x for one in batches]), table.geometry.x)


def test_csv_records_longer_than_a_block(tmp_path):
    path = tmp_path / "file.csv"
    circle = shapely.Point(0, 0).buffer(1, quad_segs=40_000)
    path.write_text(f'g\n"{circle.wkt}"\n"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')
    assert path.stat().st_size > 1 << 21
    table = gs.read(path, wkt="g")
    assert shapely.equals_exact(table.geometry[0], shapely.from_wkt(circle.wkt))
    assert [len(one) for one in gs.read_batches(path, rows=1, wkt="g")] == [1, 1]


def test_csv_compressed(tmp_path):
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"x,y\n1,2\n3,z\n"))
    assert rejected(reject(path)) == [(1, "y", "not a number")]
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(gs.ReadError, match=r"file\.csv\.gz"):
        gs.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no header line"),
        ("a,b\n1,2\n", "no columns x and y among a, b"),
        ("x,x,y\n1,2,3\n", "appears 2 times"),
        ("\0\0\0\0", "no columns|no header"),
    ],
)
def test_csv_files_without_sense(text, message, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(gs.ReadError, match=message):
        gs.read(path, on_error="reject")


# --- WKB and GeoArrow

WKB = {
    "cut short": (POINT[:-1], "not valid WKB"),
    "unclosed ring": (
        bytes.fromhex("0103000000010000000400000000000000000000000000000000000000")
        + np.array([1, 0, 1, 1, 0, 1], "<f8").tobytes(),
        "not valid WKB",
    ),
    "another kind": (shapely.to_wkb(SQUARE), f"a Polygon among points{KEEP}'polygon'"),
    "collection": (COLLECTION, "a GeometryCollection, which no column can hold"),
    "Z": (shapely.to_wkb(shapely.Point(1, 2, 3), output_dimension=3), IGNORED),
    "half empty": (shapely.to_wkb(shapely.Point(np.nan, 2)), "a coordinate is not finite"),
    "infinite": (shapely.to_wkb(shapely.Point(np.inf, 2)), "a coordinate is not finite"),
    "rubbish": (b"rubbish", "not valid WKB"),
    "damaged type": (POINT[:1] + b"\2" + POINT[2:], f"a LineString among points{KEEP}'linestring'"),
    "absurd count": (bytes.fromhex("0102000000ffffffff"), "not valid WKB"),
}  # fmt: skip


def parquet_of(values, path):
    """A GeoParquet file with these values as WKB."""
    geo = {
        "version": "1.1.0",
        "primary_column": "g",
        "columns": {"g": {"encoding": "WKB", "geometry_types": []}},
    }
    table = pa.table({"n": range(len(values)), "g": pa.array(values, pa.binary())})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


@pytest.mark.parametrize("name", WKB)
def test_bad_wkb(name, tmp_path):
    value, reason = WKB[name]
    table = reject(parquet_of([POINT, value, None, POINT], tmp_path / "file.parquet"))
    assert rejected(table) == [(1, "g", reason)]
    assert table.attributes["n"].to_pylist() == [0, 2, 3]
    assert table.geometry.is_null.tolist() == [False, True, False]


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9, 10])
@pytest.mark.parametrize("depth", [3, 5000, 200_000])
def test_nested_wkb_does_not_end_the_process(kind, depth, tmp_path):
    """GEOS follows nesting until the stack ends."""
    nested = bytes([1, kind, 0, 0, 0, 1, 0, 0, 0]) * depth + POINT
    wrapped = bytes([1, 6, 0, 0, 0, 2, 0, 0, 0]) + shapely.to_wkb(SQUARE) + nested
    table = reject(parquet_of([POINT, nested, wrapped], tmp_path / "file.parquet"))
    assert table.rejected["row"].to_pylist() == [1, 2]


def test_nested_wkt_does_not_end_the_process(tmp_path):
    path = tmp_path / "file.csv"
    nested = "GEOMETRYCOLLECTION(" * 40_000 + "POINT(0 0)" + ")" * 40_000
    path.write_text(f'g\n"POINT (1 2)"\n"{nested}"\n" {nested.lower()}"\n')
    assert reject(path, wkt="g").rejected["row"].to_pylist() == [1, 2]


def test_byte_orders(tmp_path):
    points = shapely.points([1.5, -2.0, 3.0], [4.0, 5.0, -6.25])
    for orders in ((0, 0, 0), (1, 1, 1), (0, 1, 0)):
        values = [
            shapely.to_wkb(point, byte_order=order) for point, order in zip(points, orders, strict=True)
        ]
        table = gs.read(parquet_of(values, tmp_path / "file.parquet"))
        assert table.geometry.x.tolist() == [1.5, -2.0, 3.0], orders
        assert table.geometry.y.tolist() == [4.0, 5.0, -6.25], orders


def test_large_geometries_are_read(tmp_path):
    random = np.random.default_rng(3)
    squares = shapely.box(*random.uniform(size=(4, 3000)))
    multis = [
        shapely.MultiPolygon([*squares]),
        shapely.Polygon(shapely.Point(0, 0).buffer(1, quad_segs=9000)),
        shapely.MultiPolygon(
            [shapely.Point(0, 0).buffer(2, 64).difference(shapely.Point(0, 0).buffer(1, 4000))]
        ),
    ]
    values = [shapely.to_wkb(one, byte_order=order) for one in multis for order in (0, 1)]
    values += [shapely.to_wkb(multis[0], flavor="extended", include_srid=True)]
    table = gs.read(parquet_of(values, tmp_path / "file.parquet"))
    expected = [*np.repeat(multis, 2), multis[0]]
    assert shapely.to_wkb(table.geometry.to_shapely()).tolist() == shapely.to_wkb(expected).tolist()
    with_z = [shapely.to_wkb(shapely.force_3d(multis[0]), flavor=flavor) for flavor in ("iso", "extended")]
    table = gs.read(parquet_of(with_z, tmp_path / "file.parquet"), drop_z=True)
    assert shapely.to_wkb(table.geometry.to_shapely()).tolist() == [shapely.to_wkb(multis[0])] * 2


def test_only_collections(tmp_path):
    table = reject(parquet_of([COLLECTION, COLLECTION], tmp_path / "file.parquet"))
    assert table.rejected["row"].to_pylist() == [0, 1]


def test_only_bad_wkb(tmp_path):
    table = reject(parquet_of([b"x", POINT[:20]], tmp_path / "file.parquet"))
    assert (len(table), table.rejected.num_rows) == (0, 2)


def test_type_chooses_the_kind_to_keep(tmp_path):
    path = parquet_of([POINT, shapely.to_wkb(SQUARE), POINT], tmp_path / "file.parquet")
    assert reject(path).attributes["n"].to_pylist() == [0, 2]
    assert reject(path, type="polygon").attributes["n"].to_pylist() == [1]
    assert reject(path, type="multipolygon").attributes["n"].to_pylist() == [1]
    assert rejected(reject(path, type="linestring"))[0] == (
        0,
        "g",
        "a Point among linestrings; to keep those instead pass type='point'",
    )


def test_drop_z(tmp_path):
    path = parquet_of([POINT, WKB["Z"][0]], tmp_path / "file.parquet")
    assert gs.read(path, drop_z=True).geometry.y.tolist() == [2, 2]


def test_null_geometry_is_a_row_or_refused_by_choice(tmp_path):
    path = parquet_of([POINT, None], tmp_path / "file.parquet")
    assert gs.read(path).geometry.is_null.tolist() == [False, True]
    table = reject(path, require_geometry=True)
    assert rejected(table) == [(1, "g", "no geometry, but require_geometry=True")]


def test_invalid_polygons_are_a_row_or_refused_by_choice(tmp_path):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    path = parquet_of([shapely.to_wkb(SQUARE), shapely.to_wkb(bow)], tmp_path / "file.parquet")
    assert len(gs.read(path)) == 2
    table = reject(path, require_valid=True)
    assert table.rejected.to_pylist() == [
        {"row": 1, "column": "g", "reason": "invalid: Self-intersection[1 1]", "raw": bow.wkt}
    ]


def test_geoarrow_rings(tmp_path):
    polygons = gs.GeometryColumn.from_ragged(
        "polygon",
        [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0],
        ([0, 1, 2, 3], [0, 4, 8, 11]),
    )
    path = tmp_path / "file.parquet"
    gs.write(polygons, path, encoding="geoarrow")
    assert [one[:1] + one[2:] for one in rejected(reject(path))] == [
        (1, "ring 0 does not end where it starts"),
        (2, "ring 0 has fewer than four vertices"),
    ]


def test_spherical_edges_are_refused_but_for_points(tmp_path):
    path = FORMS["GeoParquet, WKB"].write(column("polygons"), tmp_path)
    for name, edges_matter in (("polygons", True), ("points", False)):
        path = FORMS["GeoParquet, WKB"].write(column(name), tmp_path)
        table = pq.read_table(path)
        geo = json.loads(table.schema.metadata[b"geo"])
        geo["columns"]["geometry"]["edges"] = "spherical"
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        if edges_matter:
            with pytest.raises(gs.ReadError, match="spherical edges"):
                gs.read(path)
        else:
            assert len(gs.read(path)) == 2


# --- GeoJSON

GOOD = {"type": "Feature", "properties": {"n": 0}, "geometry": {"type": "Point", "coordinates": [5, 5]}}
BAD = "not GeoJSON geometry"
OTHER_KIND = f"a LineString among points{KEEP}'linestring'"
GEOJSON = {
    "not a feature": (7, "", "not a Feature"),
    "wrong type": ({**GOOD, "type": "Featur"}, "", "not a Feature"),
    "one coordinate": ({"type": "Point", "coordinates": [0]}, "geometry", BAD),
    "text": ({"type": "Point", "coordinates": ["x", 1]}, "geometry", BAD),
    "unknown geometry": ({"type": "Pint", "coordinates": [0, 1]}, "geometry", BAD),
    "another kind": ({"type": "LineString", "coordinates": [[0, 1], [1, 2]]}, "geometry", OTHER_KIND),
    "half a line": ({"type": "LineString", "coordinates": [[0, 1], [1, "q"]]}, "geometry", BAD),
}


def geojson_of(features, path):
    """A file with these features."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("name", GEOJSON)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_features(name, tmp_path):
    feature, where, reason = GEOJSON[name]
    feature = {**GOOD, "geometry": feature} if where else feature
    last = {**GOOD, "properties": {"n": 2}}
    table = reject(geojson_of([GOOD, feature, last], tmp_path / "file.geojson"))
    assert rejected(table) == [(1, where, reason)]
    assert table.attributes["n"].to_pylist() == [0, 2]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_unclosed_ring_in_geojson(tmp_path):
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    table = reject(geojson_of([{**GOOD, "geometry": ring}], tmp_path / "file.geojson"))
    assert rejected(table) == [(0, "geometry", "not valid WKB")]


def test_features_without_geometry_are_null(tmp_path):
    features = [GOOD, {**GOOD, "geometry": None}, {"type": "Feature", "properties": {}}]
    table = reject(geojson_of(features, tmp_path / "file.geojson"))
    assert table.geometry.is_null.tolist() == [False, True, True]


def test_feature_in_text_is_no_feature(tmp_path):
    odd = {**GOOD, "properties": {"n": '"type": "Feature"'}}
    assert len(reject(geojson_of([GOOD, odd], tmp_path / "file.geojson"))) == 2


# --- damaged files


@pytest.mark.parametrize("form", [name for name in FORMS if not name.startswith(("CSV", "TSV"))])
@pytest.mark.parametrize("left", [0.0, 0.001, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_cut_files_lose_nothing_in_silence(form, left, tmp_path):
    points = gs.GeometryColumn.from_points(np.arange(500.0), np.arange(500.0), "EPSG:4326")
    path = FORMS[form].write(with_attributes(points), tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * left)])
    try:
        table = FORMS[form].read(path, on_error="reject")
    except gs.ReadError as error:
        assert str(error).startswith(str(path))
        return
    assert table.read == 500
    assert table.rejected.num_rows > 0
    good = table.geometry.x[~table.geometry.is_null]
    assert np.isin(good, points.x).all()
    assert not table.geometry.is_null.any()


@pytest.mark.parametrize(("promised", "message"), [(2**30, "header is damaged"), (780, None)])
def test_a_header_that_promises_more(promised, message, tmp_path):
    x = np.arange(777.0)
    path = FORMS["FlatGeobuf"].write(gs.GeometryColumn.from_points(x, x, "EPSG:4326"), tmp_path)
    data = path.read_bytes()
    assert data.count(np.uint64(777).tobytes()) == 1
    path.write_bytes(data.replace(np.uint64(777).tobytes(), np.uint64(promised).tobytes()))
    if message:
        with pytest.raises(gs.ReadError, match=message):
            gs.read(path, on_error="reject")
        return
    table = reject(path)
    assert table.rejected["row"].to_pylist() == [777, 778, 779]
    assert len(table) == 777


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_parts_of_a_shapefile(part, tmp_path):
    path = FORMS["shapefile"].write(with_attributes(column("points")), tmp_path)
    sibling = path.with_suffix(part)
    sibling.write_bytes(sibling.read_bytes()[:-9])
    with pytest.raises(gs.ReadError, match="cut short"):
        gs.read(path)
    path.with_suffix(".shx").unlink()
    with pytest.raises(gs.ReadError, match=r"\.shx is missing"):
        gs.read(path)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_damaged_geometry_in_a_geopackage(tmp_path):
    path = FORMS["GeoPackage"].write(with_attributes(column("points, nulls and empties")), tmp_path)
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE file SET geometry = x'4750' WHERE fid = 2")
        database.commit()
    table = reject(path)
    assert rejected(table) == [(2, "geometry", "the geometry is damaged or cut short")]
    assert table.attributes["number"].to_pylist() == [0, 2, 3, 4, 5]


def test_damaged_page_in_parquet(tmp_path):
    points = gs.GeometryColumn.from_points(np.arange(500.0), np.arange(500.0))
    path = tmp_path / "file.parquet"
    gs.write(points, path, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(250.0).tobytes()) + 6] ^= 1
    path.write_bytes(data)
    with pytest.raises(gs.ReadError, match="damaged"):
        gs.read(path)


def test_missing_files_and_columns_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv: no such file"):
        gs.read(tmp_path / "nowhere.csv")
    for form in ("CSV, x and y", "GeoParquet, WKB", "Arrow", "shapefile", "GeoJSON"):
        path = FORMS[form].write(with_attributes(column("points")), tmp_path)
        with pytest.raises(ValueError, match="column 'height' is not in the file"):
            gs.read(path, columns=["height"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": "n"}, "columns must be a list"),
        ({"x": "x"}, "x and y go together"),
        ({"bounds": (0, 0, 1)}, "bounds must be"),
        ({"bounds": (1, 0, 0, 1)}, "min x 1.0 is greater than max x 0.0"),
        ({"bounds": (0, np.nan, 0, 1)}, "bounds must be"),
        ({"where": []}, "where must be conditions"),
        ({"where": "n > 3"}, "where must be conditions"),
        ({"where": [("n", "about", 3)]}, "where must be conditions"),
        ({"type": "circle"}, "type must be one of"),
        ({"crs": "EPSG:0"}, "crs 'EPSG:0' is not understood"),
        ({"on_error": "ignore"}, "on_error must be"),
    ],
)
def test_arguments_are_checked_first(options, message, tmp_path):
    with pytest.raises((ValueError, TypeError), match=message):
        gs.read(tmp_path / "nowhere.csv", **options)
