"""What a compiler is known to get wrong."""

from __future__ import annotations

import pytest

from groundspeed.engines._numba_cuda import COMPILER


def defect_of_mlir(what):
    """Expect a failure under numba-cuda-mlir, and fail where a new release has repaired it."""
    return pytest.mark.xfail(COMPILER == "mlir", reason=f"numba-cuda-mlir 0.6.0 {what}", strict=True)
