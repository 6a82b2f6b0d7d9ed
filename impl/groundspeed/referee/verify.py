"""Agreement before speed: every implementation against the oracle, in this process."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from groundspeed.datasets import DatasetError
from groundspeed.referee import oracle
from groundspeed.referee.case_inputs import resolve
from groundspeed.referee.comparison import Agreement
from groundspeed.referee.competitors import scratch
from groundspeed.referee.discovery import cases, competitors, unavailable
from groundspeed.referee.model import Case, Implementation, Inputs, Operation

ACCEPTED = ("pass", "missing")


@dataclass(frozen=True)
class Verification:
    """One implementation on one case.

    Attributes:
        operation, case, implementation: names.
        records: how many were compared; fewer than the case has where the implementation has a limit.
        agreement: the verdict.
    """

    operation: str
    case: str
    implementation: str
    records: int
    agreement: Agreement


def judge(
    operation: Operation, one: Implementation, inputs: Inputs, dtype: str, records: int, result: Any
) -> Agreement:
    """Compare a collected result with the oracle's answer to the same inputs.

    A result that cannot be compared is a `fail`, not an `error`: it was computed, and is wrong.
    """
    trusted, note = oracle.judge_for(operation, one, records)
    expected = oracle.answer(operation, trusted, inputs)
    try:
        agreement = operation.policy.compare(expected, operation.policy.canonical(result), dtype)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        agreement = Agreement(verdict="fail", reason=f"not comparable: {type(error).__name__}: {error}")
    reason = "; ".join(filter(None, (agreement.reason, note)))
    return replace(agreement, oracle=trusted.name, reason=reason)


def failure(error: BaseException) -> Agreement:
    """The verdict on an implementation that raised: `oom`, else `error` with type, message and place."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" (line {frame.lineno} of {frame.name})" for frame in place)
    verdict = "oom" if isinstance(error, MemoryError) else "error"
    return Agreement(verdict=verdict, reason=f"{type(error).__name__}: {error}{where}")  # type: ignore[arg-type]


def attempt(operation: Operation, case: Case, one: Implementation, inputs: Inputs) -> Verification:
    """Run one implementation on loaded inputs (on no more than its limit) and judge it."""
    records = min(case.records, one.limit or case.records)
    try:
        part = inputs if records == case.records else operation.slice(inputs, records)
        agreement = judge(operation, one, part, case.dtype, records, oracle.call(one, part))
    except Exception as error:
        agreement = failure(error)
    return Verification(operation.name, case.name, one.name, records, agreement)


def verify(operation: Operation, profile: str = "smoke") -> Iterator[Verification]:
    """Every implementation on every case of a profile, one verdict after the other.

    Args:
        operation: see `groundspeed.referee.discovery.operation`.
        profile: one of `groundspeed.referee.model.PROFILES`.

    Yields:
        A Verification each; `missing` with its reason where an implementation or the data cannot be had here.
    """
    for case in cases(operation.name, profile):
        try:
            inputs, no_data = resolve(case), ""
        except DatasetError as error:
            inputs, no_data = {}, f"n/a: {error}"
        for one in competitors(operation.name, case, profile).values():
            reason = no_data or unavailable(one)
            if reason:
                missing = Agreement(verdict="missing", oracle=operation.oracle, reason=reason)
                yield Verification(operation.name, case.name, one.name, case.records, missing)
            else:
                yield attempt(operation, case, one, inputs)
        scratch.clear()


def succeeded(verifications: list[Verification]) -> bool:
    """Whether something passed and nothing failed."""
    verdicts = [one.agreement.verdict for one in verifications]
    return "pass" in verdicts and all(verdict in ACCEPTED for verdict in verdicts)
