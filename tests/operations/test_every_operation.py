"""What holds for every operation, whoever adds it: each engine gives the oracle's answer on smoke cases."""

from dataclasses import replace

import pytest
from requirements import need

from groundspeed import operations
from groundspeed.referee import case_inputs, discovery
from groundspeed.referee.oracle import answer

CASES = [(name, case.name) for name in operations.names() for case in discovery.cases(name, "smoke")]
ENGINES = [("cpu", ()), ("emulator", ("gcc", "numba_cuda"))]


@pytest.mark.parametrize(("engine", "needs"), ENGINES, ids=[name for name, _ in ENGINES])
@pytest.mark.parametrize(("name", "case_name"), CASES)
def test_every_engine_agrees_with_the_oracle(name, case_name, engine, needs):
    need(*needs)
    operation = discovery.operation(name)
    case = next(one for one in operation.cases if one.name == case_name)
    oracle = discovery.implementations(name)[operation.oracle]
    need(*oracle.requires)
    dtypes = getattr(operation.policy, "relative", {"float64": 0.0, "float32": 0.0})
    for dtype in dtypes:
        inputs = case_inputs.resolve(replace(case, dtype=dtype))
        actual = operation.policy.canonical(operation.function(**inputs, engine=engine))
        outcome = operation.policy.compare(answer(operation, oracle, inputs), actual, dtype)
        assert outcome.verdict == "pass", (dtype, outcome)
        assert outcome.compared > 0
