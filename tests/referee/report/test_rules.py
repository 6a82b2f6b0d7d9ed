"""What a reader is told of extrapolated times: reach, interval, refusal, and the mark on every factor."""

import pytest
from referee.report.sample import case, counted, naive, record

from groundspeed.referee.report import markdown
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.ladder import ladder
from groundspeed.referee.report.rules import extrapolated, refused
from groundspeed.referee.report.table import case_rows

NEAR = counted(parts=(10_000, 20_000, 40_000))
FAR = counted(parts=(10, 20, 40))


def told(one):
    return next(row for row in case_rows([record(seconds=[2.0, 2.0]), one]) if row.record is one)


def test_an_extrapolated_time_says_how_far_and_how_surely():
    row = told(NEAR)
    assert row.seconds == pytest.approx(0.05 * 25)
    assert row.reach == pytest.approx(25)
    assert row.spread.low < row.seconds < row.spread.high
    assert row.time.startswith("≈ 1.25 s (extrapolated, reach 25×, 1.")
    assert markdown.outcome(row).startswith("≈ 1.6× (2:2)")
    assert "parts of 10,000, 20,000, 40,000 edges tested, the whole has 1,000,000: reach 25×" in extrapolated(
        NEAR
    )


def test_a_refused_one_has_no_time_no_factor_and_says_why():
    row = told(FAR)
    assert (row.seconds, row.speedup) == (None, None)
    why = "extrapolation refused: it would reach 25,000× as far as what was measured, 1,000× is allowed"
    assert refused(FAR) == row.withheld == extrapolated(FAR) == why
    assert ladder(case_rows([record(), FAR])).rungs[0].empty == why


def test_every_factor_that_rests_on_an_extrapolation_is_marked():
    rungs = ladder(case_rows([NEAR, *case()[1:]])).rungs
    over_naive = [markdown._rung(rung)[6] for rung in rungs if rung.row][1:]
    assert all(cell.startswith("≈ ") for cell in over_naive)
    assert markdown._rung(rungs[1])[5].startswith("≈ ")
    assert not markdown._rung(rungs[2])[5].startswith("≈ ")
    measured = ladder(case_rows([naive(1.0, 1_000_000, kind="measured", extrapolation=None), *case()[1:]]))
    assert not any("≈" in cell for rung in measured.rungs if rung.row for cell in markdown._rung(rung))


def test_the_old_rule_is_named_and_old_records_mark_their_report():
    assert "old rule: exponent 1.00 fitted to 250, 500, 1,000 records" in extrapolated(naive())
    old = record(schema=1)
    assert Bundle("m", [record()]).rules == ""
    assert Bundle("m", [record("numpy"), old]).rules.startswith(
        "Measured under the old rules: 1 of 2 records"
    )
