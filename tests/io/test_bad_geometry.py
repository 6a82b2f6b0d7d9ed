"""Bad geometry in WKB, WKT and GeoArrow, and what is bad only by choice."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from bad_records import COLLECTION, IGNORED, KEEP, POINT, SQUARE, reject, rejected
from file_forms import FORMS
from geometry.samples import column

import groundspeed as gs

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
