"""Compile every kernel of every operation with every compiler for every architecture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

from groundspeed.engines import _compile
from groundspeed.engines._numba_cuda import COMPILER
from groundspeed.engines.emulator.parse import parse
from groundspeed.engines.kernels import Kernel
from groundspeed.engines.threads import CORES
from groundspeed.operations import kernels
from groundspeed.referee.kernel_table import instructions, machine_code
from groundspeed.referee.kernel_table.architectures import ARCHITECTURES, Architecture, occupancy
from groundspeed.referee.kernel_table.row import Key, Row
from groundspeed.referee.kernel_table.stale import COMPILERS, code_hash, split, versions

LOOPS_OF = "sm_90"  # disassembly is slow, and the loops of other architectures differ little


def table(
    committed: Iterable[Row] = (),
    architectures: Iterable[str] = tuple(ARCHITECTURES),
    compilers: Iterable[str] = tuple(COMPILERS),
    topic: str | None = None,
) -> tuple[list[Row], set[Key]]:
    """The rows of every kernel, and the keys of those that had to be compiled for it.

    Args:
        committed: rows that are taken over where neither code nor compiler has changed since.
        architectures, compilers: those that are asked for.
        topic: the one whose kernels are asked for, None for all.

    Returns:
        The rows in the order of the committed table, and which of them were compiled.
    """
    asked = {(name, kernel.name): kernel for name, kernel in kernels() if topic in (None, name)}
    hashes = {key: code_hash(kernel) for key, kernel in asked.items()}
    makers = [COMPILERS[compiler] for compiler in compilers]
    wanted = [(*key, *by) for key in asked for by in product(makers, architectures)]
    current, stale = split(wanted, committed, hashes)
    made = [replace(row, code=hashes[row.key[:2]]) for row in compiled(stale)]
    return sorted(current + made, key=order), set(stale)


def compiled(keys: Iterable[Key]) -> list[Row]:
    """Compile the rows of these keys in other processes, each with one compiler, on all cores."""
    by_compiler: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        by_compiler[key[2]].append(key)
    count = max(1, CORES // max(1, len(by_compiler)))
    shares = [found[k::count] for found in by_compiler.values() for k in range(count)]
    with ThreadPoolExecutor() as pool:
        return [row for rows in pool.map(_in_another_process, filter(None, shares)) for row in rows]


def order(row: Row) -> tuple[str, str, str, int]:
    """Sort key of the committed table."""
    return row.operation, row.kernel, row.compiler, list(ARCHITECTURES).index(row.architecture)


def rows(
    declared: Iterable[tuple[str, Kernel]], architectures: Iterable[str] = tuple(ARCHITECTURES)
) -> Iterator[Row]:
    """Compile kernels in this process, with the compiler that it has loaded."""
    chosen = tuple(architectures)
    for operation, kernel in declared:
        for architecture in chosen:
            yield row_of(operation, kernel, architecture)


def compile_ptx(kernel: Kernel, architecture: Architecture) -> str:
    """PTX of a declared kernel."""
    return _compile.compile_ptx(*kernel.launched(), architecture.capability)


def _in_another_process(keys: list[Key]) -> list[Row]:
    distribution = keys[0][2]
    compiler = next(name for name, made in COMPILERS.items() if made == distribution)
    done = subprocess.run(
        [sys.executable, "-m", "groundspeed.referee.kernel_table.worker"],
        input="".join(f"{json.dumps(key)}\n" for key in keys),
        env=os.environ | {"GROUNDSPEED_CUDA_COMPILER": compiler},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"compiling the kernels with {distribution} failed:\n{done.stderr[-4000:]}")
    return [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def row_of(operation: str, kernel: Kernel, architecture_name: str) -> Row:
    """Compile one kernel for one architecture in this process."""
    architecture = ARCHITECTURES[architecture_name]
    about: dict[str, Any] = {
        "operation": operation,
        "kernel": kernel.name,
        "dtype": kernel.dtype,
        "compiler": COMPILERS[COMPILER],
        **versions(COMPILERS[COMPILER]),
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
