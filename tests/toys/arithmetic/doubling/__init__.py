"""A toy operation: twice every value."""

from __future__ import annotations

import numpy as np

from groundspeed.referee.comparison import CloseValues
from groundspeed.referee.model import Case, Operation

CALLS = {"prepare": 0}


def doubling(values, engine=None):
    """Twice every value."""
    return values * 2


def _work(inputs):
    return {"bytes": 16.0 * len(inputs["values"])}


def _slice(inputs, n):
    return {**inputs, "values": inputs["values"][:n]}


OPERATION = Operation(
    name="doubling",
    function=doubling,
    oracle="numpy product",
    second_oracle="numpy sum",
    policy=CloseValues(
        relative={"float64": 1e-12, "float32": 1e-6}, absolute={"float64": 0.0, "float32": 0.0}
    ),
    cases=(
        Case("tiny", "1,000 values", {"values": np.arange(1000.0)}, 1000, profile="smoke", files=True),
        Case(
            "tiny32",
            "1,000 values",
            {"values": np.arange(1000.0) / 3},
            1000,
            dtype="float32",
            profile="smoke",
        ),
    ),
    work=_work,
    slice=_slice,
    counters=lambda inputs: {"doublings": float(len(inputs["values"]))},
)
