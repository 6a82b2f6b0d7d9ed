"""A file is written whole or not at all, and never under the feet of those who read it."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from file_forms import FORMS, with_attributes
from geometry.samples import column

import groundspeed as gs
from groundspeed.io import writing


@pytest.mark.parametrize("form", FORMS)
def test_a_table_goes_back_into_the_file_it_came_from(form, tmp_path):
    x = np.arange(50_000.0)  # pages of a mapped file that nobody has looked at yet
    path = FORMS[form].write(gs.Table.from_frame({"x": x, "y": -x}, crs="EPSG:4326"), tmp_path)
    table = FORMS[form].read(path)
    gs.write(table, path, **FORMS[form].writing)
    assert np.array_equal(FORMS[form].read(path).geometry.y, -x)
    assert np.array_equal(table.geometry.x, x)
    assert {one.stem for one in tmp_path.iterdir()} == {"file"}


@pytest.mark.parametrize("form", FORMS)
def test_what_fails_leaves_the_old_file(form, tmp_path, monkeypatch):
    path = FORMS[form].write(with_attributes(column("points")), tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    def full(table, path, **options):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(writing.WRITERS, FORMS[form].ending, full)
    with pytest.raises(OSError, match="No space left"):
        FORMS[form].write(column("points"), tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before
    assert len(FORMS[form].read(path)) == 2


def test_parts_of_an_old_shapefile_do_not_stay(tmp_path):
    path = tmp_path / "file.shp"
    gs.write(column("points", "EPSG:3857"), path)
    (tmp_path / "file.txt").write_text("mine")
    assert (tmp_path / "file.prj").exists()
    gs.write(column("points", None), path)
    assert gs.read(path).geometry.crs is None
    assert (tmp_path / "file.txt").read_text() == "mine"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "data.parquet", tmp_path / "link.parquet"
    link.symlink_to(real)
    gs.write(column("points"), link)
    gs.write(column("points")[:1], link)
    assert link.is_symlink()
    assert pq.read_metadata(real).num_rows == 1


def test_errors_name_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; create it first"):
        gs.write(column("points"), tmp_path / "nowhere" / "file.parquet")
    with pytest.raises(ValueError, match=r"file\.gpkg: GDAL cannot write it") as caught:
        gs.write(column("points"), tmp_path / "file.gpkg", layer="a" * 100_000, VERSION="no such version")
    assert ".groundspeed-" not in str(caught.value)
    assert not [*tmp_path.iterdir()]
