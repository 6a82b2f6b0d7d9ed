"""Intervals and means: order statistics of process medians, geometric means of ratios.

Processes, not repetitions, are what an interval rests on: repetitions inside one process share its memory
layout, its JIT and its clock state, and pretend a certainty that a second process does not confirm (Kalibera
and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).

Interval of a speed-up: each side gets the interval of its median that its sorted values give without any
assumption about their distribution (Hahn and Meeker, *Statistical Intervals*, 1991, section 5.2), and the
quotients of the ends are the interval of the quotient. It is wider than a bootstrap and keeps its promise
where a bootstrap does not: with few processes, skewed times and slow minutes (`coverage` simulates them).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.stats import binom, gmean, mannwhitneyu

CONFIDENCE = 0.95
LEAST = 6
"""Processes on each side below which there is no interval: the smallest number with which it keeps its
promise in every world that `coverage` simulates."""


class Interval(NamedTuple):
    """Ends of an interval, or of a range."""

    low: float
    high: float


def spread(samples: Sequence[float]) -> Interval | None:
    """The smallest and the largest process median: what was seen, no promise; None of fewer than two.

    Examples:
        >>> spread([2.0, 1.0, 4.0])
        Interval(low=1.0, high=4.0)
        >>> spread([1.0]) is None
        True
    """
    return Interval(min(samples), max(samples)) if len(samples) > 1 else None


def ratio_interval(numerator: Sequence[float], denominator: Sequence[float]) -> Interval | None:
    """Interval of median(numerator) / median(denominator); None with fewer than LEAST processes on a side.

    Examples:
        >>> ratio_interval([4.0, 4.1, 4.2, 4.1, 4.4, 4.3], [2.0] * 6)
        Interval(low=2.0, high=2.2)
        >>> ratio_interval([4.0] * 6, [2.0] * 5) is None
        True
    """
    if min(len(numerator), len(denominator)) < LEAST:
        return None
    above, below = median_interval(numerator), median_interval(denominator)
    return Interval(above.low / below.high, above.high / below.low)


def median_interval(samples: Sequence[float]) -> Interval:
    """The k-th smallest and k-th largest value, k as large as the side's share of the confidence allows.

    Each side of a ratio may miss in half of the cases in which the ratio may. Of six values even the
    smallest and the largest miss a little more often (3.1 %); the other side makes up for it.

    Examples:
        >>> median_interval([5.0, 1.0, 2.0, 4.0, 3.0, 6.0])
        Interval(low=1.0, high=6.0)
        >>> median_interval([float(value) for value in range(20)])
        Interval(low=4.0, high=15.0)
    """
    ordered = sorted(samples)
    rank = _rank(len(ordered))
    return Interval(ordered[rank - 1], ordered[-rank])


@cache
def _rank(number: int) -> int:
    """The largest k for which fewer than k of so many values lie on one side of their median with no more
    than a quarter of the probability with which the ratio may miss."""
    return max(1, int(binom.ppf((1 - CONFIDENCE) / 4, number, 0.5)))


def slower(after: Sequence[float], before: Sequence[float]) -> float:
    """The probability of ranks as bad as these if `after` were no slower: exact one-sided rank sum test
    (Mann and Whitney, 1947). Three processes against three can give 0.05 at the least.

    Examples:
        >>> round(slower([1.4, 1.5, 1.3], [1.0, 1.1, 1.2]), 3)
        0.05
    """
    return float(mannwhitneyu(after, before, alternative="greater", method="exact").pvalue)


def geometric_mean(ratios: Sequence[float]) -> float | None:
    """Geometric mean, None of nothing.

    Examples:
        >>> round(geometric_mean([2.0, 8.0]), 12)
        4.0
    """
    return float(gmean(np.asarray(ratios))) if len(ratios) else None
