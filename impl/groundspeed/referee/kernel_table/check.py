"""What in a table of kernels a reviewer would object to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from groundspeed.engines.kernels import Kernel
from groundspeed.referee.kernel_table.row import Row

MORE_REGISTERS = 4
MORE_REGISTERS_SHARE = 0.10


def problems(
    found: Iterable[Row], committed: Iterable[Row], declared: Mapping[tuple[str, str], Kernel]
) -> list[str]:
    """Sentences that each name a kernel and what is wrong with it; empty if all is well.

    A kernel must compile; must not spill without a declared reason; must not compute in float64 without one
    if its coordinates are float32, nor round to float32 if they are float64; must be in the committed table,
    compiled from the same code, and must not take more than 4 registers or 10 % more than there. That table
    must name no other kernels.

    Args:
        found: rows compiled just now, or known to be what would be compiled.
        committed: rows of the `kernels.csv` of all operations.
        declared: the kernels by (operation, name).
    """
    now = list(found)
    before = {row.key: row for row in committed}
    said = [line for row in now for line in _of_row(row, before.get(row.key), declared)]
    gone = [row for row in before.values() if row.key[:2] not in declared]
    return said + [
        f"{_name(row)}: in the committed table, but no such kernel is declared; {UPDATE}" for row in gone
    ]


UPDATE = "run `groundspeed kernels --update` and commit kernels.csv"


def _of_row(row: Row, before: Row | None, declared: Mapping[tuple[str, str], Kernel]) -> Iterator[str]:
    name, kernel = _name(row), declared[row.operation, row.kernel]
    if row.error:
        yield f"{name}: does not compile: {row.error}"
        return
    if row.spilled and not kernel.allows_spills.get(row.compiler):
        yield f"{name}: spills {row.spilled} bytes per thread; shorten it, or declare allows_spills"
    if row.dtype == "float32" and row.f64 and not kernel.allows_f64:
        yield (
            f"{name}: {row.f64} float64 instructions in a float32 kernel; look for float literals, "
            "or declare allows_f64"
        )
    if row.dtype == "float64" and row.narrowings:
        yield (
            f"{name}: {row.narrowings} conversions of float64 to float32 in a float64 kernel; look for "
            "float32 values, and for shuffles, which numba-cuda-mlir does in 32 bits"
        )
    if before is None:
        yield f"{name}: not in the committed table; {UPDATE}"
    elif row.registers - before.registers > min(MORE_REGISTERS, MORE_REGISTERS_SHARE * before.registers):
        yield (
            f"{name}: {row.registers} registers, {before.registers} before "
            f"({before.compiler} {before.version}, linker {before.linker}); if that is right, {UPDATE}"
        )
    elif row.code != before.code:
        yield f"{name}: what it is compiled from has changed since the table was written; {UPDATE}"


def _name(row: Row) -> str:
    return f"{row.operation}/{row.kernel} ({row.compiler}, {row.architecture})"
