"""The haversine kernel: vectorised on a CPU, clean on a GPU, equal on both."""

import math
import platform

import numpy as np
import pytest
from assembly import assembly
from requirements import need
from sizes import records

import groundspeed as gs
from groundspeed.engines import choice
from groundspeed.operations.distances.haversine_distance import EARTH_RADIUS, kernels

KERNELS = {kernel.dtype: kernel for kernel in kernels.KERNELS}


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
@pytest.mark.parametrize(("dtype", "packed"), [("float64", "vsqrtpd"), ("float32", "vsqrtps")])
def test_the_loop_is_vectorised(dtype, packed):
    columns = [np.zeros(64, dtype) for _ in range(5)]
    diameter, refused = np.dtype(dtype).type(1), np.zeros(1, np.uint8)
    code = assembly(kernels.BODIES[dtype], *columns[:4], diameter, columns[4], refused)
    assert packed in code
    assert "vgather" not in code


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_ptx_has_no_stack_no_calls_and_only_its_dtype(dtype):
    need("numba_cuda")
    from groundspeed.engines._compile import compile_ptx
    from groundspeed.engines.device import elementwise_kernel

    kernel = KERNELS[dtype]
    loop = elementwise_kernel(kernel.function, len(kernel.example))
    ptx = compile_ptx(loop, (np.int64(1), kernel.example), (9, 0))
    instructions = [line for line in ptx.splitlines() if not line.lstrip().startswith("//")]
    assert not [line for line in instructions if ".local" in line or "call" in line]
    assert any(".f64" in line for line in instructions) == (dtype == "float64")


@pytest.fixture(params=[True, False], ids=["contracted", "as written"])
def emulator(request, monkeypatch):
    need("numba_cuda", "gcc")
    from groundspeed.engines.emulator import EmulatorEngine

    monkeypatch.setitem(choice._instances, "emulator", EmulatorEngine(check=True, contract=request.param))


def pairs(n, dtype):
    random = np.random.default_rng(17)
    columns = [random.uniform(-400, 400, n), random.uniform(-90, 90, n)]
    columns += [
        columns[0] + random.normal(0, 3, n),
        np.clip(columns[1] + random.normal(0, 3, n), -90, 90),
    ]
    columns[2][:1000], columns[3][:1000] = columns[0][:1000] + 180, -columns[1][:1000]
    columns[0][5] = np.nan
    return [column.astype(dtype) for column in columns]


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-15), ("float32", 6e-7)])
def test_many_pairs_on_the_emulator(emulator, dtype, tolerance):
    columns = pairs(records(20_000, exploring=10**6), dtype)
    gpu, host = (gs.haversine_distance(*columns, engine=engine) for engine in ("emulator", "cpu"))
    assert gpu.dtype == host.dtype == np.dtype(dtype)
    np.testing.assert_allclose(gpu, host, rtol=tolerance, atol=0)
    assert np.flatnonzero(np.isnan(gpu)).tolist() == [5]


def test_hard_cases_on_the_emulator(emulator):
    lon1, lat1 = np.array([0, 0, 17, 12.5, 180, 1e15]), np.array([0, 0, 90, 45, 30, 0.0])
    lon2, lat2 = (
        np.array([180, 180 - 2.0**-30, 99, 372.5, -180, 1e15 + 90]),
        np.array([0, 0, -90, 45, 30, 0.0]),
    )
    degrees = np.array([180, 180 - 2.0**-30, 180, 0, 0, 90])
    distances = gs.haversine_distance(lon1, lat1, lon2, lat2, engine="emulator")
    np.testing.assert_allclose(distances, degrees * (EARTH_RADIUS * math.pi / 180), rtol=1e-15, atol=0)
    with pytest.raises(ValueError, match="lat2: position 1 is 91"):
        gs.haversine_distance([0, 0], [0, 0], [0, 0], [0, 91], engine="emulator")
