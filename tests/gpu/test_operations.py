"""Every operation on a real GPU: host arrays and CuPy arrays in, the oracle's answer out.

`pytest tests/operations --engine cuda` runs the operations' own tests there as well.
"""

from dataclasses import replace

import numpy as np
import pytest

from groundspeed import operations
from groundspeed.engines import EngineUnavailable, get
from groundspeed.referee import case_inputs, discovery
from groundspeed.referee.oracle import answer

pytestmark = pytest.mark.gpu

CASES = [(name, case.name) for name in operations.names() for case in discovery.cases(name, "smoke")]


@pytest.fixture(scope="module")
def cuda():
    try:
        return get("cuda")
    except EngineUnavailable as error:
        pytest.skip(str(error))


def _moved(engine, value):
    if isinstance(value, np.ndarray):
        return engine.asarray(value)
    return value.to_engine(engine) if hasattr(value, "to_engine") else value


def _collected(engine, result):
    if isinstance(result, tuple):
        return tuple(_collected(engine, part) for part in result)
    return result.to_host() if hasattr(result, "to_host") else engine.to_host(result)


@pytest.mark.parametrize("place", ["host", "device"])
@pytest.mark.parametrize(("name", "case_name"), CASES)
def test_cuda_agrees_with_the_oracle(cuda, name, case_name, place):
    operation = discovery.operation(name)
    case = next(one for one in operation.cases if one.name == case_name)
    oracle = discovery.implementations(name)[operation.oracle]
    for dtype in getattr(operation.policy, "relative", {"float64": 0.0, "float32": 0.0}):
        inputs = case_inputs.resolve(replace(case, dtype=dtype))
        if place == "device":
            moved = {key: _moved(cuda, value) for key, value in inputs.items()}
            result = _collected(cuda, operation.function(**moved, engine="cuda"))
        else:
            result = operation.function(**inputs, engine="cuda")
        expected = answer(operation, oracle, inputs)
        outcome = operation.policy.compare(expected, operation.policy.canonical(result), dtype)
        assert outcome.verdict == "pass", (dtype, outcome)
        assert outcome.compared > 0
