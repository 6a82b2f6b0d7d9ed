"""Every bad column is refused with a message that names the argument, the position and the fix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from geometry.samples import column

from groundspeed.geometry import GeometryColumn, GeometryType

points, ragged = GeometryColumn.from_points, GeometryColumn.from_ragged
wkt, shapes = GeometryColumn.from_wkt, GeometryColumn.from_shapely
FIVE = np.arange(5.0)
NAN = float("nan")

BAD = {
    # coordinates
    "lengths differ": (
        lambda: points([1, 2], [1, 2, 3]),
        ValueError,
        "x and y must have equal length, got 2 and 3",
    ),
    "text": (
        lambda: points(["a"], ["b"]),
        TypeError,
        r"x must hold real numbers, got dtype <U1; convert with",
    ),
    "complex": (lambda: points([1j], [1]), TypeError, "x must hold real numbers, got dtype complex128"),
    "objects": (lambda: points([1], [None]), TypeError, "y must hold real numbers, got dtype object"),
    "dates": (lambda: points(pd.to_datetime(["2020-01-01"]), [1]), TypeError, "x must hold real numbers"),
    "long doubles": (lambda: points(np.ones(1, np.longdouble), [1]), TypeError, "got dtype float128"),
    "two dimensions": (lambda: points([[1, 2]], [[1, 2]]), TypeError, "x must be a 1-D .* got 2-D float64"),
    "lists in the constructor": (
        lambda: GeometryColumn(1, [1.0], [2.0]),
        TypeError,
        "x must be .* got list; use Geom",
    ),
    "dtypes in the constructor": (
        lambda: GeometryColumn(1, np.ones(1), np.ones(1, np.float32)),
        TypeError,
        "one dtype, got float64 and float32; convert one",
    ),
    "unknown crs": (
        lambda: points([1], [2], "EPSG:1"),
        ValueError,
        "crs 'EPSG:1' is not understood.*pass e.g.",
    ),
    # offsets
    "unknown type": (
        lambda: ragged("circle", [], [], [0]),
        ValueError,
        "type must be one of 'point', .* got 'circle'",
    ),
    "offsets of floats": (
        lambda: ragged("linestring", FIVE, FIVE, [0.0, 5.0]),
        TypeError,
        r"offsets\[0\] must hold int",
    ),
    "offsets of int32 in the constructor": (
        lambda: GeometryColumn(2, FIVE, FIVE, (np.array([0, 5], np.int32),)),
        TypeError,
        r"offsets\[0\] must be a 1-D int64 array, got 1-D int32; use",
    ),
    "no offsets": (
        lambda: ragged("linestring", FIVE, FIVE, ()),
        ValueError,
        r"must be 1 arrays \(vertices\), got 0",
    ),
    "too few offset arrays": (
        lambda: ragged("polygon", FIVE, FIVE, [0, 5]),
        ValueError,
        r"offsets of a POLYGON column must be 2 arrays \(rings, vertices\), got 1",
    ),
    "offsets of points": (
        lambda: ragged("point", FIVE, FIVE, [0, 5]),
        ValueError,
        r"0 arrays \(none\), got 1",
    ),
    "empty offsets": (
        lambda: ragged("linestring", [], [], []),
        ValueError,
        r"offsets\[0\] is empty; .* at least \[0\]",
    ),
    "offsets start late": (
        lambda: ragged("linestring", FIVE, FIVE, [1, 5]),
        ValueError,
        r"offsets\[0\] must start at 0, got 1 at position 0; subtract",
    ),
    "offsets fall": (
        lambda: ragged("linestring", FIVE, FIVE, [0, 3, 2, 5]),
        ValueError,
        r"offsets\[0\] must not decrease, but position 2 has 2 after 3; sort",
    ),
    "offsets end early": (
        lambda: ragged("linestring", FIVE, FIVE, [0, 2]),
        ValueError,
        r"offsets\[0\] must end at the number of vertices, 5, but position 1 has 2; .* one element more",
    ),
    "inner offsets end late": (
        lambda: ragged("polygon", FIVE, FIVE, ([0, 1], [0, 6])),
        ValueError,
        r"offsets\[1\] must end at the number of vertices, 5, but position 1 has 6",
    ),
    "outer offsets end late": (
        lambda: ragged("polygon", FIVE, FIVE, ([0, 2], [0, 5])),
        ValueError,
        r"offsets\[0\] must end at the number of rings, 1, but position 1 has 2",
    ),
    # flags
    "validity too long": (
        lambda: points([1], [2], validity=[True] * 2),
        ValueError,
        "validity .* expected 1, got 2",
    ),
    "validity of numbers": (
        lambda: points([1], [2], validity=[1]),
        TypeError,
        "validity must be a 1-D bool array",
    ),
    "null point with coordinates": (
        lambda: points([1, 2], [1, 2], validity=[True, False]),
        ValueError,
        "validity says that row 1 is null, but it has coordinates; set its x and y to NaN",
    ),
    "null line with vertices": (
        lambda: ragged("linestring", FIVE, FIVE, [0, 0, 5], validity=[False, False]),
        ValueError,
        "row 1 is null, but it has coordinates; give it no vertices",
    ),
    "single in a single column": (
        lambda: ragged("linestring", FIVE, FIVE, [0, 5], single=[True]),
        ValueError,
        "single is for columns of a multi type, this one is LINESTRING; pass None",
    ),
    "single with two parts": (
        lambda: ragged("multipoint", FIVE, FIVE, [0, 1, 5], single=[True, True]),
        ValueError,
        "single says that row 1 is one POINT, but it has 4 parts; set single to False",
    ),
    # geometries
    "points with polygons": (
        lambda: wkt([None, "POINT (0 0)", "MULTIPOINT ((1 1))", "POLYGON ((0 0, 1 0, 1 1, 0 0))"]),
        ValueError,
        "row 3 is a POLYGON but row 1 is a POINT; .* split it, e.g.",
    ),
    "Z": (
        lambda: wkt(["POINT (0 0)", "POINT Z (0 0 1)"]),
        ValueError,
        "row 1 has Z or M .*force_2d or .*drop_z=True",
    ),
    "M": (lambda: wkt(["POINT M (0 0 1)"]), ValueError, "row 0 has Z or M"),
    "collection": (
        lambda: wkt(["POINT (0 0)", "GEOMETRYCOLLECTION (POINT (0 0))"]),
        ValueError,
        "row 1 is a GEOMETRYCOLLECTION, .* split it with shapely.get_parts",
    ),
    "ring": (
        lambda: wkt(["LINEARRING (0 0, 1 0, 1 1, 0 0)"]),
        ValueError,
        "row 0 is a LINEARRING.*make it a line",
    ),
    "not a geometry": (
        lambda: shapes([None, "POINT (0 0)"]),
        TypeError,
        "row 1 is a str, expected a Shapely geometry",
    ),
    "a table of geometries": (
        lambda: shapes([[shapely.Point(0, 0)]]),
        ValueError,
        "one-dimensional, got 2 .*ravel",
    ),
    "bad WKT": (
        lambda: wkt(["POINT (0 0)", "POINT (0"]),
        ValueError,
        r"row 1 is not WKT: 'POINT \(0'; correct it",
    ),
    "bad WKB": (lambda: GeometryColumn.from_wkb([b"\x01"]), ValueError, "row 0 is not WKB"),
    "not GeoPandas": (
        lambda: GeometryColumn.from_geopandas([1]),
        TypeError,
        "a GeoSeries or a GeoDataFrame, got list",
    ),
    # rows
    "row too large": (
        lambda: column("points").take([0, 2]),
        IndexError,
        "indices: position 1 is 2, but .* has 2 rows",
    ),
    "row too small": (
        lambda: column("points")[-3],
        IndexError,
        "position 0 is -3, but the column has 2 rows",
    ),
    "mask too long": (
        lambda: column("points")[[True] * 3],
        IndexError,
        "mask has 3 elements, expected one per row: 2",
    ),
    "row of floats": (
        lambda: column("points")[np.array([0.5])],
        IndexError,
        "integers, booleans or a slice, got dtype f",
    ),
    "row of text": (lambda: column("points")["a"], TypeError, "str"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_column_is_refused(name):
    make, error, message = BAD[name]
    with pytest.raises(error, match=message):
        make()


def test_no_active_geometry():
    frame = column("points").to_geopandas().to_frame("geometry")
    frame._geometry_column_name = None
    with pytest.raises(
        ValueError, match=r"cities has no active geometry column; choose one with .set_geometry"
    ):
        GeometryColumn.from_geopandas(frame, argument="cities")


def test_z_is_dropped_when_asked():
    assert wkt(["POINT ZM (1 2 3 4)"], drop_z=True).equals(points([1], [2]))


SHELL, HOLE = [(0, 0), (9, 0), (9, 9), (0, 0)], [(1, 1), (2, 1), (2, 2), (1, 1)]


def _polygons(*rows: list[list[tuple[float, float]]]) -> GeometryColumn:
    rings = [ring for row in rows for ring in row]
    x, y = np.array([vertex for ring in rings for vertex in ring], float).reshape(-1, 2).T
    return ragged("polygon", x, y, (_offsets(rows), _offsets(rings)))


def _offsets(lists):
    return np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(int)


@pytest.mark.parametrize("rows", [[], [[]], [[SHELL]], [[SHELL, HOLE], [], [SHELL]]])
def test_good_rings_pass(rows):
    assert _polygons(*rows).check_rings("polygons") is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [[SHELL], [], [SHELL, HOLE[:3]]],
            "polygons: row 2, ring 1 has 3 vertices, expected at least 4 .* repair",
        ),
        ([[[]]], "polygons: row 0, ring 0 has 0 vertices"),
        (
            [[], [[(0, 0), (9, 0), (9, 9), (0, 1)]]],
            r"row 1, ring 0 is not closed: it starts at \(0.0, 0.0\) and ends at \(0.0, 1.0\); repeat",
        ),
        ([[[(NAN, 0), (9, 0), (9, 9), (NAN, 0)]]], "row 0, ring 0 is not closed"),
    ],
)
def test_bad_rings_are_named(rows, message):
    with pytest.raises(ValueError, match=message):
        _polygons(*rows).check_rings("polygons")


def test_rings_are_counted_through_all_parts_of_a_row():
    ours = column("multipolygons")
    y = ours.y.copy()
    y[len(y) - 1] = 77
    with pytest.raises(ValueError, match="row 1, ring 0 is not closed"):
        replace(ours, y=y).check_rings("polygons")
    y = ours.y.copy()
    y[ours.offsets[2][3]] = 77
    with pytest.raises(ValueError, match="row 0, ring 3 is not closed"):
        replace(ours, y=y).check_rings("polygons")


def test_other_types_have_no_rings():
    assert column("linestrings").check_rings("lines") is None


FINITE = {
    "nulls and empty points": (points([NAN, NAN, 1], [NAN, NAN, 2], validity=[False, True, True]), None),
    "empty members": (wkt(["MULTIPOINT (EMPTY, (1 2))"]), None),
    "half a point": (points([1, NAN], [1, 2]), r"a: row 1 .* \(nan, 2.0\); drop the row or make it null"),
    "infinity": (points([1, 2, -np.inf], [1, 2, 3]), r"a: row 2 .*\(-inf, 3.0\)"),
    "a line": (ragged("linestring", [0, 1, NAN], [0, 1, NAN], [0, 0, 2, 3]), r"a: row 2 .*\(nan, nan\)"),
}


@pytest.mark.parametrize("name", FINITE)
def test_finite(name):
    ours, message = FINITE[name]
    if message is None:
        assert ours.check_finite("a") is None
        return
    with pytest.raises(ValueError, match=message):
        ours.check_finite("a")


def test_types_know_their_parts():
    assert [one.part.name for one in GeometryType] == ["POINT", "LINESTRING", "POLYGON"] * 2
    assert all(len(one.offset_names) == one.levels for one in GeometryType)
