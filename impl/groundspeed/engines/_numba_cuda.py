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

import os
from typing import Any

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


cuda: Any
libdevice: Any
try:
    if COMPILER == "mlir":
        from numba_cuda_mlir import cuda  # type: ignore[no-redef]
        from numba_cuda_mlir.cuda import libdevice  # type: ignore[no-redef]
    else:
        from numba import cuda  # type: ignore[no-redef]
        from numba.cuda import libdevice  # type: ignore[no-redef]
except Exception as error:  # numba-cuda raises RuntimeError where the CUDA libraries are missing
    cuda = libdevice = MissingCuda(f"{type(error).__name__}: {error}")


def present() -> bool:
    """Whether a CUDA compiler imported."""
    return not isinstance(cuda, MissingCuda)
