"""All tests here need a CUDA compiler and gcc, and no GPU."""

from __future__ import annotations

import pytest
from requirements import need

from groundspeed.engines._numba_cuda import COMPILER


@pytest.fixture(autouse=True)
def _tools():
    need("numba_cuda_mlir" if COMPILER == "mlir" else "numba_cuda", "gcc")
