"""Times of implementations too slow for a case: measured on parts of it, scaled by the work they have to do.

A part is timed, and the work in it is counted in the unit that the implementation declares (`Cost`): pairs of
points, edges tested. What the whole case takes is its work times the seconds per unit of the largest part.
No exponent is fitted: stretched over a factor of a thousand, an error of 0.3 in one is a factor of eight.

The smaller parts say how far the seconds per unit are from constant. The interval supposes that what they
drift by between the smallest and the largest part, in the median of the processes, goes on, once more for
every such step of the reach. What the largest parts of the processes differ by is noise and is added once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

SHARES = (4, 2, 1)
"""Parts measured, as divisors of the largest."""

MOST_REACH = 1000.0
"""How many times the work of the largest part a case may have. Beyond, no time is stated."""

LEAST_DRIFT = 0.05
"""Of the seconds per unit from the smallest to the largest part: two that happen to agree prove no less."""

Part = dict[str, Any]
"""`{"records": n, "work": w, "seconds": s}`: s is the median of its repetitions."""


def sizes(largest: int) -> list[int]:
    """Numbers of records to measure, ascending, the largest last.

    >>> sizes(1600)
    [400, 800, 1600]
    >>> sizes(2)
    [1, 2]
    """
    return sorted({max(1, largest // share) for share in SHARES})


def doubled(records: int, seconds: float, wanted: float, most: int) -> int:
    """So many records, doubled until they take as long as is wanted; at most `most`.

    Doubling gives the same sizes again and again, whatever the clock said, so that the oracle's answers to
    them are found on disk.

    >>> doubled(100, seconds=0.1, wanted=1.0, most=1_000_000)
    1600
    >>> doubled(100, seconds=3.0, wanted=1.0, most=1_000_000)
    100
    """
    times = max(0, math.ceil(math.log2(wanted / seconds)))
    return min(records << min(times, 40), most)


def scale(work: float, parts: Sequence[Part]) -> float:
    """What the time of the largest part is multiplied with."""
    return float(work / parts[-1]["work"])


def estimate(unit: str, work: float, processes: Sequence[Sequence[Part]]) -> dict[str, Any]:
    """What a record says of an extrapolation.

    Args:
        unit: of the work, in plural.
        work: of the whole case.
        processes: the parts that each process measured, ascending.

    Returns:
        `rule` ("work"), `unit`, `work`, `parts` of all processes, `seconds_per_unit` (median of the largest
        parts), `reach` (largest of all processes), `low` and `high` (seconds of the whole case), `refused`
        (why no time is stated, "" where it is).

    Raises:
        ValueError: no parts, or one without work or time.

    Examples:
        >>> parts = [{"records": n, "work": n * n, "seconds": 1e-6 * n * n} for n in (250, 500, 1000)]
        >>> found = estimate("pairs", 40e6, [parts])
        >>> found["reach"], round(found["seconds_per_unit"] * found["work"], 6)
        (40.0, 40.0)
        >>> round(found["low"], 1), round(found["high"], 1)
        (35.6, 44.9)
    """
    _check(work, processes)
    largest = [parts[-1] for parts in processes]
    reach = max(scale(work, parts) for parts in processes)
    low, high = _bounds(work, processes)
    beyond = f"would reach {reach:,.0f} times as far as was measured; {MOST_REACH:,.0f} times is the most"
    return {
        "rule": "work",
        "unit": unit,
        "work": work,
        "parts": [part for parts in processes for part in parts],
        "seconds_per_unit": median(part["seconds"] / part["work"] for part in largest),
        "reach": reach,
        "low": low,
        "high": high,
        "refused": beyond if reach > MOST_REACH else "",
    }


def _check(work: float, processes: Sequence[Sequence[Part]]) -> None:
    parts = [part for each in processes for part in each]
    if not parts or not all(processes):
        raise ValueError("processes must hold at least one part each; nothing was timed")
    each = [(name, part[name]) for part in parts for name in ("work", "seconds")]
    for name, value in [("work", work), *each]:
        if not value > 0 or not math.isfinite(value):
            raise ValueError(f"{name} must be positive, got {value}; measure larger parts, mend the cost")


def _bounds(work: float, processes: Sequence[Sequence[Part]]) -> tuple[float, float]:
    """Seconds of the whole case, lowest and highest: what the largest parts of the processes differ by, and
    beyond these the drift that the processes have in common."""
    rates = [[part["seconds"] / part["work"] for part in parts] for parts in processes]
    shared = zip(*(map(_logarithms, rates)), strict=False)
    drift = max(LEAST_DRIFT, *(abs(median(each)) for each in shared))
    step = max(2.0, median(parts[-1]["work"] / parts[0]["work"] for parts in processes))
    reach = max(1.0, median(scale(work, parts) for parts in processes))
    wide = math.exp(drift * (1 + math.log(reach) / math.log(step)))
    last = [each[-1] * work for each in rates]
    return min(last) / wide, max(last) * wide


def _logarithms(rates: Sequence[float]) -> list[float]:
    """Of the rates in units of the last, the last first."""
    return [math.log(rate / rates[-1]) for rate in reversed(rates)]
