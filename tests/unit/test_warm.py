"""What is compiled ahead: all that first calls of operations need."""

import os
import subprocess
import sys

import numpy as np
import pytest
import shapely

import groundspeed as gs
from groundspeed import operations
from groundspeed.engines import _loop
from groundspeed.warm import PRIMITIVES, _of, warm


def kinds(value):
    """What loops differ by, nested as the columns are."""
    if isinstance(value, tuple):
        return tuple(map(kinds, value))
    flat = []
    _loop.flatten((value,), flat)
    return _loop.flatten(tuple(flat), [])


@pytest.fixture(scope="module")
def ahead():
    topics = (PRIMITIVES, *operations.topics())
    return {(function, kinds(columns)) for topic in topics for _, function, columns in _of(topic)}


@pytest.fixture
def asked(monkeypatch):
    """The loops that a process without any asks for."""
    found, find = set(), _loop._found

    def note(shown, columns, write):
        found.add((shown, kinds(columns)))
        return find(shown, columns, write)

    monkeypatch.setattr(_loop, "_found", note)
    return found


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_calls_ask_for_nothing_else(asked, ahead, dtype):
    x, y = np.random.default_rng(1).uniform(0, 5, (2, 20_000)).astype(dtype)
    gs.haversine_distance(x, y, y, x)
    gs.directed_hausdorff_distance([np.ones((3, 2), dtype), np.zeros((40, 2), dtype)])
    squares = [shapely.box(i % 5, i // 5, i % 5 + 1, i // 5 + 1) for i in range(25)]
    rings = [shapely.Point(3, 3).buffer(4 - 0.1 * k, quad_segs=60) for k in range(30)]
    for polygons in map(gs.GeometryColumn.from_shapely, (squares, rings)):
        gs.point_in_polygon((x, y), polygons.astype(dtype))
    assert len(asked) > 15
    assert asked <= ahead, {(function.__name__, columns) for function, columns in asked - ahead}


def test_processes_compile_for_those_that_come_later(tmp_path):
    (tmp_path / "ahead.py").write_text(
        "from groundspeed.warm import warm\n"
        "if __name__ == '__main__': print(len(warm(['haversine_distance'], jobs=2)))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, tmp_path / "ahead.py"], capture_output=True, text=True, env=environment, check=True
    )
    assert int(done.stdout) == len([*(tmp_path / "loops").iterdir()]) == len(_of(PRIMITIVES)) + 2
    assert done.stderr == ""


def test_in_this_process():
    done = warm(["haversine_distance"], jobs=1)
    assert {one.topic for one in done} == {PRIMITIVES, operations.names()["haversine_distance"]}
    assert {"haversine_float64", "haversine_float32"} <= {one.name for one in done}


def test_an_operation_that_is_not_there():
    with pytest.raises(ValueError, match=f"no operation 'fly'; there are {', '.join(operations.names())}"):
        warm(["fly"])
