"""The `emulator` engine: the `cuda` engine's kernels, compiled by the real CUDA compiler, run on the CPU.

The compiler's PTX is translated to C, compiled by gcc and called. Nothing here needs a GPU or a driver. Every
access is checked, so a kernel that would corrupt memory or race on a GPU fails here with its line of Python.
It is a means of verification: its speed says nothing about a GPU's.

Not modelled: weak memory ordering and races in global memory, textures, asynchronous copies, clusters,
printf. The `.approx` instructions are computed more precisely than hardware does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from groundspeed.engines._compile import Capability, typeof
from groundspeed.engines._numba_cuda import COMPILER, MissingCuda, cuda
from groundspeed.engines.choice import EngineUnavailable
from groundspeed.engines.cpu import CpuEngine
from groundspeed.engines.cuda import BLOCK, elementwise_kernel
from groundspeed.engines.emulator import build
from groundspeed.engines.emulator.faults import Fault, KernelError
from groundspeed.engines.emulator.launch import Program
from groundspeed.engines.emulator.ptx import UnsupportedPtx
from groundspeed.engines.emulator.source import stored_ptx

__all__ = ["EmulatorEngine", "Fault", "KernelError", "Program", "UnsupportedPtx"]

ELEMENTS_PER_THREAD = 3  # of an elementwise launch: the grid-stride loop and its ragged end are both run
MAX_BLOCKS = 64
_programs: dict[tuple[Any, ...], Program] = {}


class EmulatorEngine(CpuEngine):
    """PTX on the CPU; arrays and primitives are those of the `cpu` engine.

    Args:
        capability: compute capability to compile for.
        check: check bounds, alignment and shared-memory races of every access.
        contract: let products and sums be fused into one rounding, as the stages after PTX do.
        seed: order in which blocks and threads run; 0 for the natural one.

    Raises:
        EngineUnavailable: no CUDA compiler, or no gcc.
    """

    name = "emulator"
    cooperative = True

    def __init__(
        self, capability: Capability = (9, 0), check: bool = True, contract: bool = True, seed: int = 0
    ) -> None:
        if isinstance(cuda, MissingCuda):
            raise EngineUnavailable(
                f"engine 'emulator' needs a CUDA compiler, which did not import ({cuda.reason}); "
                "install one with: pip install 'groundspeed[compile]' (no GPU is needed)"
            )
        if build.compiler() is None:
            raise EngineUnavailable(
                "engine 'emulator' needs gcc, which is not on the PATH; apt-get install gcc"
            )
        super().__init__()
        self.capability = capability
        self.check = check
        self.contract = contract
        self.seed = seed

    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run the body in the `cuda` engine's grid-stride loop."""
        if n <= 0:
            return
        grid = min(-(-n // (BLOCK * ELEMENTS_PER_THREAD)), MAX_BLOCKS)
        self.launch(elementwise_kernel(body, len(columns)), grid, BLOCK, np.int64(n), columns)

    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Compile a kernel for the types of its arguments, once, and run it.

        Raises:
            KernelError: the kernel did something wrong; names the fault, the line and the thread.
            UnsupportedPtx: the kernel uses something that the emulator does not model.
        """
        examples = _like(arguments)
        key = (kernel, self.capability, self.check, self.contract, *map(typeof, examples))
        if key not in _programs:
            ptx = stored_ptx(kernel, examples, self.capability)
            memref = COMPILER == "mlir"
            _programs[key] = Program(ptx, kernel.__name__, self.check, self.contract, memref)
        _programs[key].launch(grid, block, arguments, self.seed)


def _like(value: Any) -> Any:
    """The same types with empty, writable arrays: like a GPU's, the arrays of a kernel are all writable."""
    if isinstance(value, tuple):
        return tuple(map(_like, value))
    return np.empty((0,) * value.ndim, value.dtype) if isinstance(value, np.ndarray) else value
