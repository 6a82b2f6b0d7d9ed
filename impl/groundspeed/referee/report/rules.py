"""What a reader must know of how a record came about: extrapolated how far, refused why, by which rules."""

from __future__ import annotations

from groundspeed.referee.records import Record
from groundspeed.referee.report.formatting import factor
from groundspeed.referee.report.formatting import seconds as in_words

FARTHEST = 1000.0
"""Reach beyond which an extrapolation is no estimate any more."""


def reach(record: Record) -> float:
    """How many times the largest part that was measured the whole case is, 1 where the whole was measured."""
    if record.kind != "extrapolated" or not record.extrapolation:
        return 1.0
    told = record.extrapolation.get("reach")
    return float(told) if told else record.records / max(1, record.measured_records)


def refused(record: Record) -> str:
    """Why an extrapolated time is not given, "" where it is or nothing is extrapolated."""
    told = (record.extrapolation or {}).get("refused", "")
    if told:
        return f"extrapolation refused: {told}"
    if reach(record) <= FARTHEST:
        return ""
    far, allowed = factor(reach(record)), factor(FARTHEST)
    return f"extrapolation refused: it would reach {far} as far as what was measured, {allowed} is allowed"


def old_rules(record: Record) -> bool:
    """Whether it was measured before records told their code, their inputs and their work."""
    return record.schema < 2


def seconds(record: Record, lane: str) -> float | None:
    """The time of a lane; None where nothing was measured or the extrapolation is refused."""
    return None if refused(record) else record.seconds(lane)


def extrapolated(record: Record) -> str:
    """From what, how, how far and how surely an extrapolated time was inferred, "" where none was.

    New records follow the work counters of the case, old ones a power of the number of records.
    """
    told = record.extrapolation or {}
    if record.kind != "extrapolated" or not told:
        return ""
    if refused(record):
        return refused(record)
    reaches = f"reach {factor(reach(record))}"
    if "exponent" in told:
        sizes = ", ".join(f"{size:,}" for size in told["records"])
        return f"old rule: exponent {told['exponent']:.2f} fitted to {sizes} records, {reaches}, no interval"
    parts = ", ".join(dict.fromkeys(f"{part['work']:,.0f}" for part in told["parts"]))
    ends = f"{in_words(told['low'])} to {in_words(told['high'])}"
    return f"by work: parts of {parts} {told['unit']}, the whole has {told['work']:,.0f}, {reaches}; {ends}"
