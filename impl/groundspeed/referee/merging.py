"""One record of all processes of an implementation and case; processes of different code are not merged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from groundspeed.referee import extrapolation
from groundspeed.referee.records import Process, Record

OURS = "groundspeed"


class Mixed(ValueError):
    """Processes of one row that measured different things; the message names rows and what differs."""


def merge(shards: list[Record]) -> list[Record]:
    """One record per (operation, case, implementation): processes together, the worst verdict wins.

    Where some processes timed the whole case and others parts of it, the parts are left out.

    Raises:
        Mixed: processes of one record ran different code, on different inputs or with different cores.
    """
    groups: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for shard in shards:
        groups[shard.key].append(shard)
    mixed = [text for key, group in groups.items() for text in _differences(key, group)]
    if mixed:
        raise Mixed(
            "these processes measured different things and cannot be merged; measure the rows again "
            "(groundspeed bench run), or move the shards of one side away:\n  " + "\n  ".join(mixed)
        )
    return [_merged(group) for group in groups.values()]


def _differences(key: tuple[str, str, str], group: list[Record]) -> list[str]:
    """What differs within a row, in words."""
    measured = [shard for shard in group if shard.processes]
    found = []
    for name, aspect in _ASPECTS.items():
        seen = Counter((aspect(shard), ", ".join(shard.commits) or "unknown") for shard in measured)
        if len({value for value, _ in seen}) > 1:
            each = [f"{value} ({count} at commit {commit[:12]})" for (value, commit), count in seen.items()]
            found.append(f"{' / '.join(key)}: {name} differs: {' and '.join(sorted(each))}")
    return found


def _code(shard: Record) -> str:
    """Ours is the whole package; a competitor's is what declares it."""
    return str(shard.code.get("package" if shard.library == OURS else "declared", "not written down"))


def _distributions(shard: Record) -> str:
    found: dict[str, Any] = shard.code.get("distributions", {})
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items())) or "not written down"


def _cores(shard: Record) -> str:
    cores = {process.cores for process in shard.processes} - {0}
    return " and ".join(map(str, sorted(cores))) or str(shard.environment.get("cores", "not written down"))


_ASPECTS: dict[str, Callable[[Record], str]] = {
    "rules of measuring": lambda shard: str(shard.code.get("method", f"schema {shard.schema}")),
    "code": _code,
    "distributions": _distributions,
    "inputs": lambda shard: " ".join(shard.inputs_hash.values()) or "not written down",
    "cores": _cores,
}


def _merged(group: list[Record]) -> Record:
    first = next((shard for shard in group if shard.verdict != "pass"), group[-1])
    whole = [shard for shard in group if shard.kind == "measured" and shard.processes]
    timed = whole or group
    processes = [process for shard in timed for process in shard.processes]
    lead = next((shard for shard in reversed(timed) if shard.processes), first)
    return replace(
        first,
        kind=lead.kind,
        measured_records=max(shard.measured_records for shard in timed),
        processes=processes,
        extrapolation=_extrapolation(lead, processes),
    )


def _extrapolation(lead: Record, processes: list[Process]) -> dict[str, Any] | None:
    """By the parts of all processes; what the record says where they are not written down."""
    found = lead.extrapolation
    parts = [process.parts for process in processes if process.parts]
    if found is None or not parts:
        return found
    return extrapolation.estimate(found["unit"], found["work"], parts)
