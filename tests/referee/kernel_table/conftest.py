"""All tests here need a CUDA compiler and NVIDIA's linker, and no GPU."""

from __future__ import annotations

import pytest
from requirements import need


@pytest.fixture(autouse=True)
def _tools():
    need("numba_cuda", "cuda.bindings.nvjitlink")
