"""Which rows of the committed table still say what the compilers would say."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterable, Mapping

from groundspeed.engines import _device_functions
from groundspeed.engines._compile import typeof
from groundspeed.engines.kernels import Kernel
from groundspeed.engines.reached import reached_hash
from groundspeed.referee.kernel_table.row import Key, Row

COMPILERS = {"numba-cuda": "numba-cuda", "mlir": "numba-cuda-mlir"}  # GROUNDSPEED_CUDA_COMPILER: distribution
DIGITS = 16


def code_hash(kernel: Kernel) -> str:
    """Hash of all that a kernel is compiled from: what its function reaches, its types and its declaration.

    Versions of compilers are not in it, nor is what `engines/_compile.py` tells them: `groundspeed kernels
    --all` compiles everything.
    """
    function, arguments = kernel.launched()
    types = str(tuple(map(typeof, arguments)))
    declared = kernel.dtype, kernel.block, float(kernel.bytes_per_element), float(kernel.flops_per_element)
    return reached_hash(function, types, declared, _device_functions.register, portable=True)[:DIGITS]


@functools.cache
def versions(distribution: str) -> dict[str, str]:
    """What compiles and links, as columns of a row."""
    names = {
        "version": distribution,
        "numba": "numba",
        "nvvm": "nvidia-nvvm",
        "linker": "nvidia-nvjitlink",
    }
    return {column: importlib.metadata.version(name) for column, name in names.items()}


def split(
    wanted: Iterable[Key], committed: Iterable[Row], hashes: Mapping[tuple[str, str], str]
) -> tuple[list[Row], list[Key]]:
    """Committed rows that are up to date, and the keys of those that have to be compiled.

    Args:
        wanted: keys of the rows that are asked for.
        committed: the table.
        hashes: `code_hash` of every kernel by (operation, name).
    """
    known = {row.key: row for row in committed}
    current, stale = [], []
    for key in wanted:
        row = known.get(key)
        if row is not None and row.code == hashes[key[:2]] and _same_versions(row):
            current.append(row)
        else:
            stale.append(key)
    return current, stale


def _same_versions(row: Row) -> bool:
    return all(getattr(row, column) == now for column, now in versions(row.compiler).items())
