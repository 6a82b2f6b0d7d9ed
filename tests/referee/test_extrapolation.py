"""Times are scaled by work: right where seconds follow the work, refused beyond the reach that is stated."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundspeed.referee import extrapolation
from groundspeed.referee.extrapolation import estimate


def parts(rate, works=(1e3, 2e3, 4e3)):
    """Parts that take rate(work) seconds per unit."""
    return [{"records": int(work), "work": work, "seconds": rate(work) * work} for work in works]


@given(st.floats(1e-9, 1e3), st.floats(1.0, 1000.0))
def test_what_follows_the_work_is_found(rate, reach):
    found = estimate("pairs", 4e3 * reach, [parts(lambda work: rate)])
    assert found["seconds_per_unit"] * found["work"] == pytest.approx(rate * 4e3 * reach)
    assert found["reach"] == pytest.approx(reach)
    assert found["low"] < rate * 4e3 * reach < found["high"]


@given(st.floats(-0.15, 0.15), st.floats(1.0, 1000.0))
def test_the_interval_holds_a_drift_that_goes_on(exponent, reach):
    found = estimate("pairs", 4e3 * reach, [parts(lambda work: 1e-6 * (work / 4e3) ** exponent)])
    truth = 1e-6 * reach**exponent * 4e3 * reach
    assert found["low"] <= truth <= found["high"]


def test_the_interval_grows_with_the_reach():
    near, far = (estimate("pairs", work, [parts(lambda work: 1e-6)]) for work in (8e3, 4e6))
    assert near["high"] / near["low"] < 1.2 < far["high"] / far["low"]


def test_beyond_the_reach_nothing_is_stated():
    assert estimate("pairs", 4e6, [parts(lambda work: 1.0)])["refused"] == ""
    found = estimate("pairs", 4.1e6, [parts(lambda work: 1.0)])
    assert found["refused"] == "would reach 1,025 times as far as was measured; 1,000 times is the most"


def test_processes_are_taken_together():
    three = [parts(lambda work, rate=rate: rate) for rate in (1.0, 2.0, 9.0)]
    found = estimate("pairs", 8e3, three)
    assert found["seconds_per_unit"] == 2.0
    assert found["parts"] == [part for each in three for part in each]
    assert found["low"] < 8e3 < 9 * 8e3 < found["high"]


@pytest.mark.parametrize(
    ("processes", "message"),
    [
        ([], "at least one part each"),
        ([[]], "at least one part each"),
        ([parts(lambda work: 0.0)], "seconds must be positive, got 0.0"),
        ([parts(lambda work: 1.0, (0.0, 1.0))], "work must be positive, got 0.0"),
        ([parts(lambda work: math.nan)], "seconds must be positive, got nan"),
    ],
)
def test_estimate_refuses(processes, message):
    with pytest.raises(ValueError, match=message):
        estimate("pairs", 1.0, processes)


@given(st.integers(1, 10**6), st.floats(1e-6, 10.0), st.integers(1, 10**9))
def test_parts_are_doubled_until_they_take_long_enough(records, seconds, most):
    found = extrapolation.doubled(records, seconds, 2.0, most)
    assert found == most or ((found % records == 0 and found / records * seconds >= 2.0) or found == records)
    assert found <= most
    if found not in (records, most):
        assert found // 2 / records * seconds < 2.0


def test_noise_of_single_processes_does_not_grow_with_the_reach():
    noisy = [parts(lambda work, bias=bias: 1.5 if work == bias else 1.0) for bias in (1e3, 2e3, 0, 0, 0)]
    alone, together = estimate("pairs", 4e6, noisy[:1]), estimate("pairs", 4e6, noisy)
    assert together["high"] / together["low"] < 2 < alone["high"] / alone["low"]
    assert estimate("pairs", 4e6, [*noisy, parts(lambda work: 1.5)])["high"] > 1.4 * together["high"]
