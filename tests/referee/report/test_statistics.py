"""An interval is printed only where it holds the truth as often as it promises: simulated."""

import numpy as np
import pytest

from groundspeed.referee.report.coverage import WORLDS, World, bootstrap, coverage, quiet, skewed
from groundspeed.referee.report.statistics import CONFIDENCE, LEAST, ratio_interval, slower

SURE = 0.005
"""Half a percent: the standard error of a share of 0.95 in 4,000 trials is 0.35 %."""


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
@pytest.mark.parametrize("processes", [LEAST, 7, 10, 20])
def test_printed_intervals_keep_their_promise(world, processes):
    assert coverage(world, processes) >= CONFIDENCE - SURE


@pytest.mark.parametrize(("processes", "most"), [(2, 0.70), (3, 0.92)])
def test_the_bootstrap_of_former_reports_did_not(processes, most):
    assert coverage(World("", (skewed, skewed), 0.0), processes, bootstrap, 1000) < most


def test_below_the_least_number_there_is_no_interval():
    assert np.isnan(coverage(WORLDS[0], LEAST - 1, trials=10))


def test_one_process_fewer_would_break_the_promise(monkeypatch):
    monkeypatch.setattr("groundspeed.referee.report.statistics.LEAST", LEAST - 1)
    assert min(coverage(world, LEAST - 1) for world in WORLDS) < CONFIDENCE


def test_an_interval_that_is_too_narrow_is_caught():
    def half(above, below):
        middle = np.median(above) / np.median(below)
        low, high = ratio_interval(above, below)
        return (middle + low) / 2, (middle + high) / 2

    assert coverage(World("", (skewed, quiet), 0.0), LEAST, half, 1000) < CONFIDENCE - SURE


def test_ranks_of_equal_code_are_rarely_called_slower():
    random = np.random.default_rng(1)
    times = random.lognormal(0, 0.2, (500, 2, 6))
    assert np.mean([slower(after, before) <= 0.05 for after, before in times]) <= 0.07
