"""PostGIS as a competitor: its private server comes and goes, and it knows the degenerate cases."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from requirements import need, skip_for

import groundspeed as gs
from groundspeed.referee import postgres_server as server
from groundspeed.referee.competitors import postgis
from groundspeed.referee.discovery import implementations
from groundspeed.referee.oracle import call


@pytest.fixture(scope="module", autouse=True)
def _arrow():
    need(*postgis.MODULES)


@pytest.fixture
def running():
    """A server answers."""
    skip_for(postgis.lacks())


def programs(root, version, extension=True):
    """A folder that looks like an installed server."""
    folder = root / f"usr/lib/postgresql/{version}/bin"
    share = root / f"share/{version}"
    (share / "extension").mkdir(parents=True)
    folder.mkdir(parents=True)
    if extension:
        (share / "extension" / "postgis.control").touch()
    (folder / "initdb").touch()
    config = folder / "pg_config"
    config.write_text(f"#!/bin/sh\n[ $1 = --sharedir ] && echo {share} || echo PostgreSQL {version}.2\n")
    config.chmod(0o755)
    return folder


def test_the_newest_server_with_postgis_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(server.shutil, "which", lambda name: None)
    with pytest.raises(postgis.Unavailable, match=r"apt: postgresql .*GROUNDSPEED_POSTGIS"):
        server.find(tmp_path)
    old, new, _ = programs(tmp_path, 9), programs(tmp_path, 15), programs(tmp_path, 16, extension=False)
    assert server.find(tmp_path) == new
    (new / "initdb").unlink()
    assert server.find(tmp_path) == old


def test_root_needs_somebody_else(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(postgis.Unavailable, match="root may not"):
        server.unprivileged(("nobody_of_this_name",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server.unprivileged() is None


def test_a_server_that_does_not_answer_is_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv(server.VARIABLE, f"host={tmp_path} dbname=none user=nobody")
    postgis.lacks.cache_clear()
    reason = postgis.lacks()
    postgis.lacks.cache_clear()
    assert reason.startswith("needs PostGIS, and GROUNDSPEED_POSTGIS=")


def test_the_versions_are_known(running):
    assert re.fullmatch(r"\d+\.\d+\.\d+ on PostgreSQL \d+(\.\d+)?", postgis.version())


def test_an_empty_workspace_every_time(running):
    first = postgis.workspace()
    postgis.put(first, "numbers", i=np.arange(3))
    assert postgis.get(first, "select i from numbers order by i")["i"].to_pylist() == [0, 1, 2]
    second = postgis.workspace()
    tables = "select tablename from pg_tables where schemaname like 'groundspeed_%'"
    assert postgis.get(second, tables).num_rows == 0


STARTS = """
import os, sys, time
from groundspeed.referee.competitors import postgis
print(postgis.lacks() or os.environ["GROUNDSPEED_POSTGIS"].split()[0][5:], flush=True)
time.sleep({pause})
"""


@pytest.mark.parametrize("killed", [False, True])
def test_the_server_ends_with_its_process_however_it_ends(running, killed):
    environment = {name: value for name, value in os.environ.items() if name != server.VARIABLE}
    command = [sys.executable, "-c", STARTS.format(pause=60 * killed)]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    folder = Path(starter.stdout.readline().strip())
    if killed:
        assert (folder / "data" / "postmaster.pid").exists()
        starter.send_signal(signal.SIGKILL)
    starter.wait()
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


SQUARE = shapely.box(0, 0, 4, 4)
POLYGONS = {
    "a square": [SQUARE],
    "a hole": [SQUARE - shapely.box(1, 1, 3, 3)],
    "two parts, another polygon, an empty one": [
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]),
        SQUARE,
        shapely.Polygon(),
    ],
    "many vertices": [shapely.Point(2, 2).buffer(2, 256)],
    "none": [],
}


@pytest.mark.parametrize("predicate", ["within", "intersects", "covered_by", "touches"])
@pytest.mark.parametrize("name", ["postgis gist of points", "postgis st subdivide"])
@pytest.mark.parametrize("case", POLYGONS)
def test_points_on_a_grid_agree_with_geos(running, case, name, predicate):
    grid = np.arange(-0.5, 5, 0.5)
    points = shapely.points(*map(np.ravel, np.meshgrid(grid, grid)))
    points[7] = None
    polygons = np.array(POLYGONS[case], object)
    column = gs.GeometryColumn.from_shapely
    inputs = {"points": column(points), "polygons": column(polygons), "predicate": predicate}
    actual = call(implementations("point_in_polygon")[name], inputs)
    expected = shapely.STRtree(polygons).query(points, predicate=predicate)
    assert sorted(zip(*actual, strict=True)) == sorted(zip(*expected, strict=True))


def test_distances_come_back_in_order(running):
    points = gs.GeometryColumn.from_shapely(shapely.points(np.arange(5), 0))
    origin = gs.GeometryColumn.from_shapely(shapely.points(np.zeros(5), 0))
    actual = call(
        implementations("haversine_distance")["postgis st distancesphere"], {"a": origin, "b": points}
    )
    np.testing.assert_allclose(actual, 6371.0088 * np.radians(np.arange(5)), rtol=1e-12)
