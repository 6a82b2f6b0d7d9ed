"""One asv benchmark per operation: every case of the profile x every implementation. Never edited."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from groundspeed import catalog

from . import _budget, _optime

PROFILE = os.environ.get("GROUNDSPEED_PROFILE", "quick")


def _version(operation: catalog.Operation) -> str:
    """Changes whenever what is measured, who is measured or how it is measured changes."""
    parts = [repr(case) for case in operation.cases]
    parts += [one.name + one.source for one in catalog.implementations(operation.name).values()]
    return hashlib.sha256("\0".join([_optime.VERSION, *parts]).encode()).hexdigest()


def _setup(self: Any, case: str, implementation: str) -> None:
    on = next(each for each in catalog.operation(self.operation).cases if each.name == case)
    one = catalog.contestants(self.operation, on).get(implementation)
    reason = "takes no part in this case" if one is None else catalog.unavailable(one)
    if reason:
        raise NotImplementedError(reason)


def _suite(operation: catalog.Operation, cases: list[catalog.Case]) -> type:
    def optime_run(self: Any, case: str, implementation: str) -> tuple[str, str, str]:
        return operation.name, case, implementation

    optime_run.pretty_name = operation.rule  # type: ignore[attr-defined]
    return type(
        _optime.class_name(operation.name),
        (),
        {
            "__doc__": operation.rule,
            "operation": operation.name,
            "params": [[case.name for case in cases], list(catalog.implementations(operation.name))],
            "param_names": ["case", "implementation"],
            "setup": _setup,
            "optime_run": optime_run,
            "timeout": _budget.BUDGETS[PROFILE].limit + _budget.GRACE,
            "version": _version(operation),
        },
    )


for _operation in catalog.all_operations():
    _cases = catalog.cases(_operation.name, PROFILE)
    if _cases:
        globals()[_optime.class_name(_operation.name)] = _suite(_operation, _cases)
