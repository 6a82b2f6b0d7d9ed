"""The host side of the `cuda` engine, without a GPU.

CuPy is stood in for by NumPy arrays that carry `__cuda_array_interface__`, and Numba's launch by the
emulator. This verifies what the engine asks for (grids, streams, conversions, one compilation per kernel) and
what its array code computes; it says nothing about CuPy or a driver.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from numba import njit

from groundspeed.engines import EngineUnavailable, base
from groundspeed.engines import cuda as engine_module
from groundspeed.engines._numba_cuda import MissingCuda, cuda
from groundspeed.engines.cpu import CpuEngine
from groundspeed.engines.cuda import BLOCK, WAVES, CudaEngine
from groundspeed.engines.emulator import EmulatorEngine

MULTIPROCESSORS = 4


class DeviceArray(np.ndarray):
    """A NumPy array that looks as if it were on a GPU."""

    @property
    def __cuda_array_interface__(self):
        return self.__array_interface__ | {"version": 3, "stream": 1}


def on_device(values, dtype=None):
    return np.array(values, dtype).view(DeviceArray)


def fake_cupy():
    cupy = ModuleType("cupy")
    cupy.searchsorted, cupy.bincount, cupy.cumsum = np.searchsorted, np.bincount, np.cumsum
    cupy.ascontiguousarray = lambda a: on_device(np.ascontiguousarray(a))
    cupy.asarray = lambda a, dtype=None: np.asarray(a, dtype).view(DeviceArray)
    cupy.asnumpy = np.array
    cupy.arange = lambda *a, **k: on_device(np.arange(*a, **k))
    cupy.argsort = lambda a, kind=None: np.argsort(a, kind=kind).astype(np.int64)
    device = SimpleNamespace(attributes={"MultiProcessorCount": MULTIPROCESSORS}, mem_info=(1000, 9000))
    stream = SimpleNamespace(ptr=77, synchronize=lambda: None)
    cupy.cuda = SimpleNamespace(Device=lambda: device, get_current_stream=lambda: stream)
    cupy.get_default_memory_pool = lambda: SimpleNamespace(free_bytes=lambda: 24)
    return cupy


class FakeDriver:
    """What of Numba's `cuda` needs a driver: it records what it is asked for and launches on the emulator."""

    def __init__(self):
        self.emulator = EmulatorEngine()
        self.compiled, self.launches, self.converted = [], [], []

    def external_stream(self, pointer):
        return f"stream {pointer}"

    def as_cuda_array(self, value, sync):
        self.converted.append(sync)
        return value.view(np.ndarray)

    def jit(self, kernel):
        self.compiled.append(kernel)
        return _Configured(self, kernel)


class _Configured:
    def __init__(self, driver, kernel):
        self.driver, self.kernel = driver, kernel

    def __getitem__(self, configuration):
        grid, block, stream = configuration

        def launch(*arguments):
            self.driver.launches.append((grid, block, stream))
            self.driver.emulator.launch(self.kernel, grid, block, *arguments)

        return launch


@pytest.fixture
def fake(monkeypatch):
    driver = FakeDriver()
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy())
    monkeypatch.setattr(cuda, "external_stream", driver.external_stream)
    monkeypatch.setattr(cuda, "as_cuda_array", driver.as_cuda_array)
    monkeypatch.setattr(engine_module, "jit", driver.jit)
    engine_module._compiled.cache_clear()
    yield driver
    engine_module._compiled.cache_clear()


@njit
def scaled_sum(i, x, more, out):
    y, factor = more
    out[i] = (x[i] + y[i]) * factor


@pytest.fixture
def engine(fake):
    return CudaEngine()


@pytest.mark.parametrize("n", [1, BLOCK, BLOCK + 1, BLOCK * WAVES * MULTIPROCESSORS + 1])
def test_elements_are_visited_on_cupys_stream_without_waiting(engine, fake, n):
    x, y, out = on_device(np.arange(n), float), on_device(np.ones(n)), on_device(np.zeros(n))
    engine.for_each(scaled_sum, n, x, (y, 2.0), out)
    np.testing.assert_array_equal(out, (np.arange(n) + 1) * 2.0)
    assert fake.launches == [(min(-(-n // BLOCK), WAVES * MULTIPROCESSORS), BLOCK, "stream 77")]
    assert fake.converted == [False, False, False]


def test_nothing_is_launched_for_no_elements(engine, fake):
    engine.for_each(scaled_sum, 0, on_device([]), (on_device([]), 2.0), on_device([]))
    assert fake.launches == []


def test_a_body_is_compiled_once(engine, fake):
    for _ in range(3):
        engine.for_each(
            scaled_sum, 2, on_device([1.0, 2.0]), (on_device([1.0, 2.0]), 2.0), on_device([0.0, 0.0])
        )
    assert len(fake.compiled) == 1
    assert len(fake.launches) == 3


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
@pytest.mark.parametrize(
    ("keys", "bound"), [([], 0), ([], 3), ([0], 1), ([2, 0, 2, 1, 0], 4), ([255, 0], 256)]
)
def test_grouping_equals_the_cpu_engines(engine, keys, bound, dtype):
    values = np.arange(len(keys)) * 10
    grouped, starts = engine.group(on_device(keys, dtype), on_device(values), bound)
    expected, expected_starts = CpuEngine().group(np.array(keys, dtype), values, bound)
    assert grouped.tolist() == expected.tolist()
    assert starts.tolist() == expected_starts.tolist()


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("counts", [[], [0], [3], [0, 0, 0], [1, 0, 1], [0, 2, 0, 0, 1, 3, 0], [5, 1]])
def test_expanding_names_the_row_of_every_item(engine, counts, dtype):
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    expected = [row for row, count in enumerate(counts) for _ in range(count)]
    for rows in (engine.expand(on_device(offsets), dtype), CpuEngine().expand(offsets, dtype)):
        assert rows.tolist() == expected
        assert rows.dtype == dtype


def test_memory_counts_what_the_pool_holds(engine):
    assert engine.memory_available() == 1024


def test_arrays_travel_both_ways(engine):
    there = engine.asarray([1, 2, 3], np.float64)
    assert hasattr(there, "__cuda_array_interface__")
    assert type(engine.to_host(there)) is np.ndarray


def test_it_offers_the_whole_interface():
    assert not CudaEngine.__abstractmethods__
    assert issubclass(CudaEngine, base.Engine)


def test_a_missing_compiler_is_named(monkeypatch):
    monkeypatch.setattr(engine_module, "cuda", MissingCuda("no libcudart"))
    with pytest.raises(EngineUnavailable, match=r"numba-cuda.*no libcudart.*pip install"):
        CudaEngine()


def test_a_missing_cupy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(EngineUnavailable, match=r"needs CuPy.*pip install"):
        CudaEngine()


def test_a_missing_gpu_is_named(monkeypatch, fake):
    def no_driver():
        raise RuntimeError("cudaErrorInsufficientDriver")

    monkeypatch.setattr(sys.modules["cupy"].cuda, "Device", no_driver)
    with pytest.raises(EngineUnavailable, match=r"no usable NVIDIA GPU \(cudaErrorInsufficientDriver\)"):
        CudaEngine()
