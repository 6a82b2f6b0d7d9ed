"""The verdict: is a result what the oracle says?

A policy belongs to an operation. It brings any implementation's collected result to canonical form and
compares two canonical forms; the verdict says how many values were compared, how many differ and by how much
at most.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

VERDICTS = ("pass", "fail", "missing", "timeout", "oom", "error")


@dataclass(frozen=True)
class Agreement:
    """The outcome of one comparison.

    Attributes:
        verdict: one of VERDICTS.
        oracle: the implementation compared with.
        compared: number of values (pairs, distances) compared.
        differing: how many of them differ by more than the tolerance.
        max_absolute, max_relative: largest differences seen; 0 for exact comparisons.
        tolerance: the rule applied, in words.
        reason: why there is no pass, "" otherwise.
    """

    verdict: Literal["pass", "fail", "missing", "timeout", "oom", "error"]
    oracle: str = ""
    compared: int = 0
    differing: int = 0
    max_absolute: float = 0.0
    max_relative: float = 0.0
    tolerance: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain dict for JSON."""
        return asdict(self)


class Policy(ABC):
    """How results of an operation are brought to one form and compared."""

    @abstractmethod
    def canonical(self, result: Any) -> dict[str, np.ndarray]:
        """The result as named host arrays in one order, whoever computed it."""

    @abstractmethod
    def compare(
        self, expected: dict[str, np.ndarray], actual: dict[str, np.ndarray], dtype: str
    ) -> Agreement:
        """Compare canonical forms; `oracle` is filled in by the caller."""


@dataclass(frozen=True)
class ExactPairs(Policy):
    """Pairs of indices (left, right), compared as sorted sets: not one may differ."""

    def canonical(self, result: Any) -> dict[str, np.ndarray]:
        """Sort by (left, right)."""
        left, right = (np.asarray(side).astype(np.int64, copy=False) for side in result)
        if left.size and (
            np.any(left[1:] < left[:-1]) or np.any((left[1:] == left[:-1]) & (right[1:] < right[:-1]))
        ):
            order = np.lexsort((right, left))
            left, right = left[order], right[order]
        return {"left": left, "right": right}

    def compare(
        self, expected: dict[str, np.ndarray], actual: dict[str, np.ndarray], dtype: str
    ) -> Agreement:
        """Count the pairs that only one side has."""
        same = all(np.array_equal(expected[key], actual[key]) for key in ("left", "right"))
        differing = 0 if same else _only_one_side(expected, actual)
        return Agreement(
            verdict="pass" if same else "fail",
            compared=int(expected["left"].size),
            differing=differing,
            tolerance="exact",
            reason="" if same else f"{differing:,} pairs are in one result only (or twice)",
        )


def _only_one_side(expected: dict[str, np.ndarray], actual: dict[str, np.ndarray]) -> int:
    pairs = [np.rec.fromarrays([side["left"], side["right"]]) for side in (expected, actual)]
    wrong = int(np.setxor1d(pairs[0], pairs[1]).size)
    return wrong or abs(pairs[0].size - pairs[1].size)


@dataclass(frozen=True)
class CloseValues(Policy):
    """Real values in a fixed order, each within `relative * |expected| + absolute`; NaN agrees with NaN only.

    Attributes:
        relative, absolute: tolerances by dtype, e.g. `{"float64": 1e-9, "float32": 1e-5}`.
        unit: of the values, for the report.

    An operation whose results are not equally well conditioned everywhere overrides `tolerance` and `rule`.
    """

    relative: dict[str, float]
    absolute: dict[str, float]
    unit: str = ""

    def canonical(self, result: Any) -> dict[str, np.ndarray]:
        """Flatten to float64, keeping the order."""
        return {"values": np.asarray(result, dtype=np.float64).ravel()}

    def tolerance(self, expected: np.ndarray, dtype: str) -> np.ndarray:
        """Largest difference allowed for each expected value."""
        return self.relative[dtype] * np.abs(expected) + self.absolute[dtype]

    def rule(self, dtype: str) -> str:
        """The tolerance in words, for the report."""
        relative, absolute = self.relative[dtype], self.absolute[dtype]
        return f"|difference| <= {relative:.3g} x |expected| + {absolute:.3g} {self.unit}".rstrip()

    def compare(
        self, expected: dict[str, np.ndarray], actual: dict[str, np.ndarray], dtype: str
    ) -> Agreement:
        """Largest absolute and relative difference, and how many values exceed the tolerance."""
        want, have = expected["values"], actual["values"]
        rule = self.rule(dtype)
        if want.shape != have.shape:
            return Agreement(
                "fail", tolerance=rule, reason=f"{have.size:,} values where {want.size:,} are expected"
            )
        with np.errstate(
            invalid="ignore"
        ):  # infinities of one sign subtract to NaN; they are equal all the same
            difference = np.where(want == have, 0.0, np.abs(have - want))
        close = (difference == 0) | (np.isfinite(want) & (difference <= self.tolerance(want, dtype)))
        wrong = ~(close | (np.isnan(want) & np.isnan(have)))
        differing = int(np.count_nonzero(wrong))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = difference / np.abs(want)
        return Agreement(
            verdict="fail" if differing else "pass",
            compared=int(want.size),
            differing=differing,
            max_absolute=_largest(difference),
            max_relative=_largest(ratio),
            tolerance=rule,
            reason=f"{differing:,} of {want.size:,} values are outside the tolerance" if differing else "",
        )


@dataclass(frozen=True)
class ExactValues(CloseValues):
    """Numbers or truth values in a fixed order, of which not one may differ; NaN agrees with NaN only."""

    relative: dict[str, float] = field(default_factory=lambda: {"float64": 0.0, "float32": 0.0})
    absolute: dict[str, float] = field(default_factory=lambda: {"float64": 0.0, "float32": 0.0})

    def rule(self, dtype: str) -> str:
        """For the report."""
        return "exact"


def _largest(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else 0.0
