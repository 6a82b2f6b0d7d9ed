"""The compiled loops of the cpu engine: honest sources, and what is stored for later processes."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from groundspeed.engines import _generated, _loop
from groundspeed.engines.cpu import CpuEngine


@njit(error_model="numpy", _nrt=False)
def double(i, values):
    values[i] *= 2


@pytest.fixture(autouse=True)
def _anew():
    _loop.compiled_loop.cache_clear()
    yield
    _loop.compiled_loop.cache_clear()


def test_a_loop_is_shown_with_its_own_source():
    loop = _loop.compiled_loop(double, "c0").py_func
    assert inspect.getsource(loop).lstrip().startswith(f"def {loop.__name__}(start, stop, columns):")
    assert Path(inspect.getfile(loop)).is_file()


def test_without_a_place_to_write_a_loop_still_runs_and_has_a_source(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(_generated, "folder", lambda: tmp_path / "file")
    loop = _loop.compiled_loop(double, "c0").py_func
    assert inspect.getsource(loop).lstrip().startswith(f"def {loop.__name__}(start, stop, columns):")
    values = np.ones(3)
    CpuEngine().for_each(double, 3, values)
    assert values.tolist() == [2, 2, 2]


def test_a_source_that_was_cut_short_is_written_again(monkeypatch, tmp_path):
    monkeypatch.setattr(_generated, "folder", lambda: tmp_path)
    (tmp_path / "three.py").write_text("def thr")
    function, stored = _generated.define("three", "def three():\n    return 3\n", {})
    assert stored and function() == 3
    assert (tmp_path / "three.py").read_text() == "def three():\n    return 3\n"
    assert [file.name for file in tmp_path.iterdir()] == ["three.py"]


def test_bodies_of_one_name_in_two_modules_have_two_loops():
    def body(module):
        scope = {"__name__": module}
        exec("def same(i, values): pass", scope)
        return scope["same"]

    names = {_loop.compiled_loop(njit(body(module)), "c0").__name__ for module in ("one", "two")}
    assert len(names) == 2


FIRST_CALL = """
import numpy as np
from numba.core import event
import groundspeed as gs
with event.install_recorder("numba:compile") as compiled:
    gs.haversine_distance(np.zeros(9), np.zeros(9), np.ones(9), np.ones(9))
print(len(compiled.buffer))
"""


def test_a_second_process_compiles_nothing(tmp_path):
    def compilations():
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", FIRST_CALL], capture_output=True, text=True, env=environment, check=True
        )
        return int(done.stdout)

    assert compilations() > 0
    assert compilations() == 0
