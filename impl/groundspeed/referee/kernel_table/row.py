"""A row of the table, and the table as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

Key = tuple[str, str, str, str]
"""Operation, kernel, compiler (its distribution) and architecture."""


@dataclass(frozen=True)
class Row:
    """What one compiler makes of one kernel on one architecture.

    Attributes:
        operation, kernel, dtype: which kernel.
        compiler, version, numba, nvvm, linker: made by whom; distribution, then versions.
        code: hash of all that the kernel is compiled from; see `stale.code_hash`.
        architecture: e.g. `"sm_90"`.
        block: threads per block.
        bytes_per_element, flops_per_element: as the kernel declares.
        error: why it does not compile, "" if it does.
        registers: per thread.
        stack, spilled: bytes per thread.
        shared: bytes per block.
        occupancy: share of resident warps, in [0, 1].
        f64, f32, integer, loads, stores, atomics: instructions in the PTX.
        narrowings: conversions of float64 to float32 among them.
        loop: instructions of the largest innermost loop, and of them loop_f64, loop_f32, loop_integer,
            loop_loads, loop_shared; None where there is no loop or it was not disassembled.
    """

    operation: str
    kernel: str
    dtype: str
    compiler: str
    version: str
    linker: str
    architecture: str
    block: int
    bytes_per_element: float
    flops_per_element: float
    numba: str = ""
    nvvm: str = ""
    code: str = ""
    error: str = ""
    registers: int = 0
    stack: int = 0
    spilled: int = 0
    shared: int = 0
    occupancy: float = 0.0
    f64: int = 0
    f32: int = 0
    integer: int = 0
    loads: int = 0
    stores: int = 0
    atomics: int = 0
    narrowings: int = 0
    loop: int | None = None
    loop_f64: int | None = None
    loop_f32: int | None = None
    loop_integer: int | None = None
    loop_loads: int | None = None
    loop_shared: int | None = None

    @property
    def key(self) -> Key:
        """What identifies the row."""
        return self.operation, self.kernel, self.compiler, self.architecture


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a table as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in asdict(row).items()} for row in rows)


def read(path: Path) -> list[Row]:
    """Read a table written by `write`, by this version or by one with fewer columns."""
    types = {field.name: str(field.type) for field in fields(Row)}
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return [Row(**{name: _parse(types[name], text) for name, text in line.items()}) for line in lines]


def _parse(kind: str, text: str) -> Any:
    if "None" in kind and not text:
        return None
    return {"int": int, "float": float}.get(kind.partition(" ")[0], str)(text)
