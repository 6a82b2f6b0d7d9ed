"""Decoded columns on disk come back as they were, and other programs can read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from groundspeed.datasets import store
from groundspeed.geometry import GeometryColumn

CRS = "EPSG:4326"

COLUMNS = {
    "points": ["POINT (1 2)", "POINT EMPTY", None],
    "lines": ["LINESTRING (0 0, 1 1)", None, "LINESTRING EMPTY"],
    "polygons": ["POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))", "POLYGON EMPTY"],
    "multis": ["MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", "POLYGON ((0 0, 1 0, 1 1, 0 0))", None],
    "multipoints": ["MULTIPOINT (0 0, 1 1)"],
    "multilines": ["MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"],
}


@pytest.mark.parametrize("crs", [None, "EPSG:2193"])
@pytest.mark.parametrize("rows", COLUMNS.values(), ids=COLUMNS)
def test_a_column_comes_back_as_it_was(rows: list, crs: str | None, tmp_path: Path) -> None:
    column = GeometryColumn.from_wkt(rows, crs)
    found = store.read(store.write(tmp_path / "c", column))
    assert isinstance(found, GeometryColumn)
    assert found.equals(column)
    assert found.crs == column.crs
    assert [str(one) for one in found] == [str(one) for one in column]


@pytest.mark.parametrize("kind", ["point", "linestring", "polygon", "multipolygon"])
def test_an_empty_column_keeps_its_type(kind: str, tmp_path: Path) -> None:
    column = GeometryColumn.from_shapely([], CRS, type=kind)
    found = store.read(store.write(tmp_path / "c", column))
    assert (found.type, len(found), found.crs) == (column.type, 0, column.crs)


def test_other_programs_read_the_file(tmp_path: Path) -> None:
    import geopandas

    column = GeometryColumn.from_wkt(COLUMNS["polygons"], CRS)
    frame = geopandas.read_parquet(store.write(tmp_path / "c", column))
    assert frame.crs == CRS
    assert frame.geometry.tolist() == column.to_shapely().tolist()


@pytest.mark.parametrize("values", [np.arange(3.0), np.array([], np.int32), np.array([1, 2], np.int8)])
def test_an_array_comes_back_as_it_was(values: np.ndarray, tmp_path: Path) -> None:
    found = store.read(store.write(tmp_path / "a", values))
    assert isinstance(found, np.ndarray)
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)
