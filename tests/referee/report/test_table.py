"""Baseline, speed-up, interval, verdict: the numbers themselves."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referee.report.sample import awkward, case, everything, failing, files, naive, nothing, process, record

from groundspeed.referee.comparison import VERDICTS
from groundspeed.referee.report import table

HEADER = (
    "operation,dataset,records,dtype,ranking,implementation,library,style,cores,lane,kind,reach,processes,"
    "seconds,seconds_low,seconds_high,baseline,baseline_processes,speedup,speedup_low,speedup_high,agreement,commit,rules"
)


def row(records, implementation, lane="run"):
    rows = table.ranked(table.rows(records), lane)
    return next(one for one in rows if one.record.implementation == implementation)


SLOW = record("shapely strtree", [2.0, 2.0])
INELIGIBLE = {
    "ours": record("groundspeed[cpu]", [1.0, 1.0], cores="all"),
    "disagrees": record("numpy", [1.0, 1.0], verdict="fail"),
    "extrapolated": naive(0.0001),
    "model": record("numpy", [1.0, 1.0], kind="model"),
    "tuned": record("numba", [1.0, 1.0], division="tuned"),
    "on a GPU": record("cuspatial", [1.0, 1.0], cores="gpu"),
    "not measured": nothing("polars", "missing", "n/a: needs polars"),
}


@pytest.mark.parametrize("why", INELIGIBLE)
def test_the_baseline_is_never(why):
    assert table.baseline([INELIGIBLE[why], SLOW], "run") is SLOW
    assert table.baseline([INELIGIBLE[why]], "run") is None


def test_the_baseline_is_the_fastest_whatever_its_cores():
    one, many = record("shapely a", [1.0, 1.0]), record("shapely b", [1.5, 1.5], cores="all")
    assert table.baseline([SLOW, many, one], "run") is one


def test_every_lane_has_its_own_baseline():
    quick_start = record("numpy", [3.0], processes=[process(3.0, cold=0.1)])
    records = [record("shapely strtree", [2.0]), quick_start]
    libraries = [table.baseline(records, lane).library for lane in ("run", "host_to_host", "cold")]
    assert libraries == ["shapely", "shapely", "numpy"]
    assert table.baseline(records, "file_to_file") is None


def test_from_file_to_file_competitors_stand_among_themselves():
    rows = [one for one in table.rows([*case(), *files()]) if one.record.lane == "file_to_file"]
    assert {one.lane for one in rows} == {"file_to_file"}
    best = {(one.ranking, one.baseline.implementation) for one in rows}
    assert best == {("default", "sedonadb sql files"), ("tuned", "shapely threads files")}
    ours = next(one for one in rows if one.record.implementation == "groundspeed[cpu] files")
    assert ours.seconds == pytest.approx(0.9 * 1.01)  # the phase run alone
    assert ours.speedup == pytest.approx(0.505 / 1.01)
    assert row([*case(), *files()], "groundspeed[cpu]") == row(case(), "groundspeed[cpu]")
    wrong = next(one for one in rows if one.record.implementation == "polars files")
    assert (wrong.speedup, wrong.withheld) == (None, "fail: 3 pairs are in one result only")


def test_ties_are_broken_by_name_not_by_order():
    a, b = record("shapely a", [1.0]), record("shapely b", [1.0])
    assert table.baseline([b, a], "run") is table.baseline([a, b], "run") is a


def test_speedup_is_baseline_over_time():
    slow = record("shapely strtree", [2.0] * 6)
    found = row([slow, record("groundspeed[cpu]", [0.5] * 7)], "groundspeed[cpu]")
    assert found.speedup == pytest.approx(4.0)
    assert found.baseline is slow
    assert found.behind == "6:7"
    assert found.speedup_interval == pytest.approx((4.0, 4.0))


def test_the_interval_spans_what_processes_span():
    theirs, ours = [2.0, 2.2, 2.1, 2.1, 2.1, 2.1], [1.0, 1.1, 1.0, 1.0, 1.1, 1.1]
    found = row([record(seconds=theirs), record("groundspeed[cpu]", ours)], "groundspeed[cpu]")
    low, high = found.speedup_interval
    assert 2.0 / 1.1 <= low < found.speedup < high <= 2.2 / 1.0
    assert found.spread == pytest.approx((1.0, 1.1))


@pytest.mark.parametrize(("theirs", "ours"), [([2.0], [1.0]), ([2.0] * 6, [1.0] * 5), ([2.0] * 5, [1.0] * 6)])
def test_few_processes_give_no_interval_and_say_so(theirs, ours):
    found = row([record(seconds=theirs), record("groundspeed[cpu]", ours)], "groundspeed[cpu]")
    assert found.speedup == pytest.approx(2.0)
    assert found.speedup_interval is None
    assert found.uncertainty == "no interval below 6 processes"
    assert found.behind == f"{len(theirs)}:{len(ours)}"


def test_extrapolated_rows_have_a_ratio_but_no_interval_and_do_not_count():
    found = row([SLOW, naive(0.05)], "python loop")
    assert found.seconds == pytest.approx(50.5, rel=0.02)
    assert found.speedup == pytest.approx(2.0 / found.seconds)
    assert (found.spread, found.speedup_interval, found.counts) == (None, None, False)
    assert found.uncertainty == "extrapolated, reach 1,000×"
    assert row([SLOW, naive(0.05)], "python loop", "cold").seconds is None


@pytest.mark.parametrize("verdict", [verdict for verdict in VERDICTS if verdict != "pass"])
def test_no_pass_no_speedup(verdict):
    found = row([SLOW, record("numpy", [0.1, 0.1], verdict=verdict, reason="because")], "numpy")
    assert (found.speedup, found.speedup_interval, found.counts) == (None, None, False)
    assert found.withheld == f"{verdict}: because"


def test_without_a_baseline_there_is_no_speedup():
    found = row([record("groundspeed[cpu]", [0.1, 0.1])], "groundspeed[cpu]")
    assert found.speedup is None
    assert "no FOSS4G implementation" in found.withheld


def test_a_model_is_no_measurement():
    found = row([SLOW, record("groundspeed[cuda]", [0.1, 0.1], kind="model")], "groundspeed[cuda]")
    assert found.speedup is None
    assert found.withheld == "model: not measured"


def test_one_row_per_implementation_lane_and_ranking():
    records = everything()
    found = {(row.record.key, row.lane, row.ranking) for row in table.rows(records)}
    others = {
        (one.key, lane, one.division) for one in records if one.library != "groundspeed" for lane in one.lanes
    }
    own = {
        (one.key, lane, "default") for one in records if one.library == "groundspeed" for lane in one.lanes
    }
    against = {(key[:2], lane) for key, lane, ranking in others if ranking == "tuned"}
    again = {(key, lane, "tuned") for key, lane, _ in own if (key[:2], lane) in against}
    assert found == others | own | again
    assert again
    assert len(table.rows(records)) == len(found)


def test_two_rankings_have_two_baselines_and_groundspeed_stands_in_both():
    tuned = record("numba tuned", [0.8, 0.8], style="compiled", division="tuned")
    own = record("groundspeed[cpu]", [0.5, 0.5], cores="all")
    found = {
        (one.ranking, one.record.implementation): one
        for one in table.rows([SLOW, tuned, own])
        if one.lane == "run"
    }
    assert set(found) == {
        ("default", "shapely strtree"), ("default", "groundspeed[cpu]"),
        ("tuned", "numba tuned"), ("tuned", "groundspeed[cpu]"),
    }  # fmt: skip
    assert found["default", "groundspeed[cpu]"].speedup == pytest.approx(4.0)
    assert found["tuned", "groundspeed[cpu]"].speedup == pytest.approx(1.6)
    assert found["tuned", "groundspeed[cpu]"].baseline is tuned


def test_without_tuned_competitors_there_is_one_ranking():
    assert {one.ranking for one in table.rows(case())} == {"default"}


def test_a_refused_extrapolation_has_no_time_and_no_factor():
    found = row([SLOW, naive(0.05, measured=100)], "python loop")
    assert (found.seconds, found.speedup, found.processes) == (None, None, 0)
    assert found.withheld.startswith("extrapolation refused: it would reach 10,000×")


def test_every_row_has_a_speedup_or_a_reason():
    for found in table.rows(everything(cuda=True)):
        assert (found.speedup is None) == bool(found.withheld), found


def test_csv(tmp_path):
    records = [*case(), *awkward(), *failing()]
    table.write_csv(table.rows(records), tmp_path / "speedups.csv")
    text = (tmp_path / "speedups.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == HEADER
    cells = list(csv.DictReader(text.splitlines()))
    again = 3 * 2  # two engines against the tuned one
    assert len(cells) == 3 * len(records) + again
    ours = next(one for one in cells if one["implementation"] == "groundspeed[cpu]" and one["speedup"])
    assert float(ours["speedup_low"] or 0) <= float(ours["speedup"])
    assert {one["kind"] for one in cells if one["seconds"]} == {"measured", "extrapolated", "model"}
    assert {one["kind"] for one in cells if not one["seconds"]} == {""}
    assert {one["agreement"] for one in cells} == set(VERDICTS)
    assert all(bool(one["speedup"]) <= (one["agreement"] == "pass") for one in cells)


@given(
    theirs=st.lists(st.floats(1e-3, 1e3), min_size=6, max_size=9),
    ours=st.lists(st.floats(1e-3, 1e3), min_size=6, max_size=9),
)
def test_the_interval_holds_the_speedup(theirs, ours):
    records = [record(seconds=theirs), record("groundspeed[cpu]", ours)]
    found = row(records, "groundspeed[cpu]")
    low, high = found.speedup_interval
    assert low <= found.speedup * (1 + 1e-12)
    assert high >= found.speedup * (1 - 1e-12)
