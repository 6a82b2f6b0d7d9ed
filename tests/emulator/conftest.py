"""All tests here need a CUDA compiler and gcc, and no GPU."""

from __future__ import annotations

import pytest
from emulator.host_arrays import HostArrays
from requirements import need

from groundspeed.engines._numba_cuda import COMPILER


@pytest.fixture(autouse=True)
def _tools():
    need("numba_cuda_mlir" if COMPILER == "mlir" else "numba_cuda", "gcc")


@pytest.fixture(scope="module", params=[(False, 0), (True, 0), (True, 5)], ids=["unfused", "fused", "seed5"])
def engine(request):
    contract, seed = request.param
    return HostArrays(contract=contract, seed=seed)


@pytest.fixture(scope="module")
def emulator():
    return HostArrays()
