"""What one call of an operation does on a device: launches, array calls, waits, copies, memory.

Counted on the emulator, whose arrays count what CuPy's would cost, so none of it is a time and no GPU takes
part. Inputs are on the device already. The counts of smoke cases are committed, `device_calls.csv` in each
topic's folder, and are bounds in tests: a change that launches or waits more often fails without any clock.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from groundspeed import operations
from groundspeed.engines.choice import get
from groundspeed.referee import case_inputs, ours
from groundspeed.referee.model import Case, Operation

NAME = "device_calls.csv"
BOUNDS = ("launches", "array_calls", "read_backs")
"""Counters that may not rise; bytes follow from the inputs and the dtype, and are told only."""
UPDATE = "wait less, or run `groundspeed ops --calls --update`, commit device_calls.csv and say why"


@dataclass(frozen=True)
class Calls:
    """The counts of one case, see `groundspeed.engines.emulator.Counters`."""

    operation: str
    case: str
    launches: int
    array_calls: int
    read_backs: int
    copied_bytes: int
    device_peak_bytes: int

    @property
    def key(self) -> tuple[str, str]:
        """Operation and case."""
        return self.operation, self.case


def count(operation: Operation, case: Case) -> Calls:
    """Count one call, result left on the device.

    Raises:
        EngineUnavailable: no CUDA compiler, or no gcc.
    """
    one = ours.make(operation, "emulator")
    built = one.build(**one.prepare(case_inputs.resolve(case)))
    with get("emulator").counting() as counted:  # type: ignore[attr-defined]
        one.run(**built)
    return Calls(operation.name, case.name, **counted.as_dict())


def read_committed(folder: Path = operations.HERE) -> list[Calls]:
    """The rows of all topics below a folder."""
    return [row for path in sorted(folder.glob(f"*/*/{NAME}")) for row in _read(path)]


def write_committed(rows: Iterable[Calls], folder: Path = operations.HERE) -> None:
    """Write every row into its topic's folder; rows of other operations of the topic stay."""
    by_topic: dict[str, list[Calls]] = {}
    for row in rows:
        by_topic.setdefault(operations.names()[row.operation], []).append(row)
    for topic, found in by_topic.items():
        path = folder.joinpath(*topic.split("."), NAME)
        counted = {row.operation for row in found}
        kept = [row for row in _read(path) if row.operation not in counted] if path.exists() else []
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(Calls.__dataclass_fields__), lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(row) for row in sorted(kept + found, key=lambda row: row.key))


def _read(path: Path) -> Iterator[Calls]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            operation, case = row.pop("operation"), row.pop("case")
            yield Calls(operation, case, **{name: int(number) for name, number in row.items()})


def risen(found: Iterable[Calls], committed: Iterable[Calls]) -> list[str]:
    """Sentences that each name a case and the counter that rose; empty if none did.

    >>> before = Calls("join", "small", 4, 9, 2, 16, 800)
    >>> risen([Calls("join", "small", 4, 8, 3, 24, 800)], [before])[0].partition(";")[0]
    'join/small: read_backs rose from 2 to 3 a call'
    """
    bounds = {row.key: row for row in committed}
    return [line for row in found for line in _risen(row, bounds.get(row.key))]


def _risen(row: Calls, bound: Calls | None) -> Iterator[str]:
    name = "/".join(row.key)
    if bound is None:
        yield f"{name}: not in the committed table; run `groundspeed ops --calls --update`"
        return
    for counter in BOUNDS:
        before, now = getattr(bound, counter), getattr(row, counter)
        if now > before:
            yield f"{name}: {counter} rose from {before} to {now} a call; {UPDATE}"
