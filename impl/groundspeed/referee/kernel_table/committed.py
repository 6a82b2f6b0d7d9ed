"""The committed table: one `kernels.csv` in the folder of each operation, so that operations stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from groundspeed import operations
from groundspeed.referee.kernel_table.row import Row, read, write

NAME = "kernels.csv"


def read_committed(folder: Path = operations.HERE) -> list[Row]:
    """The rows of all operations below a folder."""
    return [row for path in sorted(folder.glob(f"*/*/{NAME}")) for row in read(path)]


def write_committed(rows: Iterable[Row], folder: Path = operations.HERE) -> None:
    """Write every operation's rows into its folder, `<folder>/<family>/<operation>/kernels.csv`."""
    by_operation: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_operation[row.operation].append(row)
    for operation, found in by_operation.items():
        home = folder / operations.names()[operation] / operation
        home.mkdir(parents=True, exist_ok=True)
        write(home / NAME, found)
