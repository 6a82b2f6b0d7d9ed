"""The one place that imports `cuda`: numba-cuda, or its successor numba-cuda-mlir.

`GROUNDSPEED_CUDA_COMPILER=mlir` chooses numba-cuda-mlir. Kernels do `from groundspeed.engines._numba_cuda
import cuda, libdevice` and may use only what both compilers have. On a machine where neither imports, `cuda`
is a placeholder, so that modules with kernels still import: a kernel's body is only looked at when it is
compiled.

What numba-cuda-mlir 0.6.0 silently compiles to something else than Python means, and kernels therefore do not
use: shuffles of 64-bit values (it moves 32 bits), `!=` between floats that may be NaN (it gives False; use
`math.isnan`), `round` (it rounds halves away from 0). `tests/emulator` fails once a release repairs them.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

COMPILER = os.environ.get("GROUNDSPEED_CUDA_COMPILER", "numba-cuda")


class MissingCuda:
    """Stands for `cuda` where no CUDA compiler is installed; says why when it is used."""

    def __init__(self, reason: str):
        self.reason = reason

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(
            f"cuda.{name} needs a CUDA compiler, which did not import here ({self.reason}); "
            "install one with: pip install 'groundspeed[cuda13]' (or [cuda12])"
        )


@contextmanager
def row_stack_restored(numpy: ModuleType = np) -> Iterator[None]:
    """Put back `row_stack`, an alias of `vstack` that NumPy 2.5 removed, while a compiler imports.

    numba-cuda 0.30.4 and numba-cuda-mlir 0.6.0 tell of an implementation of it for every NumPy from 2.0 on,
    and then compile nothing at all where it is gone.
    """
    if hasattr(numpy, "row_stack"):
        yield
        return
    numpy.row_stack = numpy.vstack  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del numpy.row_stack  # type: ignore[attr-defined]


def _numba_cuda() -> tuple[Any, Any]:
    from numba import cuda

    if getattr(cuda, "implementation", "") != "NVIDIA":
        raise ImportError(
            "numba-cuda is not installed, and numba.cuda is Numba's own older compiler, which lacks what "
            "the kernels need"
        )
    from numba.cuda import libdevice

    with row_stack_restored():  # a compilation would import it, when the name is gone again
        importlib.import_module("numba.cuda.np.arrayobj")
    return cuda, libdevice


def _numba_cuda_mlir() -> tuple[Any, Any]:
    with row_stack_restored():
        from numba_cuda_mlir import cuda
        from numba_cuda_mlir.cuda import libdevice

        importlib.import_module("numba_cuda_mlir.numba_cuda.np.arrayobj")
    return cuda, libdevice


cuda: Any
libdevice: Any
try:
    cuda, libdevice = _numba_cuda_mlir() if COMPILER == "mlir" else _numba_cuda()
except Exception as error:  # numba-cuda raises RuntimeError where the CUDA libraries are missing
    cuda = libdevice = MissingCuda(f"{type(error).__name__}: {error}")


def present() -> bool:
    """Whether a CUDA compiler imported."""
    return not isinstance(cuda, MissingCuda)
