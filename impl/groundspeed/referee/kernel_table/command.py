"""`groundspeed kernels`: compile every kernel for every architecture and compare with the committed table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundspeed.referee import kernel_table
from groundspeed.referee.kernel_table.architectures import ARCHITECTURES
from groundspeed.referee.kernel_table.check import problems
from groundspeed.referee.kernel_table.committed import read_committed, write_committed
from groundspeed.referee.kernel_table.row import Row
from groundspeed.referee.kernel_table.stale import COMPILERS
from groundspeed.referee.kernel_table.table import order, table

COLUMNS = {
    "operation": "operation",
    "kernel": "kernel",
    "compiler": "compiler",
    "architecture": "arch",
    "registers": "regs",
    "spilled": "spilled",
    "shared": "shared",
    "occupancy": "occup.",
    "f64": "f64",
    "f32": "f32",
    "integer": "int",
    "loads": "loads",
    "stores": "stores",
}


def kernels(
    update: Annotated[
        bool, typer.Option("--update", help="Write the table instead of comparing with it.")
    ] = False,
    arch: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(ARCHITECTURES)}; default all.")
    ] = None,
    compiler: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(COMPILERS)}; default all.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Compile also what neither code nor compiler has changed of.")
    ] = False,
    folder: Annotated[
        Path, typer.Option(help="Where the operations' folders with the committed tables are.")
    ] = Path("impl/groundspeed/operations"),
) -> None:
    """Compile kernels to machine code, without a GPU: registers, spills, occupancy, instructions.

    Rows of the committed table whose code and compiler have not changed since are taken from there.
    """
    chosen = _known("--arch", arch, ARCHITECTURES), _known("--compiler", compiler, COMPILERS)
    committed = read_committed(folder)
    declared = {(operation, kernel.name): kernel for operation, kernel in kernel_table.kernels()}
    found, compiled = table(() if everything else committed, *chosen)
    typer.echo(text(found))
    typer.echo(f"{len(compiled)} of {len(found)} rows compiled", err=True)
    if update:
        asked = {row.key for row in found}
        others = [row for row in committed if row.key not in asked and row.key[:2] in declared]
        committed = sorted(others + found, key=order)
        write_committed(committed, folder)
    said = problems(found, committed, declared)
    for line in said:
        typer.echo(line, err=True)
    if said:
        raise typer.Exit(1)


def _known(option: str, chosen: list[str] | None, known: dict) -> tuple[str, ...]:
    for name in chosen or ():
        if name not in known:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(known)}", param_hint=option)
    return tuple(chosen or known)


def text(found: list[Row]) -> str:
    """The table in fixed-width columns."""
    cells = [list(COLUMNS.values())]
    cells += [[_cell(getattr(row, name)) for name in COLUMNS] for row in found if not row.error]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _cell(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, float) else str(value)
