"""The PTX that the emulator runs, with the line of Python that each instruction comes from."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundspeed.engines import _compile, _device_functions
from groundspeed.engines._compile import Capability, compile_ptx, typeof
from groundspeed.engines.reached import reached_hash
from groundspeed.engines.stored import stored

COMPILERS = ("numba", "numba-cuda", "numba-cuda-mlir", "nvidia-nvvm", "nvidia-cuda-nvcc-cu12", "numpy")


def stored_ptx(kernel: Callable[..., None], examples: tuple[Any, ...], capability: Capability) -> str:
    """PTX of a kernel, which takes a second to compile, from the last process that compiled it.

    Args:
        kernel: undecorated kernel function.
        examples: values of the types it is called with.
        capability: compute capability, e.g. `(9, 0)`.
    """

    def compiled() -> str:
        return compile_ptx(kernel, examples, capability, lineinfo=True)

    try:
        name = reached_hash(kernel, str(tuple(map(typeof, examples))), capability, *_toolchain(), lines=True)
    except TypeError:  # it reaches something whose changes nobody would notice
        return compiled()
    return stored("emulator", f"{name}.ptx", lambda path: path.write_text(compiled())).read_text()


@functools.cache
def _toolchain() -> tuple[Any, ...]:
    """Compilers in use, and what tells them about kernels."""
    ours = [Path(str(module.__file__)).read_text() for module in (_compile, _device_functions)]
    return _compile.COMPILER, [_version(name) for name in COMPILERS], ours


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
