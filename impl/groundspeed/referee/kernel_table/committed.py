"""The committed table: one `kernels.csv` in the folder of each topic, so that topics stay apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from groundspeed import operations
from groundspeed.referee.kernel_table.row import Row, read, write

NAME = "kernels.csv"


def read_committed(folder: Path = operations.HERE) -> list[Row]:
    """The rows of all topics below a folder."""
    return [row for path in sorted(folder.glob(f"*/*/{NAME}")) for row in read(path)]


def write_committed(rows: Iterable[Row], folder: Path = operations.HERE) -> None:
    """Write every topic's rows into its folder, `<folder>/<family>/<topic>/kernels.csv`."""
    homes = {topic.rpartition(".")[2]: topic.split(".") for topic in operations.topics()}
    by_topic: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_topic[row.operation].append(row)
    for name, found in by_topic.items():
        home = folder.joinpath(*homes[name])
        home.mkdir(parents=True, exist_ok=True)
        write(home / NAME, found)
