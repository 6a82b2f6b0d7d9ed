"""One asv benchmark per operation: every case of the profile x every implementation. Never edited."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from groundspeed.referee import code, discovery, model
from groundspeed.referee.measure import budget
from groundspeed.referee.measure.plan import class_name

PROFILE = os.environ.get("GROUNDSPEED_PROFILE", "quick")


def _version(operation: model.Operation) -> str:
    """Changes with what is asked and how it is measured, and with nothing else: asv drops the history of a
    benchmark whose version changes, and a changed implementation is what the history is for."""
    asked = [(case.name, sorted(case.inputs.items()), case.records, case.dtype) for case in operation.cases]
    return hashlib.sha256("\0".join([code.METHOD, *map(repr, asked)]).encode()).hexdigest()


def _setup(self: Any, case: str, implementation: str) -> None:
    on = next(each for each in discovery.operation(self.operation).cases if each.name == case)
    one = discovery.competitors(self.operation, on).get(implementation)
    reason = "takes no part in this case" if one is None else discovery.unavailable(one)
    if reason:
        raise NotImplementedError(reason)


def _suite(operation: model.Operation, cases: list[model.Case]) -> type:
    def optime_run(self: Any, case: str, implementation: str) -> tuple[str, str, str]:
        return operation.name, case, implementation

    optime_run.pretty_name = operation.rule  # type: ignore[attr-defined]
    return type(
        class_name(operation.name),
        (),
        {
            "__doc__": operation.rule,
            "operation": operation.name,
            "params": [[case.name for case in cases], list(discovery.implementations(operation.name))],
            "param_names": ["case", "implementation"],
            "setup": _setup,
            "optime_run": optime_run,
            "timeout": budget.BUDGETS[PROFILE].limit + budget.GRACE,
            "version": _version(operation),
        },
    )


for _operation in discovery.all_operations():
    _cases = discovery.cases(_operation.name, PROFILE)
    if _cases:
        globals()[class_name(_operation.name)] = _suite(_operation, _cases)
