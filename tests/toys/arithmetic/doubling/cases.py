"""How the toy is judged."""

from __future__ import annotations

import numpy as np
from groundspeed.operations.arithmetic.doubling import doubling

from groundspeed.referee.comparison import CloseValues
from groundspeed.referee.model import Case, Operation


def _work(inputs):
    return {"bytes": 16.0 * len(inputs["values"])}


def _slice(inputs, n):
    return {**inputs, "values": inputs["values"][:n]}


OPERATIONS = (
    Operation(
        function=doubling,
        oracle="numpy product",
        second_oracle="numpy sum",
        policy=CloseValues(
            relative={"float64": 1e-12, "float32": 1e-6}, absolute={"float64": 0.0, "float32": 0.0}
        ),
        competitors=(
            "numpy product",
            "numpy sum",
            "python loop",
            "numpy widening",
            "numpy first again",
            "numpy wrong",
            "numpy misshapen",
            "numpy raising",
            "numpy hungry",
            "numpy endless",
            "numpy killed",
            "no-such-library absent",
            "numpy through files",
            "numpy damaged files",
            "numpy half files",
            "no-such-library files",
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
    ),
)
