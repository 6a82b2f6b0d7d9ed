"""Confirming a suspicion: what looks slower is measured again, and only that, before the gate decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from groundspeed.referee import discovery
from groundspeed.referee.records import Record
from groundspeed.referee.report import archive

PASSES = 3
BUDGET = 3600.0  # seconds

Run = Callable[[str, int, float, Path, str, tuple[str, ...], str, str, bool], int]
"""As `run` of the benchmark suite: profile, passes, budget, records, machine, operations, implementations,
cases, append."""


def check_place(suspected: Iterable[Record], machine: str, commit: str) -> None:
    """Refuse to measure again on another machine or another commit than the suspicion comes from.

    Args:
        suspected: records of the change.
        machine: name of this machine.
        commit: what is checked out here, "" when that is not known.

    Raises:
        ValueError: the records are of another machine or commit; the message names both.
    """
    for record in suspected:
        if record.machine != machine:
            raise ValueError(
                f"head was measured on {record.machine!r} and this is {machine!r}: confirm it there, or give "
                "this machine that name in GROUNDSPEED_MACHINE if it is the same"
            )
        measured = record.environment.get("commit") or ""
        if commit and measured and measured != commit:
            raise ValueError(
                f"head was measured at commit {measured[:12]} and {commit[:12]} is checked out: check that "
                "commit out, or measure head again"
            )


def remeasure(suspected: Iterable[Record], head: Path, run: Run) -> None:
    """Add processes to the records of the change: PASSES more of every suspected item, nothing else.

    Args:
        suspected: records of the change that look slower.
        head: their folder.
        run: measures and appends to the folder.

    Raises:
        ValueError: the records are published ones, to which nothing can be added.
    """
    if head.is_file() or archive.find(head):
        raise ValueError(f"{head} is published: confirm the folder of records that it was made from")
    for record in {one.key: one for one in suspected}.values():
        cases = {case.name: case for case in discovery.operation(record.operation).cases}
        run(
            cases[record.case].profile,
            PASSES,
            BUDGET,
            head,
            record.machine,
            (record.operation,),
            _only(record.implementation),
            _only(record.case),
            True,
        )


def _only(name: str) -> str:
    return f"^{re.escape(name)}$"
