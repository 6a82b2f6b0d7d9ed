"""point_in_polygon from file to file: all write the same rows, and a wrong file is found out."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import groundspeed as gs
from groundspeed.datasets import load
from groundspeed.operations.joins.point_in_polygon import files
from groundspeed.operations.joins.point_in_polygon.cases import OPERATIONS
from groundspeed.referee import discovery, model
from groundspeed.referee.competitors import scratch
from groundspeed.referee.oracle import call

(OPERATION,) = OPERATIONS

COMPETITORS = [
    name for name, one in discovery.implementations("point_in_polygon").items() if one.lane == "file_to_file"
]
SQUARES = [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3), shapely.box(8, 8, 9, 9)]
POINTS = [(0.5, 0.5), (1.5, 1.5), (5, 5), (2.5, 2.5), (2, 2), None, (0, 1)]
WITHIN = {(0, 0), (1, 0), (1, 1), (3, 1), (4, 1)}


@pytest.fixture(autouse=True)
def clean():
    """Nothing of this test's files stays."""
    yield
    scratch.clear()


def column(geometries, crs=None):
    return gs.GeometryColumn.from_shapely(np.array(geometries, object), crs=crs)


def squares(points=POINTS, polygons=SQUARES, crs=None, **predicate):
    made = [None if point is None else shapely.Point(point) for point in points]
    return {"points": column(made, crs), "polygons": column(polygons, crs), **predicate}


def competitor(name):
    one = discovery.implementations("point_in_polygon")[name]
    if discovery.unavailable(one):
        pytest.skip(discovery.unavailable(one))
    return one


def pairs_of(result):
    return set(zip(*map(np.ndarray.tolist, result), strict=True))


def test_the_competitors():
    libraries = [discovery.implementations("point_in_polygon")[name].library for name in COMPETITORS]
    assert {"geopandas", "duckdb", "sedonadb", "shapely"} <= set(libraries)
    assert libraries.count("groundspeed") == 2
    asked = [case.name for case in OPERATION.cases if case.files]
    assert asked == ["holes", "flights_in_counties", "cities_in_counties"]


@pytest.mark.parametrize("name", COMPETITORS)
@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (squares(), WITHIN),
        (squares(crs="EPSG:4326"), WITHIN),
        (squares(predicate="intersects"), WITHIN | {(4, 0), (6, 0)}),
        (squares(points=[(5, 5), (6, 6)]), set()),
        (squares(points=[(0.5, 0.5)]), {(0, 0)}),
    ],
    ids=["overlap, boundary, null", "crs", "intersects", "nobody", "one"],
)
def test_every_competitor_writes_the_pairs(name, inputs, expected):
    left, right = call(competitor(name), inputs)
    assert len(left) == len(expected)
    assert pairs_of((left, right)) == expected


@pytest.mark.parametrize("name", COMPETITORS)
def test_every_competitor_agrees_on_a_thousand_points(name):
    inputs = {
        "points": load("uniform_points(n=1_000, seed=5)"),
        "polygons": load("star_polygons(n=30, vertices=40, holes=1, seed=6)"),
    }
    expected = OPERATION.policy.canonical(gs.point_in_polygon(**inputs))
    actual = OPERATION.policy.canonical(call(competitor(name), inputs))
    assert OPERATION.policy.compare(expected, actual, "float64").verdict == "pass"
    assert expected["left"].size > 100


def test_the_output_is_deleted_and_inputs_are_written_once():
    inputs, one = squares(), competitor("groundspeed[cpu] files")
    first, second = one.prepare(inputs), one.prepare(inputs)
    assert first["output"] != second["output"]
    assert first["points"] == second["points"]
    folder = first["points"].parent
    one.collect(one.run(**first))
    assert {path.name for path in folder.iterdir()} == {"points.parquet", "polygons.parquet"}
    scratch.clear()
    assert not folder.parent.exists()
    assert pairs_of(call(one, inputs)) == WITHIN


def test_what_is_written_is_what_a_user_wants():
    one = competitor("groundspeed[cpu] files")
    table = gs.read(one.run(**one.prepare(squares(crs="EPSG:4326"))))
    assert len(table) == 8
    assert table.geometry.crs == "EPSG:4326"
    rows = zip(*(table.attributes[name].to_pylist() for name in ("point_id", "polygon_id")), strict=True)
    assert set(rows) == WITHIN | {(2, None), (5, None), (6, None)}


def _with(table, row, **values):
    """The table with other values in one row."""
    rows = table.to_pylist()
    rows[row].update(values)
    return pa.Table.from_pylist(rows, table.schema)


def _row(table, point):
    return table["point_id"].to_pylist().index(point)


DAMAGE = {
    "a point without polygon is lost": lambda table: table.filter(pa.compute.not_equal(table["point_id"], 2)),
    "a pair is lost": lambda table: table.filter(pa.compute.not_equal(table["point_id"], 0)),
    "a pair is there twice": lambda table: pa.concat_tables([table, table.slice(_row(table, 0), 1)]),
    "a point without polygon is there twice": lambda table: pa.concat_tables(
        [table, table.slice(_row(table, 2), 1)]
    ),
    "another polygon": lambda table: _with(table, _row(table, 0), polygon_id=2),
    "a polygon for a point that has none": lambda table: _with(table, _row(table, 2), polygon_id=0),
    "no polygon for a point that has one": lambda table: _with(table, _row(table, 0), polygon_id=None),
    "an unknown point": lambda table: _with(table, _row(table, 2), point_id=99),
    "a point without id": lambda table: _with(table, _row(table, 2), point_id=None),
    "a point elsewhere": lambda table: _with(table, _row(table, 0), geometry=shapely.Point(0.5, 0.6).wkb),
    "a point without geometry": lambda table: _with(table, _row(table, 2), geometry=None),
    "nothing": lambda table: table.slice(0, 0),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_wrong_file_fails(damage):
    inputs, one = squares(), competitor("groundspeed[cpu] files")
    output = one.run(**one.prepare(inputs))
    table = pq.read_table(output)
    pq.write_table(DAMAGE[damage](table), output)
    expected = OPERATION.policy.canonical(gs.point_in_polygon(**inputs))
    agreement = OPERATION.policy.compare(expected, OPERATION.policy.canonical(files.pairs(output)), "float64")
    assert (agreement.verdict, agreement.differing > 0) == ("fail", True)


def test_a_missing_library_is_told(monkeypatch):
    one = discovery.implementations("point_in_polygon")["duckdb copy files"]
    absent = model.Implementation(**{**vars(one), "requires": ("no_such_library",)})
    assert discovery.unavailable(absent) == "n/a: needs no_such_library"
