"""The regression gate: has a change made anything slower, costlier or wrong?

Deterministic work counters decide first, then agreement, then time. Only Groundspeed's own records can fail
the gate; the competitors, whose code a commit here cannot change, are the control: if they slowed down too,
suspect the machine. A slower time is a suspicion that a re-run of the slower items confirms or clears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from groundspeed.referee.records import Record
from groundspeed.referee.report.bundle import Bundle, load
from groundspeed.referee.report.formatting import bracket, factor, percent, plural, significant
from groundspeed.referee.report.statistics import ratio_interval
from groundspeed.referee.report.table import OURS

WORK_TOLERANCE = 0.01
SMALLEST_CHANGE = 0.10
LANES = ("run", "host_to_host", "file_to_file")

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
    interval = ratio_interval(after.samples(lane), before.samples(lane))
    slower = f"{lane} takes {factor(new / old)} as long {bracket(interval)}".rstrip()
    if interval is None:
        ours = before.library == OURS
        yield Finding(False, before, f"{slower}, but 1 process gives no interval: measure again", ours)
    elif interval.low <= 1:
        yield Finding(False, before, f"{slower}, but the interval includes 1")
    else:
        yield _finding(before, f"{slower}; allowed: {percent(allowed)}", suspected=True)


def compare(base: Path, head: Path, measure_again: MeasureAgain | None = None) -> int:
    """Compare two folders of records machine by machine and print what got worse.

    Args:
        base: records of the accepted state.
        head: records of the change, made on the same machines.
        measure_again: adds processes to suspected records of the change, which are then judged again; None
            judges what there is.

    Returns:
        0 when nothing of Groundspeed's got worse, else 1.

    Raises:
        FileNotFoundError: a folder holds no records.
        ValueError: no machine is in both.
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
        found = check(before[machine], after[machine])
        floor = "" if before[machine].floor is not None else " (no noise floor measured: nox -s calibrate)"
        print(f"{machine}: allowed change {percent(threshold(before[machine], after[machine]))}{floor}")
        print("\n".join(map(str, found)) or "nothing got worse")
        findings += found
    return findings
