"""The host side of the `cuda` engine, without a GPU.

CuPy is stood in for by the emulator's strict arrays, and the driver's functions by the emulator, which gets
the very bytes that the driver would. This verifies what the engine asks for (grids, streams, parameters, one
compilation per kernel) and what its array code computes; it says nothing about CuPy or a driver.
"""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from fake_cupy import MULTIPROCESSORS, STREAM, CUDARuntimeError, FakeCupy, OutOfMemoryError
from numba import njit

from groundspeed.engines import EngineUnavailable, _driver, _programs, base
from groundspeed.engines import cuda as engine_module
from groundspeed.engines._arguments import Flattener
from groundspeed.engines._compile import MEMREF
from groundspeed.engines._numba_cuda import MissingCuda
from groundspeed.engines.cpu import CpuEngine
from groundspeed.engines.cuda import WAVES, CudaEngine
from groundspeed.engines.device import BLOCK
from groundspeed.engines.emulator import EmulatorEngine, Program
from groundspeed.engines.emulator.arrays import DeviceArray
from groundspeed.engines.emulator.gpu import Gpu


class Functions:
    """Loads PTX instead of machine code, and launches it on the emulator; tells what was asked for."""

    def __init__(self):
        self.loaded, self.launches, self.fails = [], [], {}

    def load(self, image, name, packer):
        self.loaded.append(name)
        return _Loaded(self, Program(image.decode(), name, check=False, memref=MEMREF), packer)


class _Loaded:
    def __init__(self, functions, program, packer):
        self.functions, self.program, self.packer = functions, program, packer

    def launch(self, grid, block, stream, values):
        self.functions.launches.append((grid, block, stream))
        self.program.launch_packed(grid, block, self.packer.pack(*values), [])


@pytest.fixture
def cupy(monkeypatch):
    cupy = FakeCupy()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    return cupy


@pytest.fixture
def functions(monkeypatch):
    functions = Functions()
    monkeypatch.setattr(_driver, "Function", functions.load)

    def image(kernel, types, capability):
        ptx = _programs.ptx(kernel, types, capability)
        return _programs.Image(_programs.entry(ptx), ptx.encode())

    monkeypatch.setattr(_programs, "image", image)
    return functions


@pytest.fixture
def engine(cupy, functions):
    return CudaEngine()


@njit
def scaled_sum(i, x, more, out):
    y, factor = more
    out[i] = (x[i] + y[i]) * factor


def columns(engine, n):
    x, y, out = (engine.asarray(values) for values in (np.arange(n) * 1.0, np.ones(n), np.zeros(n)))
    return x, (y, 2.0), out


@pytest.mark.parametrize("n", [1, BLOCK, BLOCK + 1, BLOCK * WAVES * MULTIPROCESSORS + 1])
def test_elements_are_visited_on_cupys_stream_without_waiting(engine, cupy, functions, n):
    x, more, out = columns(engine, n)
    with cupy._gpu.counting() as counted:
        engine.for_each(scaled_sum, n, x, more, out)
    np.testing.assert_array_equal(out.get(), (np.arange(n) + 1) * 2.0)
    blocks = min(-(-n // BLOCK), WAVES * MULTIPROCESSORS)
    assert functions.launches == [((blocks, 1, 1), (BLOCK, 1, 1), STREAM)]
    assert counted.read_backs == counted.copied_bytes == counted.array_calls == 0


def test_nothing_is_launched_for_no_elements(engine, functions):
    engine.for_each(scaled_sum, 0, *columns(engine, 0))
    assert functions.launches == []


def test_a_body_is_compiled_once_for_the_same_types(engine, functions):
    for _ in range(3):
        engine.for_each(scaled_sum, 2, *columns(engine, 2))
    assert len(functions.loaded) == 1
    assert len(functions.launches) == 3


@njit
def every_kind(i, flag, small, wide, single, nested, out):
    bits, (matrix, empty) = nested
    if flag:
        out[i] = matrix[i, 1] + bits[i] * small + wide + single + empty.size


def test_every_kind_of_argument_arrives(engine, functions):
    matrix, bits = np.arange(12.0).reshape(6, 2), np.arange(6, dtype=np.uint8)
    out = engine.asarray(np.zeros(6))
    there = tuple(map(engine.asarray, (bits, matrix, np.empty(0, np.int32))))
    numbers = (True, np.int16(-3), 1 << 40, np.float32(0.5))
    engine.for_each(every_kind, 6, *numbers, (there[0], there[1:]), out)
    np.testing.assert_array_equal(out.get(), matrix[:, 1] + bits * -3.0 + 2.0**40 + 0.5)
    engine.for_each(every_kind, 6, np.bool_(False), *numbers[1:], (there[0], there[1:]), out)
    assert len(functions.loaded) == 2  # a bool of NumPy is another type


def test_a_thread_makes_the_device_its_own_before_its_first_launch(engine, cupy):
    arguments = columns(engine, 4)
    engine.for_each(scaled_sum, 4, *arguments)
    before = len(cupy.bound)
    engine.for_each(scaled_sum, 4, *arguments)
    assert len(cupy.bound) == before
    thread = threading.Thread(target=engine.for_each, args=(scaled_sum, 4, *arguments))
    thread.start()
    thread.join()
    assert cupy.bound[before:] == [0]


@pytest.mark.parametrize(
    ("argument", "error", "words"),
    [
        (lambda engine: np.zeros(4), TypeError, "bring it there with Engine.asarray"),
        (lambda engine: "text", TypeError, "not str"),
        (lambda engine: engine.asarray(np.zeros(8))[::2], ValueError, "not C-contiguous"),
        (lambda engine: engine.asarray(np.zeros((2, 4))).T, ValueError, "not C-contiguous"),
    ],
)
def test_what_no_kernel_takes_is_refused_by_both_engines(engine, argument, error, words):
    for one in (engine, EmulatorEngine()):
        _, more, out = columns(one, 4)
        with pytest.raises(error, match=words):
            one.for_each(scaled_sum, 4, argument(one), more, out)


def test_an_array_on_another_gpu_is_refused(engine):
    class Elsewhere(DeviceArray):
        data = property(lambda self: self.held.ctypes and type("Pointer", (), {"ptr": 0, "device_id": 1}))

    flatten = Flattener(Elsewhere, MEMREF)
    with pytest.raises(ValueError, match=r"is on GPU 1, but GPU 0 is the current one.*cupy.cuda.Device\(1\)"):
        flatten((Elsewhere(Gpu(), np.zeros(3)),), 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
@pytest.mark.parametrize(
    ("keys", "bound"), [([], 0), ([], 3), ([0], 1), ([2, 0, 2, 1, 0], 4), ([255, 0], 256)]
)
def test_grouping_equals_the_cpu_engines(engine, keys, bound, dtype):
    values = np.arange(len(keys)) * 10
    there = engine.asarray(np.array(keys, dtype)), engine.asarray(values)
    grouped, starts = engine.group(*there, bound)
    expected, expected_starts = CpuEngine().group(np.array(keys, dtype), values, bound)
    assert grouped.tolist() == expected.tolist()
    assert starts.tolist() == expected_starts.tolist()
    assert starts.dtype == np.int64


@pytest.mark.parametrize(("bound", "sorted_as"), [(255, "uint8"), (256, "uint16"), (70_000, "uint32")])
def test_keys_are_sorted_as_narrow_as_they_are(engine, cupy, monkeypatch, bound, sorted_as):
    seen = []
    real = cupy._call
    monkeypatch.setattr(
        cupy,
        "_call",
        lambda name, *a, **k: (
            (seen.append((name, str(a[0].dtype))), real(name, *a, **k))[1]
            if name == "argsort"
            else real(name, *a, **k)
        ),
    )
    keys = engine.asarray(np.array([bound - 1, 0, 7]))
    engine.group(keys, keys, bound)
    assert seen == [("argsort", sorted_as)]


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("counts", [[], [0], [3], [0, 0, 0], [1, 0, 1], [0, 2, 0, 0, 1, 3, 0], [5, 1]])
def test_expanding_names_the_row_of_every_item(engine, counts, dtype):
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    expected = [row for row, count in enumerate(counts) for _ in range(count)]
    for rows in (engine.expand(engine.asarray(offsets), dtype), CpuEngine().expand(offsets, dtype)):
        assert rows.tolist() == expected
        assert rows.dtype == dtype


def test_expanding_takes_memory_for_its_result_only(engine, cupy):
    offsets = engine.asarray(np.arange(1001))
    with cupy._gpu.counting() as counted:
        rows = engine.expand(offsets, np.int32)
    assert len(rows) == 1000
    assert counted.as_dict() == {
        "launches": 0,  # the emulator's counter; here another engine launches
        "array_calls": 0,
        "read_backs": 1,
        "copied_bytes": 8,
        "device_peak_bytes": 4000,
    }


def test_scalars_are_read_with_one_wait(engine, cupy):
    there = engine.asarray(np.array([3.5, -1.0])), engine.asarray(np.array([7], np.int32))
    flag = engine.asarray(np.array([True, False]))
    with cupy._gpu.counting() as counted:
        numbers = engine.read(there[0][1], 5, there[1], flag[0], there[0][0], np.int64(2))
    assert numbers == (-1.0, 5, 7, True, 3.5, 2)
    assert [type(one) for one in numbers] == [float, int, int, bool, float, int]
    assert counted.read_backs == 1
    assert CpuEngine().read(np.float64(2), np.array([3]), 4) == (2.0, 3, 4)
    with pytest.raises(ValueError, match="one element"):
        engine.read(there[0])


def test_the_engine_counts_what_it_does_itself(engine):
    x, more, out = columns(engine, 8)
    with engine.counting() as counted:
        engine.for_each(scaled_sum, 8, x, more, out)
        engine.read(out[0], out[1])
        engine.to_host(out)
        engine.asarray(np.zeros(3))
        engine.asarray(x)
    expected = {"launches": 1, "read_backs": 2, "copied_bytes": 16 + 64 + 24}
    assert {name: getattr(counted, name) for name in expected} == expected
    engine.to_host(out)
    assert counted.read_backs == 2


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


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        (0, "found no NVIDIA driver.*install it.*--gpus all.*engine='cpu'"),
        (12040, r"a driver for CUDA 12.4, but CuPy is built for CUDA 13.0.*update.*groundspeed\[cuda12\]"),
        (13000, r"no usable NVIDIA GPU.*CUDA_VISIBLE_DEVICES"),
    ],
)
def test_a_missing_gpu_is_named_with_its_remedy(monkeypatch, driver, words):
    def no_device():
        raise RuntimeError("cudaErrorInsufficientDriver")

    cupy = FakeCupy(driver=driver)
    cupy.cuda.runtime.getDevice = no_device
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    with pytest.raises(EngineUnavailable, match=rf"(?s){words}") as caught:
        CudaEngine()
    assert "cudaErrorInsufficientDriver" in str(caught.value)


@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        (2, MemoryError, "memory of the GPU is full.*nvidia-smi.*memory_budget"),
        (700, _driver.DeviceError, "refuses all further work.*start a new one.*engine='emulator'"),
        (719, _driver.DeviceError, "refuses all further work"),
        (222, _driver.DeviceError, "update the driver"),
        (1, _driver.DeviceError, r"CUDA refused: CUDA_ERROR_INVALID_VALUE \(1\)"),
    ],
)
def test_what_the_driver_refuses_is_told_with_its_remedy(result, error, words):
    from cuda.bindings import driver

    with pytest.raises(error, match=rf"(?s){words}"):
        _driver.check((driver.CUresult(result),))


CALLS = {
    "empty": lambda engine: engine.empty(3),
    "asarray": lambda engine: engine.asarray([1.0]),
    "to_host": lambda engine: engine.to_host(engine.xp.zeros(3)),
    "read": lambda engine: engine.read(engine.xp.zeros(1)),
    "synchronize": lambda engine: engine.synchronize(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("raised", "error", "words"),
    [
        (OutOfMemoryError(), MemoryError, "memory of the GPU is full"),
        (CUDARuntimeError(700), _driver.DeviceError, "start a new one"),
        (CUDARuntimeError(46), _driver.DeviceError, "CUDA refused: cudaError 46"),
    ],
    ids=["full", "sticky", "other"],
)
def test_cupys_errors_are_told_with_their_remedy(engine, cupy, monkeypatch, call, raised, error, words):
    def fails(*arguments, **options):
        raise raised

    for name in ("empty", "asarray", "asnumpy"):
        monkeypatch.setattr(cupy, name, fails, raising=False)
    monkeypatch.setattr(cupy.cuda, "get_current_stream", fails)
    with pytest.raises(error, match=words) as caught:
        CALLS[call](engine)
    assert caught.value.__cause__ is raised
