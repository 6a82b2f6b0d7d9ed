"""What a report is made from: the merged records of one machine and its noise floor."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from groundspeed.referee.records import NOISE, Record, merge, read, shard_path
from groundspeed.referee.report.formatting import size
from groundspeed.referee.report.table import Row, rows

VOLATILE = "load_average"
"""Part of the environment that no two records share; the range over all processes is shown instead."""


@dataclass(frozen=True)
class Bundle:
    """One machine's records.

    Attributes:
        machine: its name.
        records: merged, one per operation, case and implementation.
        noise: what `noise.json` holds, e.g. `{"floor": 0.03}`, or None when no A/A run was made.
    """

    machine: str
    records: list[Record]
    noise: dict[str, Any] | None = None

    @cached_property
    def rows(self) -> list[Row]:
        """Every implementation in every lane."""
        return rows(self.records)

    @property
    def floor(self) -> float | None:
        """The A/A noise floor: 95th percentile of |log ratio| of equal code measured twice."""
        return None if self.noise is None else float(self.noise["floor"])

    @property
    def measured_at(self) -> str:
        """Date (UTC) of the newest measurement, "" when nothing was measured."""
        started = [process.started_at for record in self.records for process in record.processes]
        return max(started, default="")[:10]

    @property
    def environment(self) -> dict[str, str]:
        """What the machine is and which versions ran; values that differ stand side by side."""
        found: dict[str, set[str]] = defaultdict(set)
        for record in self.records:
            for name, value in _flat(record.environment):
                found[name].add(value)
        loads = [one.load_average for record in self.records for one in record.processes]
        known = [load for load in loads if load is not None]
        if known:
            found["load average"].add(f"{min(known):.2f} to {max(known):.2f}")
        return {name: " | ".join(sorted(found[name])) for name in sorted(found)}


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Leaves of nested dicts and lists of dicts as (`section: item`, text), empty ones left out."""
    leaves = []
    for name, value in tree.items():
        if isinstance(value, list):
            value = {str(index): one for index, one in enumerate(value)}
        if isinstance(value, dict):
            leaves += _flat(value, f"{prefix}{name}: ")
        elif value not in (None, "") and name != VOLATILE:
            leaves.append((f"{prefix}{name}", size(value) if name == "memory" else str(value)))
    return leaves


def load(root: Path) -> dict[str, Bundle]:
    """Every machine below a folder of shards, by name.

    Raises:
        FileNotFoundError: the folder is missing or holds no records; the message says how to make some.
    """
    shards: dict[str, list[Record]] = defaultdict(list)
    for record in read(root):
        shards[record.machine].append(record)
    if not shards:
        raise FileNotFoundError(
            f"records: no record below {root}; measure first, e.g. groundspeed bench run --profile quick"
        )
    return {
        machine: Bundle(machine, merge(found), _noise(root, machine))
        for machine, found in sorted(shards.items())
    }


def published(path: Path) -> Bundle:
    """What a report was made from: its records.json."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Bundle(content["machine"], list(map(Record.from_dict, content["records"])), content["noise"])


def _noise(root: Path, machine: str) -> dict[str, Any] | None:
    """`noise.json` of a machine: in its folder of shards, which may be `root` itself."""
    folder = shard_path(Path(), machine, "", "", "", "").parts[0]
    paths = [root / folder / NOISE, *([root / NOISE] if root.resolve().name == folder else [])]
    found = next((path for path in paths if path.is_file()), None)
    return json.loads(found.read_text(encoding="utf-8")) if found else None
