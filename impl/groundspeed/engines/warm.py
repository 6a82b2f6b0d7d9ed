"""Compile kernels ahead, in as many processes as there are cores.

`python -m groundspeed.engines.warm 9.0 0 16 MODULE ...` is one of 16 such processes: it compiles every 16th
kernel of the modules for compute capability 9.0.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterable, Iterator

import psutil

from groundspeed.engines import _primitives, _programs
from groundspeed.engines._compile import Capability
from groundspeed.engines.kernels import Kernel

MOST_PROCESSES = 32


def warm(modules: Iterable[str], capability: Capability, processes: int | None = None) -> list[str]:
    """Compile and keep every kernel that is not kept yet; needs neither a GPU nor a driver.

    Args:
        modules: with tuples `KERNELS`, see `groundspeed.operations.kernel_modules`; those of the engines' own
            primitives come on top.
        capability: compute capability of the GPU, e.g. `(9, 0)`.
        processes: how many; None for one per core.

    Returns:
        Names of the kernels that were compiled.

    Raises:
        RuntimeError: a kernel does not compile; with the compiler's words.
    """
    found = list(modules)
    wanted = [kernel for kernel in kernels(found) if not _programs.is_kept(*kernel.launched(), capability)]
    count = min(len(wanted), processes or psutil.cpu_count() or 1, MOST_PROCESSES)
    version = "{}.{}".format(*capability)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, version, str(part), str(count), *found],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for part in range(count)
    ]
    errors = [worker.communicate()[1] for worker in workers]
    failed = [error for worker, error in zip(workers, errors, strict=True) if worker.returncode]
    if failed:
        raise RuntimeError(f"compiling kernels ahead failed:\n{failed[0][-4000:]}")
    return [kernel.name for kernel in wanted]


def kernels(modules: Iterable[str]) -> Iterator[Kernel]:
    """Those of some modules and of the engines' own primitives."""
    for module in modules:
        yield from getattr(importlib.import_module(module), "KERNELS", ())
    yield from _primitives.KERNELS


def _work(version: str, part: str, count: str, *modules: str) -> None:
    major, minor = map(int, version.split("."))
    for kernel in list(kernels(modules))[int(part) :: int(count)]:
        _programs.image(*kernel.launched(), (major, minor))


if __name__ == "__main__":
    _work(*sys.argv[1:])
