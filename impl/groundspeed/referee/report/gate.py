"""The regression gate: has a change made anything slower, costlier or wrong?

Deterministic work counters decide first, then agreement, then time. Only Groundspeed's own records can fail
the gate; the competitors, whose code a commit here cannot change, are the control: if they slowed down too,
suspect the machine. A slower time is a suspicion that a re-run of the slower items confirms or clears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb
from pathlib import Path

from groundspeed.referee.records import Record
from groundspeed.referee.report.bundle import Bundle, load
from groundspeed.referee.report.formatting import bracket, factor, percent, plural, significant
from groundspeed.referee.report.statistics import ratio_interval, slower
from groundspeed.referee.report.table import OURS

WORK_TOLERANCE = 0.01
SMALLEST_CHANGE = 0.10
LANES = ("run", "host_to_host", "file_to_file")
SIGNIFICANT = 0.05 + 1e-9
"""Probability of such ranks among processes of equal code, by the exact rank sum test; three against three
can just reach it."""

MeasureAgain = Callable[[list[Record], Path], None]
"""Called with suspected records of the change and their folder."""


@dataclass(frozen=True)
class Finding:
    """One thing the gate noticed.

    Attributes:
        fails: whether it fails the gate.
        record: what it is about.
        reason: what was seen, what is allowed.
        suspected: whether it is a time of Groundspeed's that a re-run has to confirm.
    """

    fails: bool
    record: Record
    reason: str
    suspected: bool = False

    def __str__(self) -> str:
        verdict = "FAIL" if self.fails else "note"
        return f"{verdict}  {' / '.join(self.record.key)}: {self.reason}"


def threshold(base: Bundle, head: Bundle) -> float:
    """The smallest relative change that counts: twice the larger noise floor, but at least 10 %."""
    return max(2 * max(base.floor or 0.0, head.floor or 0.0), SMALLEST_CHANGE)


def same_code(base: Bundle, head: Bundle) -> str:
    """What to say where both sides measured the same Groundspeed under different commits, else ""."""
    ours = [[record for record in side.records if record.library == OURS] for side in (base, head)]
    old, new = ({record.code.get("package", "") for record in records} for records in ours)
    commits = [{commit for record in records for commit in record.commits} for records in ours]
    if old != new or "" in old or commits[0] == commits[1]:
        return ""
    return (
        f"both sides measured the same code ({', '.join(sorted(old))}), whatever the commits say: every "
        "difference is noise; install the change and measure head again"
    )


def check(base: Bundle, head: Bundle) -> list[Finding]:
    """Everything that got worse, failures and notes, work counters before answers before times."""
    after = {record.key: record for record in head.records}
    pairs = [(before, after[before.key]) for before in base.records if before.key in after]
    gone = [record for record in base.records if record.key not in after]
    allowed = threshold(base, head)
    findings = [finding for pair in pairs for finding in _work(*pair)]
    findings += [finding for pair in pairs for finding in _answers(*pair)]
    findings += [_finding(record, "is in BASE but not in HEAD: measure it again") for record in gone]
    findings += [finding for pair in pairs for lane in LANES for finding in _times(*pair, lane, allowed)]
    return findings


def _finding(record: Record, reason: str, suspected: bool = False) -> Finding:
    ours = record.library == OURS and record.verdict != "missing"
    return Finding(ours, record, reason if ours else f"control: {reason}", suspected and ours)


def _work(before: Record, after: Record) -> Iterator[Finding]:
    for name in sorted(before.work.keys() & after.work.keys()):
        old, new = before.work[name], after.work[name]
        if new > old * (1 + WORK_TOLERANCE):
            change = f"{significant(old, 6)} -> {significant(new, 6)}"
            yield _finding(before, f"work counter {name!r} rose {change}; allowed: {percent(WORK_TOLERANCE)}")


def _answers(before: Record, after: Record) -> Iterator[Finding]:
    if before.verdict == "pass" and after.verdict != "pass":
        yield _finding(
            before, f"agreed with the oracle, now {after.verdict}: {after.agreement.get('reason', '')}"
        )


def _times(before: Record, after: Record, lane: str, allowed: float) -> Iterator[Finding]:
    measured = before.kind == after.kind == "measured" and before.verdict == after.verdict == "pass"
    old, new = before.seconds(lane), after.seconds(lane)
    if not measured or not old or not new or new / old <= 1 + allowed:
        return
    ranks = after.samples(lane), before.samples(lane)
    numbers = f"({plural(len(ranks[0]), 'process')} after {len(ranks[1])})"
    told = [f"{lane} takes {factor(new / old)} as long", bracket(ratio_interval(*ranks)), numbers]
    longer = " ".join(filter(None, told))
    if slower(*ranks) <= SIGNIFICANT:
        yield _finding(before, f"{longer}; allowed: {percent(allowed)}", suspected=True)
    elif 1 / comb(sum(map(len, ranks)), len(ranks[0])) > SIGNIFICANT:
        ours = before.library == OURS
        yield Finding(False, before, f"{longer}, but so few prove nothing: measure again", ours)
    else:
        yield Finding(False, before, f"{longer}, but so do processes of equal code by chance")


def compare(base: Path, head: Path, measure_again: MeasureAgain | None = None) -> int:
    """Compare two folders of records machine by machine and print what got worse.

    Args:
        base: records of the accepted state: a folder of shards, or a published records.json.
        head: records of the change, made on the same machines.
        measure_again: adds processes to suspected records of the change, which are then judged again; None
            judges what there is.

    Returns:
        0 when nothing of Groundspeed's got worse, else 1.

    Raises:
        FileNotFoundError: a folder holds no records.
        ValueError: no machine is in both, or base holds no time of Groundspeed's on one.
    """
    findings = _compare(base, head)
    suspected = [finding for finding in findings if finding.suspected]
    if suspected and measure_again is None:
        print(f"{plural(len(suspected), 'suspicion')} that no re-run has confirmed: compare with --confirm")
    elif suspected and measure_again:
        wanted = {(finding.record.machine, finding.record.key) for finding in suspected}
        everything = [record for bundle in load(head).values() for record in bundle.records]
        records = [record for record in everything if (record.machine, record.key) in wanted]
        print(f"measuring again: {plural(len(records), 'item')}", flush=True)
        measure_again(records, head)
        print("after the re-run:")
        findings = _compare(base, head)
    return int(any(finding.fails for finding in findings))


def _compare(base: Path, head: Path) -> list[Finding]:
    before, after = load(base), load(head)
    common = sorted(before.keys() & after.keys())
    if not common:
        raise ValueError(
            f"base has machines {sorted(before)}, head has {sorted(after)}: times of different machines are "
            "not compared; measure both on one machine, under one name"
        )
    findings = []
    for machine in common:
        if not any(record.library == OURS and record.processes for record in before[machine].records):
            raise ValueError(
                f"base holds no time of Groundspeed's on {machine}, so that nothing could get worse; measure "
                "base again, with it"
            )
        if reason := same_code(before[machine], after[machine]):
            print(f"{machine}: {reason}")
        found = check(before[machine], after[machine])
        floor = "" if before[machine].floor is not None else " (no noise floor measured: nox -s calibrate)"
        print(f"{machine}: allowed change {percent(threshold(before[machine], after[machine]))}{floor}")
        print("\n".join(map(str, found)) or "nothing got worse")
        findings += found
    return findings
