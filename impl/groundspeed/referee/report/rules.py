"""What a reader must know of an extrapolated time: from what, how far, how surely, or why there is none."""

from __future__ import annotations

from groundspeed.referee.extrapolation import MOST_REACH
from groundspeed.referee.records import Record
from groundspeed.referee.report.formatting import factor
from groundspeed.referee.report.formatting import seconds as in_words


def refused(record: Record) -> str:
    """Why an extrapolated time is not given, "" where it is or nothing is extrapolated; old records, which do
    not say, are held to the same reach."""
    if record.reach <= MOST_REACH:
        return ""
    far, most = factor(record.reach), factor(MOST_REACH)
    return f"extrapolation refused: it would reach {far} as far as what was measured, {most} is allowed"


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
    reaches = f"reach {factor(record.reach)}"
    if "exponent" in told:
        sizes = ", ".join(f"{size:,}" for size in told["records"])
        return f"old rule: exponent {told['exponent']:.2f} fitted to {sizes} records, {reaches}, no interval"
    parts = ", ".join(dict.fromkeys(f"{part['work']:,.0f}" for part in told["parts"]))
    ends = " to ".join(map(in_words, record.interval or ()))
    return f"parts of {parts} {told['unit']}, the whole has {told['work']:,.0f}: {reaches}, {ends}"
