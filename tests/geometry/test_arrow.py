"""GeoArrow against GeoPandas and geoarrow-pyarrow, which wrote it without us."""

from __future__ import annotations

from dataclasses import replace

import geopandas
import numpy as np
import pyarrow as pa
import pytest
from geometry.samples import ROWS, column, geometries, wkb
from requirements import need

from groundspeed.geometry import GeometryColumn

# GeoPandas 1.2 writes wrong offsets for these, and crashes when it reads them.
EMPTY_MEMBERS = {name for name in ROWS if "empty member" in name} | {
    "points among multipoints",
    "linestrings among multilinestrings",
    "polygons among multipolygons",
}
ONLY_EMPTY = {name for name in ROWS if name.startswith("empty")}  # Shapely does not index its result right
TYPED = [name for name in ROWS if any(ROWS[name])]
READABLE = [name for name in TYPED if name not in EMPTY_MEMBERS]


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("interleaved", [False, True])
def test_reads_what_geopandas_writes(name, interleaved):
    theirs = geopandas.GeoSeries(geometries(name), crs=4326).to_arrow("geoarrow", interleaved=interleaved)
    assert GeometryColumn.from_arrow(theirs).equals(column(name))


@pytest.mark.parametrize("name", TYPED)
def test_reads_wkb_that_geopandas_writes(name):
    theirs = geopandas.GeoSeries(geometries(name), crs=4326).to_arrow("WKB")
    assert GeometryColumn.from_arrow(theirs).equals(column(name))


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("encoding", ["geoarrow", "WKB"])
def test_reads_frames_that_geopandas_writes(name, encoding):
    frame = geopandas.GeoDataFrame({"a": range(len(ROWS[name]))}, geometry=geometries(name), crs=4326)
    stream = frame.to_arrow(geometry_encoding=encoding)
    assert GeometryColumn.from_arrow(stream).equals(column(name))
    assert GeometryColumn.from_arrow(pa.table(stream)).equals(column(name))


@pytest.mark.parametrize("name", [name for name in READABLE if name not in ONLY_EMPTY])
def test_geopandas_reads_what_we_write(name):
    theirs = geopandas.GeoSeries.from_arrow(column(name))
    assert wkb(theirs) == wkb(geometries(name))
    assert theirs.crs == "EPSG:4326"


@pytest.mark.parametrize("name", [name for name in TYPED if "among" not in name])
def test_geoarrow_pyarrow_reads_what_we_write(name):
    need("geoarrow.pyarrow")
    import geoarrow.pyarrow as ga

    for ours in (column(name), column(name).to_arrow()):
        theirs = ga.array(ours)
        assert theirs.type.crs == column(name).crs
        assert GeometryColumn.from_arrow(theirs).equals(column(name))


@pytest.mark.parametrize("name", ROWS)
def test_slices_and_chunks(name):
    ours = replace(column(name), single=None)
    array = ours.to_arrow()
    for start, stop in [(1, None), (0, 1), (1, -1), (-1, None)]:
        assert GeometryColumn.from_arrow(array[start:stop]).equals(ours[start:stop])
    chunks = pa.chunked_array([array[:1], array[1:]], type=array.type)
    assert GeometryColumn.from_arrow(chunks).equals(ours)


@pytest.mark.parametrize("name", ["points", "linestrings", "polygons", "multipolygons"])
def test_coordinates_are_not_copied(name):
    ours = column(name)
    back = GeometryColumn.from_arrow(ours.to_arrow())
    assert np.shares_memory(back.x, ours.x)
    assert np.shares_memory(back.y, ours.y)


def test_nulls_that_cover_coordinates_are_cut_out():
    lists = pa.ListArray.from_arrays([0, 2, 5, 7], _xy(7), mask=pa.array([False, True, False]))
    ours = GeometryColumn.from_arrow(lists, type="linestring")
    assert ours.offsets[0].tolist() == [0, 2, 2, 4]
    assert ours.x.tolist() == [0, 1, 5, 6]
    points = pa.StructArray.from_arrays(
        _xy(3).flatten(), names=["x", "y"], mask=pa.array([False, True, False])
    )
    np.testing.assert_array_equal(GeometryColumn.from_arrow(points).x, [0, np.nan, 2])


def test_plain_columns_x_and_y_are_points():
    table = pa.table({"id": [7, 8], "x": [0, None], "y": [2.0, 3.0]})
    np.testing.assert_array_equal(GeometryColumn.from_arrow(table).x, [0, np.nan])
    assert GeometryColumn.from_arrow(table.select(["y", "x"])[:1]).y.tolist() == [2]


def test_floats_of_32_bits_are_widened():
    ours = GeometryColumn.from_points(np.float32([0.1]), np.float32([0.2]))
    assert GeometryColumn.from_arrow(ours).equals(ours.astype(np.float64))


def test_large_lists_are_read():
    large = pa.LargeListArray.from_arrays([0, 2, 3], _xy(3))
    assert GeometryColumn.from_arrow(large, type="multipoint").offsets[0].tolist() == [0, 2, 3]


def test_z_is_dropped_only_when_asked():
    xyz = pa.StructArray.from_arrays([pa.array([1.0])] * 3, names=["x", "y", "z"])
    with pytest.raises(ValueError, match=r"Z or M coordinates.*drop_z=True"):
        GeometryColumn.from_arrow(xyz)
    assert len(GeometryColumn.from_arrow(xyz, drop_z=True)) == 1
    interleaved = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 2, 3, 4, 5, 6]), 3)
    with pytest.raises(ValueError, match="Z or M"):
        GeometryColumn.from_arrow(interleaved, type="point")
    assert GeometryColumn.from_arrow(interleaved, type="point", drop_z=True).y.tolist() == [2, 5]


def test_parquet_keeps_everything(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    ours = column("polygons, nulls and empties")
    pq.write_table(pa.table({"id": range(5), "geometry": ours.to_arrow()}), tmp_path / "a.parquet")
    assert GeometryColumn.from_arrow(pq.read_table(tmp_path / "a.parquet")).equals(ours)


class _Typed(pa.ExtensionType):
    def __init__(self, storage, name, metadata=b""):
        self._metadata = metadata
        super().__init__(storage, name)

    def __arrow_ext_serialize__(self):
        return self._metadata


def _xy(n):
    values = pa.array(np.arange(float(n)))
    fields = [pa.field(axis, pa.float64(), nullable=False) for axis in ("x", "y")]
    return pa.StructArray.from_arrays([values, values], fields=fields)


def _typed(name, storage, metadata=b""):
    return pa.ExtensionArray.from_storage(_Typed(storage.type, name, metadata), storage)


def _lists(mask=None):
    return pa.ListArray.from_arrays([0, 1, 3], _xy(3), mask=mask)


def _null_vertex():
    values = pa.array([0.0, 1.0, 2.0])
    struct = pa.StructArray.from_arrays(
        [values, values], names=["x", "y"], mask=pa.array([False, True, False])
    )
    return pa.ListArray.from_arrays([0, 1, 3], struct)


BAD = {
    "not Arrow": (lambda: np.zeros(3), TypeError, "__arrow_c_array__.*from_points"),
    "no geometry in the table": (
        lambda: pa.table({"lon": [1.0]}),
        TypeError,
        "no columns x and y, only: lon",
    ),
    "two geometries in the table": (
        lambda: pa.table({"a": column("points").to_arrow(), "b": column("points").to_arrow("wkb")}),
        ValueError,
        r"several geometry columns \(a, b\); pass one",
    ),
    "lists of an unknown kind": (_lists, TypeError, "pass type=, e.g."),
    "unknown extension": (
        lambda: _typed("geoarrow.box", _xy(1)),
        TypeError,
        "'geoarrow.box', expected one of",
    ),
    "too few levels": (
        lambda: _typed("geoarrow.polygon", _lists()),
        TypeError,
        "list of vertices, got struct",
    ),
    "null vertex": (
        lambda: _typed("geoarrow.linestring", _null_vertex()),
        ValueError,
        "null at position 1 of the vert",
    ),
    "spherical edges": (
        lambda: _typed("geoarrow.linestring", _lists(), b'{"edges": "spherical"}'),
        ValueError,
        "spherical edges.*planar",
    ),
    "null coordinate": (
        lambda: pa.StructArray.from_arrays([pa.array([1.0, None]), pa.array([1.0, 2.0])], names=["x", "y"]),
        ValueError,
        "x is null at position 1",
    ),
    "broken WKB": (lambda: pa.array([None, b"\x01\x02"]), ValueError, "row 1 is not WKB"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data_is_refused(name):
    make, error, message = BAD[name]
    with pytest.raises(error, match=message):
        GeometryColumn.from_arrow(make())


def test_unknown_encoding():
    with pytest.raises(ValueError, match="encoding must be 'geoarrow' or 'wkb', got 'wkt'"):
        column("points").to_arrow("wkt")
