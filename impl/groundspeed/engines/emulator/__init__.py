"""The `emulator` engine: the `cuda` engine's kernels, compiled by the real CUDA compiler, run on the CPU.

The compiler's PTX is translated to C, compiled by gcc and called. Nothing here needs a GPU or a driver. Every
access is checked, so a kernel that would corrupt memory or race on a GPU fails here with its line of Python.
It is a means of verification: its speed says nothing about a GPU's.

Not modelled: weak memory ordering and races in global memory, textures, asynchronous copies, clusters,
printf. The `.approx` instructions are computed more precisely than hardware does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import psutil

from groundspeed.engines import _programs as compiled
from groundspeed.engines._arguments import Flattener, examples
from groundspeed.engines._compile import MEMREF, Capability
from groundspeed.engines._numba_cuda import MissingCuda, cuda
from groundspeed.engines.choice import EngineUnavailable
from groundspeed.engines.counters import Counters
from groundspeed.engines.device import BLOCK, DeviceEngine
from groundspeed.engines.emulator import build
from groundspeed.engines.emulator.arrays import DeviceArray
from groundspeed.engines.emulator.faults import Fault, KernelError
from groundspeed.engines.emulator.gpu import NUMBER, Gpu
from groundspeed.engines.emulator.launch import Program
from groundspeed.engines.emulator.ptx import UnsupportedPtx

__all__ = ["Counters", "EmulatorEngine", "Fault", "KernelError", "Program", "UnsupportedPtx"]

ELEMENTS_PER_THREAD = 3  # of an elementwise launch
MAX_BLOCKS = 64
_programs: dict[tuple[Any, ...], Program] = {}


class EmulatorEngine(DeviceEngine):
    """PTX on the CPU, over arrays as strict as CuPy's; everything else is that of the `cuda` engine.

    Args:
        capability: compute capability to compile for.
        check: check bounds, alignment and shared-memory races of every access.
        contract: let products and sums be fused into one rounding, as the stages after PTX do.
        seed: order in which blocks and threads run; 0 for the natural one.

    Raises:
        EngineUnavailable: no CUDA compiler, or no gcc.
    """

    name = "emulator"

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
        self.gpu = Gpu()
        self.xp = self.gpu.xp
        self._flatten = Flattener(DeviceArray, MEMREF)
        self.capability = capability
        self.check = check
        self.contract = contract
        self.seed = seed

    def counting(self) -> AbstractContextManager[Counters]:
        """Count launches, waits, copies and memory inside a `with` block."""
        return self.gpu.counting()

    def blocks(self, n: int) -> int:
        """So few that the grid-stride loop runs several times, and its ragged end too."""
        return min(-(-n // (BLOCK * ELEMENTS_PER_THREAD)), MAX_BLOCKS)

    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Compile a kernel for the types of its arguments, once, and run it.

        Raises:
            KernelError: the kernel did something wrong; names the fault, the line and the thread.
            UnsupportedPtx: the kernel uses something that the emulator does not model.
            ValueError: a grid or block that no GPU accepts, or an array that is not C-contiguous.
            TypeError: an array of the host, or something else that no kernel takes.
        """
        signature, _ = self._flatten(arguments, NUMBER)
        key = (kernel, self.capability, self.check, self.contract, signature)
        if key not in _programs:
            types = examples(arguments, DeviceArray)
            ptx = compiled.ptx(kernel, types, self.capability, lines=True)
            _programs[key] = Program(ptx, kernel.__name__, self.check, self.contract, MEMREF)
        self.gpu.count("launches")
        _programs[key].launch(grid, block, _held(arguments), self.seed)

    def to_host(self, array: Any) -> np.ndarray:
        """Copy device to host."""
        return self.xp.asnumpy(array)

    def read(self, *values: Any) -> tuple[Any, ...]:
        """Bring scalars to the host with one wait for all of them."""
        there = [value for value in values if isinstance(value, DeviceArray)]
        self.gpu.read_back(sum(value.nbytes for value in there))
        return super().read(*_held(values))

    def memory_available(self) -> int:
        """Free physical memory of the machine."""
        return int(psutil.virtual_memory().available)


def _held(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The memory of the arrays among a kernel's arguments."""
    return tuple(
        _held(value) if isinstance(value, tuple) else value.held if isinstance(value, DeviceArray) else value
        for value in arguments
    )
