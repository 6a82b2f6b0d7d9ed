"""Which engine runs, and the settings that say so."""

from __future__ import annotations

import contextvars
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from geometry.device import FakeCupy, to_device

from groundspeed.engines import EngineUnavailable, Settings, available, choose, get, settings, threads, use
from groundspeed.engines.choice import ENGINES, on_device
from groundspeed.geometry import GeometryColumn

MIB = 1 << 20


class FakeSeries:
    """What a cuDF series looks like from outside."""


FakeSeries.__module__ = "cudf.core.series"

HOST = {
    "nothing": None,
    "number": 1.0,
    "array": np.zeros(3),
    "list": [1, 2],
    "Series": pd.Series([1.0]),
    "frame with a column x": pd.DataFrame({"x": [1.0], "on_device": [True]}),
    "column": GeometryColumn.from_points([1.0], [2.0]),
    "points": geopandas.GeoSeries([shapely.Point(0, 0)]),
    "polygons, which have no x": geopandas.GeoSeries([shapely.box(0, 0, 1, 1)]),
    "shapely": shapely.Point(0, 0),
}
DEVICE = {
    "array": to_device([1.0]),
    "series": FakeSeries(),
    "tuple": ([1.0], to_device([1.0])),
    "list of arrays": [to_device([1.0])],
    "nested": ([to_device([1.0])],),
}


@pytest.fixture
def without_cupy(monkeypatch):
    """A machine where the cuda engine cannot start, whatever this one has."""
    monkeypatch.setattr("groundspeed.engines.choice._instances", {})
    monkeypatch.setitem(sys.modules, "cupy", None)


@pytest.mark.parametrize("name", HOST)
def test_host_inputs_choose_cpu(name):
    assert not on_device(HOST[name])
    assert choose(None, HOST[name]).name == "cpu"


@pytest.mark.parametrize("name", DEVICE)
@pytest.mark.usefixtures("without_cupy")
def test_device_inputs_choose_cuda_and_say_what_is_missing(name):
    assert on_device(DEVICE[name])
    with pytest.raises(EngineUnavailable, match=r"engine 'cuda' needs (CuPy|numba-cuda).*pip install"):
        choose(None, np.zeros(1), DEVICE[name])


def test_a_column_on_the_device_is_seen(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", FakeCupy("cupy"))
    assert on_device(GeometryColumn.from_points(to_device([1.0]), to_device([2.0])))


@pytest.mark.usefixtures("without_cupy")
def test_a_wish_is_never_ignored():
    with pytest.raises(EngineUnavailable):
        choose("cuda", np.zeros(1))
    with use(engine="cuda"), pytest.raises(EngineUnavailable):
        choose(None, np.zeros(1))
    with use(engine="cuda"):
        assert choose("cpu", np.zeros(1)).name == "cpu"
    with use(engine="cpu"):
        assert choose(None, to_device([1.0])).name == "cpu"


@pytest.mark.usefixtures("without_cupy")
def test_available_gives_reasons():
    reasons = available()
    assert list(reasons) == list(ENGINES)
    assert reasons["cpu"] == ""
    assert "CuPy" in reasons["cuda"] or "numba-cuda" in reasons["cuda"]


def test_an_engine_is_made_once():
    assert get("cpu") is get("cpu")


BAD = {
    "engine": ({"engine": "gpu"}, ValueError, "engine must be one of 'cpu', 'cuda', 'emulator', got 'gpu'"),
    "no threads": ({"threads": 0}, ValueError, "threads must be at least 1 and at most .* got 0"),
    "negative threads": ({"threads": -1}, ValueError, "threads must be at least 1"),
    "too many threads": ({"threads": 10**6}, ValueError, "at most .* got 1000000; .* NUMBA_NUM_THREADS"),
    "half a thread": ({"threads": 1.5}, TypeError, "threads must be a whole number or None, got 1.5"),
    "threads in words": ({"threads": "2"}, TypeError, "threads must be a whole number or None, got '2'"),
    "small budget": (
        {"memory_budget": MIB - 1},
        ValueError,
        r"must be at least 1048576 \(1 MiB\), got 1048575",
    ),
    "budget in words": (
        {"memory_budget": "1 GB"},
        TypeError,
        "memory_budget must be a whole number of bytes",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_settings(name):
    given, error, message = BAD[name]
    before = settings()
    with pytest.raises(error, match=message), use(**given):
        pass
    assert settings() == before


def test_unknown_engine_in_a_call():
    for ask in (get, choose):
        with pytest.raises(ValueError, match=r"engine must be one of .* got 'metal'"):
            ask("metal")


def test_settings_nest_and_come_back():
    assert settings() == Settings()
    with use(threads=1, memory_budget=MIB) as outer:
        assert outer == settings() == Settings(None, 1, MIB, False)
        with use(engine="cpu", progress=True):
            assert settings() == Settings("cpu", 1, MIB, True)
            with use(progress=False, memory_budget=2 * MIB):
                assert settings() == Settings("cpu", 1, 2 * MIB, False)
        assert settings() == outer
    assert settings() == Settings()


def test_settings_come_back_after_an_error():
    with pytest.raises(KeyError), use(threads=1):
        raise KeyError
    assert settings() == Settings()


def test_threads_are_set_and_reset():
    with use(threads=1):
        assert choose(None)._local.threads == 1
    assert choose(None)._local.threads == threads.CORES


def test_each_thread_has_its_own_settings():
    barrier = threading.Barrier(2)

    def work(budget: int) -> tuple[int | None, int | None]:
        with use(memory_budget=budget):
            barrier.wait(timeout=10)
            inside = settings().memory_budget
            barrier.wait(timeout=10)
        return inside, settings().memory_budget

    with use(memory_budget=9 * MIB), ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [MIB, 2 * MIB])) == [(MIB, None), (2 * MIB, None)]
        assert settings().memory_budget == 9 * MIB


def test_a_copied_context_takes_the_settings_along():
    with use(engine="cpu"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(contextvars.copy_context().run, settings).result() == Settings("cpu")
        assert pool.submit(settings).result() == Settings()
