"""What foretells a large part is what takes its time, and a cost that is wrong is seen."""

import math
from dataclasses import replace

from groundspeed.referee import case_inputs, discovery
from groundspeed.referee.cost import Cost
from groundspeed.referee.measure import direct


def busy(a):
    """So much work for every value that CPU time can be told."""
    return [math.fsum(value * step for step in range(2_000)) for value in a]


def measured(toy, cost):
    what = discovery.operation(toy)
    one = replace(discovery.implementations(toy)["python loop"], run=busy, limit=10, cost=cost)
    return direct.compare(what, case_inputs.resolve(what.cases[0]), 1000, one, seconds=0.2)


def test_a_right_cost_foretells_the_time(toy):
    found = measured(toy, Cost("values", lambda inputs: float(len(inputs["values"]))))
    assert found["reach"] > 4
    assert 0.5 < found["foretold"] / found["measured"] < 2


def test_a_wrong_cost_is_seen(toy):
    found = measured(toy, Cost("pairs", lambda inputs: float(len(inputs["values"])) ** 2))
    assert found["foretold"] / found["measured"] > 2


def test_only_slow_competitors_of_one_core_are_chosen():
    found = {
        (case.name, one.name) for _, case, one in direct.chosen("math loop|prange", "flights_3m|uniform_1k")
    }
    assert found == {("flights_3m", "python math loop")}
    assert direct.row({"reach": 19.2, "foretold": 2.0, "low": 1.0, "high": 4.0, "measured": 1.0}) == (
        "19 | 2 s | 1 to 4 s | 1 s | 2.00"
    )
