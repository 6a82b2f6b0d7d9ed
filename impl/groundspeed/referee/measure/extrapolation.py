"""Times of implementations too slow for a case: measured on parts, extrapolated by a fitted power law."""

from __future__ import annotations

import math
from typing import Any

SHARES = (16, 4, 1)
"""Parts measured, as divisors of the implementation's limit: a lever of 16 for the exponent."""


def sizes(limit: int) -> list[int]:
    """Numbers of records to measure, ascending, the limit last.

    >>> sizes(1600)
    [100, 400, 1600]
    >>> sizes(2)
    [1, 2]
    """
    return sorted({max(1, limit // share) for share in SHARES})


def fit(records: list[int], seconds: list[float]) -> dict[str, Any]:
    """The exponent p of `seconds ~ records ** p`, by least squares on logarithms.

    >>> round(fit([10, 100, 1000], [1e-3, 1e-1, 1e1])["exponent"], 6)
    2.0

    Raises:
        ValueError: fewer than two sizes, or a time that is not positive.
    """
    if len(set(records)) < 2 or len(records) != len(seconds):
        raise ValueError(
            f"records and seconds need two different sizes at least, got {records} and {seconds}"
        )
    if min(seconds) <= 0:
        raise ValueError(f"seconds must be positive, got {min(seconds)}; measure larger parts")
    x, y = ([math.log(value) for value in values] for values in (records, seconds))
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    exponent = covariance / sum((a - mean_x) ** 2 for a in x)
    return {"records": records, "seconds": seconds, "exponent": exponent}
