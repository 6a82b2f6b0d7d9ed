"""The Hausdorff kernels: vectorised on a CPU, float32 where it is asked for, and right on the emulator."""

import platform
import re

import numpy as np
import pytest
from assembly import assembly
from llvmlite.binding import get_host_cpu_features
from requirements import need
from sizes import records

import groundspeed as gs
from groundspeed.engines import choice
from groundspeed.engines.cpu import CpuEngine
from groundspeed.operations.distances.directed_hausdorff_distance import blocks, kernels, tiles
from groundspeed.operations.distances.directed_hausdorff_distance.filter import Frame


class Listing(CpuEngine):
    """Keeps the machine code of the last body that was run."""

    def for_each(self, body, n, *columns):
        super().for_each(body, n, *columns)
        self.code = assembly(body, *columns)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
@pytest.mark.parametrize(("dtype", "packed"), [(np.float64, "vminpd"), (np.float32, "vminps")])
def test_estimates_and_minima_are_vectorised(dtype, packed):
    engine, x, out = Listing(), np.arange(8).astype(dtype), np.ones((1, 1), dtype)
    offsets = np.array([0, 8])
    pieces = kernels.cut(offsets, 256)
    blocks.measure(engine, Frame(0.0, 0.0, 0.125), (x, x), (offsets, x, x), pieces, out)
    assert out[0, 0] == 0
    assert packed in engine.code
    assert "vminps" in engine.code
    assert "vpmaxsd" in engine.code
    if get_host_cpu_features()["fma"]:
        assert re.search(r"vfn?m(add|sub)\d+ps", engine.code)


@pytest.mark.parametrize("kernel", kernels.KERNELS, ids=lambda kernel: kernel.name)
def test_float32_kernels_hold_no_float64(kernel):
    need("numba_cuda")
    from groundspeed.engines._compile import compile_ptx
    from groundspeed.engines.device import elementwise_kernel

    function, arguments = kernel.function, kernel.example
    if kernel.elementwise:
        function = elementwise_kernel(function, len(arguments))
        arguments = (np.int64(1), arguments)
    ptx = compile_ptx(function, arguments, (9, 0))
    instructions = [line for line in ptx.splitlines() if not line.lstrip().startswith("//")]
    assert not any(".local" in line for line in instructions)
    assert any(".f64" in line for line in instructions) == kernel.name.endswith("float64")


@pytest.fixture(params=[True, False], ids=["contracted", "as written"])
def emulator(request, monkeypatch):
    need("numba_cuda", "gcc")
    from groundspeed.engines.emulator import EmulatorEngine

    engine = EmulatorEngine(check=True, contract=request.param, seed=3)
    monkeypatch.setitem(choice._instances, "emulator", engine)
    return request.param


def ragged(counts, dtype="float64"):
    x, y = np.random.default_rng(23).uniform(0, 100, (2, sum(counts)))
    return x.astype(dtype), y.astype(dtype), np.cumsum([0, *counts])


COUNTS = {
    "short: one warp": [1, 2, 3, 31, 30, 29] * 3,
    "a warp and around": [31, 32, 33, 64, 65] * 2,
    "a block and around": [255, 256, 257, 511, 513],
    "long among short": [1, 900, 2, 3, 40],
    "empty among them": [0, 5, 300, 0, 600],
    "all empty": [0, 0],
    "points": [1] * 300,
    "as long as a tile": [128, 127, 1, 0, 512, 129],
    "a block's end in a collection": [200, 100, 30, 400],
    "empty ones at both ends": [0] * 9 + [32] * 16 + [0] * 7,
    "thousands": [2100, 3, 1500],
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
def test_the_emulator_agrees_with_the_cpu(emulator, counts, dtype):
    collections = ragged(counts, dtype)
    gpu, host = (gs.directed_hausdorff_distance(collections, engine=name) for name in ("emulator", "cpu"))
    assert gpu.dtype == np.dtype(dtype)
    assert np.array_equal(np.isnan(gpu), np.isnan(host))
    limit = 2 if emulator else 1  # a fused sum of squares is rounded once less
    np.testing.assert_array_max_ulp(np.nan_to_num(gpu), np.nan_to_num(host), maxulp=limit, dtype=dtype)


def test_other_and_chunks_on_the_emulator(emulator):
    collections, other = ragged([300, 2, 40] * 20), ragged([7, 300])
    with gs.use(memory_budget=1 << 20):
        gpu = gs.directed_hausdorff_distance(collections, other, engine="emulator")
    np.testing.assert_array_max_ulp(gpu, gs.directed_hausdorff_distance(collections, other), maxulp=2)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_many_pairs_on_the_emulator(emulator, dtype):
    n = records(100, exploring=1000)
    collections = ragged(np.random.default_rng(29).integers(1, 12, n).tolist(), dtype)
    gpu, host = (gs.directed_hausdorff_distance(collections, engine=name) for name in ("emulator", "cpu"))
    assert gpu.size == n**2
    np.testing.assert_array_max_ulp(gpu, host, maxulp=2, dtype=dtype)


@pytest.mark.parametrize("counts", [*COUNTS.values(), [0, 0, 256, 0], [255, 1, 0]], ids=str)
def test_runs_cover_every_point_once(counts):
    offsets = np.cumsum([0, *counts])
    (starts, stops, owners), first = tiles.runs(offsets)
    covered = [p for start, stop in zip(starts, stops, strict=True) for p in range(start, stop)]
    assert covered == list(range(offsets[-1]))
    assert set(owners) == set(range(len(counts)))
    full = starts < stops
    assert np.array_equal(starts[full] // tiles.RUN, (stops[full] - 1) // tiles.RUN)
    assert np.all((offsets[owners] <= starts) & (stops <= offsets[owners + 1]))
    block = np.repeat(np.arange(len(first) - 1), np.diff(first))
    assert np.array_equal(block[full], starts[full] // tiles.POINTS)
