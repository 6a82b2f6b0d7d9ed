"""What a report is made from: the merged records of one machine and its noise floor."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from groundspeed.referee.merging import merge
from groundspeed.referee.records import NOISE, Record, read, shard_path
from groundspeed.referee.report import archive
from groundspeed.referee.report.declared import Declared
from groundspeed.referee.report.formatting import plural, size
from groundspeed.referee.report.table import Row, rows

NOTES = "notes.md"
"""Remarks on one machine's runs, beside its records."""
VOLATILE = "load_average"
"""Part of the environment that no two records share; the range over all processes is shown instead."""


@dataclass(frozen=True)
class Bundle:
    """One machine's records.

    Attributes:
        machine: its name.
        records: merged, one per operation, case and implementation.
        noise: what `noise.json` holds, e.g. `{"floor": 0.03}`, or None when no A/A run was made.
        declared: the cases that there are, whether they ran here or not.
        remarks: Markdown, what one must know of these runs; it lies in `notes.md` beside the records.
    """

    machine: str
    records: list[Record]
    noise: dict[str, Any] | None = None
    declared: tuple[Declared, ...] = ()
    remarks: str = ""

    @cached_property
    def rows(self) -> list[Row]:
        """Every implementation in every lane."""
        return rows(self.records)

    @property
    def floor(self) -> float | None:
        """The A/A noise floor: 95th percentile of |log ratio| of equal code measured twice."""
        return None if self.noise is None else float(self.noise["floor"])

    @property
    def old_rules(self) -> int:
        """How many of the measured records were measured under the old rules."""
        return sum(record.old_rules for record in self.records if record.processes)

    @property
    def rules(self) -> str:
        """What must be said of records that were measured under the old rules, "" where there are none."""
        measured = sum(bool(record.processes) for record in self.records)
        if not self.old_rules:
            return ""
        return (
            f"Measured under the old rules: {self.old_rules} of {plural(measured, 'record')} (one input for "
            "all repetitions, code known by its commit only, naive loops extrapolated by an exponent)."
        )

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
    """Every machine of a folder of shards, of a published file of records or of a folder of reports.

    Raises:
        FileNotFoundError: the folder is missing or holds no records; the message says how to make some.
        ValueError: records that cannot be read, or processes of different code, by name.
    """
    archives = [root] if root.is_file() else list(filter(None, map(archive.find, (root, *root.glob("*/")))))
    if archives:
        return {bundle.machine: bundle for bundle in map(published, archives)}
    shards: dict[str, list[Record]] = defaultdict(list)
    for record in read(root):
        shards[record.machine].append(record)
    if not shards:
        raise FileNotFoundError(
            f"records: no record below {root}; measure first, e.g. groundspeed bench run --profile quick"
        )
    return {
        machine: Bundle(machine, merge(found), _noise(root, machine), remarks=_notes(root / _folder(machine)))
        for machine, found in sorted(shards.items())
    }


def published(path: Path) -> Bundle:
    """What a report was made from: its file of records."""
    header, records = archive.read(path)
    cases = tuple(Declared(**case) for case in header.get("declared", ()))
    return Bundle(header["machine"], records, header["noise"], cases, _notes(path.parent))


def _notes(folder: Path) -> str:
    path = folder / NOTES
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _noise(root: Path, machine: str) -> dict[str, Any] | None:
    """`noise.json` of a machine: in its folder of shards, which may be `root` itself."""
    folder = _folder(machine)
    paths = [root / folder / NOISE, *([root / NOISE] if root.resolve().name == folder else [])]
    found = next((path for path in paths if path.is_file()), None)
    return json.loads(found.read_text(encoding="utf-8")) if found else None


def _folder(machine: str) -> str:
    """Name of a machine's folder of shards."""
    return shard_path(Path(), machine, "", "", "", "").parts[0]
