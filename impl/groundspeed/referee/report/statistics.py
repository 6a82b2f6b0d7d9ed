"""Intervals and means: bootstrap over process-level medians, geometric means of ratios.

Processes, not repetitions, are resampled: repetitions inside one process share its memory layout, its JIT
and its clock state, and pretend a certainty that a second process does not confirm (Kalibera and Jones,
"Rigorous benchmarking in reasonable time", ISMM 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import bootstrap, gmean

RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 20190612


class Interval(NamedTuple):
    """Percentile bootstrap interval at 95 %."""

    low: float
    high: float


def median_interval(samples: Sequence[float]) -> Interval | None:
    """Interval of the median of process-level medians; None with fewer than two processes.

    Examples:
        >>> median_interval([1.0, 1.0, 1.0])
        Interval(low=1.0, high=1.0)
        >>> median_interval([1.0]) is None
        True
    """
    if len(samples) < 2:
        return None
    return _bootstrap((samples,), np.median)


def ratio_interval(numerator: Sequence[float], denominator: Sequence[float]) -> Interval | None:
    """Interval of median(numerator) / median(denominator), both sides resampled; None with one process.

    Examples:
        >>> ratio_interval([4.0, 4.0], [2.0, 2.0])
        Interval(low=2.0, high=2.0)
        >>> ratio_interval([4.0, 4.0], [2.0]) is None
        True
    """
    if min(len(numerator), len(denominator)) < 2:
        return None
    return _bootstrap((numerator, denominator), _ratio_of_medians)


def _ratio_of_medians(numerator: np.ndarray, denominator: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.median(numerator, axis=axis) / np.median(denominator, axis=axis)


def _bootstrap(samples: tuple[Sequence[float], ...], statistic: object) -> Interval:
    found = bootstrap(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=True,
        random_state=SEED,
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def geometric_mean(ratios: Sequence[float]) -> float | None:
    """Geometric mean, None of nothing.

    Examples:
        >>> round(geometric_mean([2.0, 8.0]), 12)
        4.0
    """
    return float(gmean(ratios)) if len(ratios) else None
