"""Compile every kernel of every operation with every compiler for every architecture."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from groundspeed import operations
from groundspeed.engines import _compile
from groundspeed.engines._numba_cuda import COMPILER
from groundspeed.engines.cuda import elementwise_kernel
from groundspeed.engines.emulator.parse import parse
from groundspeed.engines.kernels import Kernel
from groundspeed.referee.kernel_table import instructions, machine_code
from groundspeed.referee.kernel_table.architectures import ARCHITECTURES, Architecture, occupancy
from groundspeed.referee.kernel_table.row import Row

COMPILERS = {"numba-cuda": "numba-cuda", "mlir": "numba-cuda-mlir"}  # GROUNDSPEED_CUDA_COMPILER: distribution
LOOPS_OF = "sm_90"  # disassembly is slow, and the loops of other architectures differ little


def kernels() -> Iterator[tuple[str, Kernel]]:
    """(topic, kernel) of every topic, found by looking at folders."""
    for topic in operations.topics():
        module = f"{operations.__name__}.{topic}.kernels"
        if importlib.util.find_spec(module):
            for kernel in getattr(importlib.import_module(module), "KERNELS", ()):
                yield topic.rpartition(".")[2], kernel


def table(
    architectures: Iterable[str] = tuple(ARCHITECTURES), compilers: Iterable[str] = tuple(COMPILERS)
) -> list[Row]:
    """Compile every kernel, in one process per compiler, in the order of the committed table."""
    chosen = tuple(architectures)
    with ThreadPoolExecutor() as pool:
        results = pool.map(lambda compiler: _in_another_process(compiler, chosen), compilers)
        return sorted((row for found in results for row in found), key=order)


def order(row: Row) -> tuple[str, str, str, int]:
    """Sort key of the committed table."""
    return row.operation, row.kernel, row.compiler, list(ARCHITECTURES).index(row.architecture)


def rows(
    declared: Iterable[tuple[str, Kernel]], architectures: Iterable[str] = tuple(ARCHITECTURES)
) -> Iterator[Row]:
    """Compile kernels in this process, with the compiler that it has loaded."""
    chosen = [ARCHITECTURES[name] for name in architectures]
    for operation, kernel in declared:
        for architecture in chosen:
            yield _row(operation, kernel, architecture)


def compile_ptx(kernel: Kernel, architecture: Architecture) -> str:
    """PTX of a declared kernel."""
    if not kernel.elementwise:
        return _compile.compile_ptx(kernel.function, kernel.example, architecture.capability)
    function = elementwise_kernel(kernel.function, len(kernel.example))
    return _compile.compile_ptx(function, (1, kernel.example), architecture.capability)


def _in_another_process(compiler: str, architectures: tuple[str, ...]) -> list[Row]:
    command = [sys.executable, "-m", "groundspeed.referee.kernel_table.worker", *architectures]
    environment = os.environ | {"GROUNDSPEED_CUDA_COMPILER": compiler}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"compiling the kernels with {COMPILERS[compiler]} failed:\n{done.stderr[-4000:]}")
    return [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def _row(operation: str, kernel: Kernel, architecture: Architecture) -> Row:
    about: dict[str, Any] = {
        "operation": operation,
        "kernel": kernel.name,
        "dtype": kernel.dtype,
        "compiler": COMPILERS[COMPILER],
        "version": importlib.metadata.version(COMPILERS[COMPILER]),
        "linker": importlib.metadata.version("nvidia-nvjitlink"),
        "architecture": architecture.name,
        "block": kernel.block,
        "bytes_per_element": float(kernel.bytes_per_element),
        "flops_per_element": float(kernel.flops_per_element),
    }
    try:
        ptx = compile_ptx(kernel, architecture)
        code = machine_code.link(ptx, architecture.name)
        module = parse(ptx)
    except Exception as error:  # the compilers raise anything; the row says what
        lines = [line for line in str(error).splitlines() if line.strip()] or [""]
        return Row(**about, error=f"{type(error).__name__}: {lines[0][:160]}")
    mix = instructions.count(module)
    shared = instructions.shared_bytes(module)
    return Row(
        **about,
        registers=code.registers,
        stack=code.stack,
        spilled=code.spilled,
        shared=shared,
        occupancy=round(occupancy(architecture, code.registers, shared, kernel.block), 4),
        narrowings=instructions.narrowings(module),
        **_counts(mix, code.cubin, architecture),
    )


def _counts(mix: Counter[str], cubin: bytes, architecture: Architecture) -> dict[str, Any]:
    counts: dict[str, Any] = {kind: mix[kind] for kind in instructions.KINDS}
    sass = machine_code.disassemble(cubin) if architecture.name == LOOPS_OF else ""
    loop = instructions.largest_loop(sass)
    if loop is not None:
        counts["loop"] = loop.instructions
        counts |= {f"loop_{kind}": loop.kinds[kind] for kind in instructions.LOOP_KINDS}
    return counts
