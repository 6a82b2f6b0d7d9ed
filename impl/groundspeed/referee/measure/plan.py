"""What a run measures: operations x cases x implementations, and which of them a pass still has time for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from groundspeed.datasets import DatasetError
from groundspeed.referee import case_inputs, discovery
from groundspeed.referee.measure import stopwatch
from groundspeed.referee.model import Case, Implementation
from groundspeed.referee.records import Record, shard_path


def class_name(operation: str) -> str:
    """Name of the benchmark class of an operation.

    >>> class_name("point_in_polygon")
    'PointInPolygon'
    """
    return "".join(word.capitalize() for word in operation.split("_"))


@dataclass(frozen=True)
class Item:
    """One process of a pass."""

    operation: str
    case: str
    implementation: str

    @property
    def pattern(self) -> str:
        """Regular expression that selects it, and nothing else, in asv."""
        name = f"operations.{class_name(self.operation)}.optime_run({self.case!r}, {self.implementation!r})"
        return f"^{re.escape(name)}$"

    def __str__(self) -> str:
        return f"{self.operation:28} {self.case:24} {self.implementation}"

    @property
    def by(self) -> Implementation:
        """The implementation itself."""
        return discovery.implementations(self.operation)[self.implementation]

    def blank(self) -> Record:
        """Its record before anything is measured."""
        operation = discovery.operation(self.operation)
        case = next(case for case in operation.cases if case.name == self.case)
        return stopwatch.blank(operation, case, self.by)

    def path(self, root: Path, machine: str, shard: str) -> Path:
        """Where the record of a pass will be."""
        return shard_path(root, machine, self.operation, self.case, self.implementation, shard)


def items(
    profile: str, operations: tuple[str, ...] = (), implementations: str = "", cases: str = ""
) -> tuple[list[Item], dict[Item, str]]:
    """Everything that can run here, and everything that cannot with its reason.

    Args:
        profile: see `groundspeed.referee.discovery.cases`.
        operations: names; none means all.
        implementations, cases: regular expressions that names must match; "" matches all.

    Raises:
        KeyError: no such operation.
        ValueError: nothing is left to run.
    """
    runnable: list[Item] = []
    absent: dict[Item, str] = {}
    for operation in map(
        discovery.operation, operations or [each.name for each in discovery.all_operations()]
    ):
        for case in discovery.cases(operation.name, profile):
            if not re.search(cases, case.name):
                continue
            no_data = missing_data(case)
            for one in discovery.competitors(operation.name, case, profile).values():
                if re.search(implementations, one.name):
                    item = Item(operation.name, case.name, one.name)
                    reason = no_data or discovery.unavailable(one)
                    if reason:
                        absent[item] = reason
                    else:
                        runnable.append(item)
    if not runnable:
        raise ValueError(
            f"nothing to measure: profile {profile!r} has no case for operations={operations or 'all'}"
            f", cases matching {cases!r} and implementations matching {implementations!r} that can run here"
        )
    return runnable, absent


def missing_data(case: Case) -> str:
    """Why the real data of a case cannot be had, "" when they can; fetches those that are new here."""
    try:
        if case.real:
            case_inputs.resolve(case)
    except DatasetError as error:
        return f"n/a: {error}"
    return ""


def affordable(costs: dict[Item, float], seconds: float) -> list[Item]:
    """As many items as fit in so many seconds, cheapest first: a short pass repeats as much as it can.

    >>> a, b = Item("op", "case", "slow"), Item("op", "case", "fast")
    >>> [item.implementation for item in affordable({a: 9.0, b: 1.0}, 5.0)]
    ['fast']
    """
    chosen, spent = set(), 0.0
    for item in sorted(costs, key=costs.__getitem__):
        spent += costs[item]
        if spent > seconds:
            break
        chosen.add(item)
    return [item for item in costs if item in chosen]
