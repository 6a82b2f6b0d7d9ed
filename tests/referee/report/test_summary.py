"""Aggregates: geometric, measured and agreeing only, gaps counted."""

import pytest
from referee.report.sample import awkward, case, failing, files, naive, nothing, process, record

from groundspeed.referee.report.declared import Declared, declared
from groundspeed.referee.report.summary import gaps, headlines, score, scores
from groundspeed.referee.report.table import rows

CPU = {"style": "compiled", "cores": "all"}


def pair(name, ratio, **changes):
    common = {"case": name, **changes}
    return [
        record("shapely strtree", [1.0], **common),
        record("groundspeed[cpu]", [1 / ratio], **CPU, **common),
    ]


def found(records, lane="run", engine="groundspeed[cpu]"):
    return score(rows(records), engine, lane)


def test_nothing_at_all():
    empty = found([])
    assert (empty.mean, empty.penalised, empty.slower, empty.mark, empty.attempted) == (
        None,
        None,
        0,
        "",
        False,
    )


def test_the_mean_is_geometric():
    assert found([*pair("a", 8.0), *pair("b", 0.5)]).mean == pytest.approx(2.0)
    assert found([*pair("a", 8.0), *pair("b", 0.5)]).slower == 1


def test_extrapolated_values_stay_out():
    quick = naive(1e-6, case="b", library="groundspeed")
    quick.implementation = "groundspeed[cpu]"
    result = found([*pair("a", 4.0), record(seconds=[1.0], case="b"), quick])
    assert result.ratios == pytest.approx((4.0,))
    assert result.gaps == (("point_in_polygon", "b", "extrapolated: not in aggregates"),)


def test_an_extrapolated_baseline_is_none():
    result = found([naive(1.0), record("groundspeed[cpu]", [0.1], **CPU)])
    assert result.mean is None
    assert "no baseline" in result.gaps[0][2]


@pytest.mark.parametrize("verdict", ["fail", "missing", "timeout", "oom", "error"])
def test_gaps_are_counted_and_penalised(verdict):
    gap = [record(seconds=[1.0], case="b"), nothing("groundspeed[cpu]", verdict, "why", case="b", **CPU)]
    result = found([*pair("a", 9.0), *gap])
    assert result.mean == pytest.approx(9.0)
    assert result.penalised == pytest.approx(3.0)
    assert result.mark == "1 of 2 cases without a speed-up; 3.0× if each counts as no gain"


def test_a_case_without_any_record_of_ours_is_a_gap():
    assert found([*pair("a", 2.0), record(case="b")]).gaps == (("point_in_polygon", "b", "no record"),)


def test_gaps_never_flatter():
    result = found([*pair("a", 0.25), record(case="b")])
    assert result.penalised == pytest.approx(0.25)


def test_a_gpu_that_was_not_there_is_not_measured():
    text = headlines(scores(rows(case(cuda=False))))
    assert text[1] == "groundspeed[cuda]: not measured on this machine."


def test_headline_says_lanes_losses_and_gaps():
    text = headlines(scores(rows([*case(), *awkward(), *failing()])))[0]
    assert "with prepared data" in text
    assert "host to host" in text
    assert "slower in none" in text
    assert "2 of 4 cases" in text
    assert "if each of the others counts as no gain" in text
    assert "up to" not in text


def test_file_to_file_is_a_lane_of_the_same_engine_where_it_was_measured():
    assert {one.lane for one in scores(rows(case()))} == {"run", "host_to_host", "cold"}
    records = [*case(), *awkward(), *files()]
    result = found(records, "file_to_file")
    assert result.ratios == pytest.approx((0.5,))
    assert (result.gaps, result.slower) == ((), 1)
    assert result.baselines == (("sedonadb sql files", 1),)
    assert "0.50× as fast file to file (1 case, slower in 1)" in headlines(scores(rows(records)))[0]
    assert found(records).ratios == found([*case(), *awkward()]).ratios


def test_all_three_totals_stand_together_whichever_loses():
    late = [record("shapely strtree", processes=[process(1.0, cold=1.1)])]
    late += [record("groundspeed[cpu]", processes=[process(0.1, cold=5.5)], **CPU)]
    told = {one.lane: one.mean for one in scores(rows(late)) if one.engine == "groundspeed[cpu]" and one.mean}
    assert told == pytest.approx({"run": 10.0, "host_to_host": 10.0, "cold": 0.2})
    assert "0.20× as fast on a first call (1 case, slower in 1)" in headlines(scores(rows(late)))[0]


def test_a_declared_case_that_was_not_run_is_a_gap_and_counts_as_no_gain():
    declared = [Declared("point_in_polygon", name, "", 1, "full", name == "b") for name in ("a", "b", "c")]
    result = score(rows([*pair("a", 8.0), *pair("b", 8.0)]), "groundspeed[cpu]", "run", declared=declared)
    assert result.gaps == (("point_in_polygon", "c", "declared, not run on this machine"),)
    assert result.mean == pytest.approx(8.0)
    assert result.penalised == pytest.approx(4.0)
    every = scores(rows([*pair("a", 8.0), *files()]), declared)
    missing = {
        one.lane: len(one.gaps)
        for one in every
        if one.engine == "groundspeed[cpu]" and one.ranking == "default"
    }
    assert missing == {"run": 2, "host_to_host": 2, "cold": 2, "file_to_file": 1}
    lanes = ("run", "host_to_host", "cold")
    told = {gap.names: gap.lanes for gap in gaps(every)}
    assert told == {"point_in_polygon / b": (*lanes, "file_to_file"), "point_in_polygon / c": lanes}


def test_the_ranking_against_tuned_ones_has_a_score_of_its_own():
    tuned = record("numba tuned", [0.25], division="tuned", case="a", style="compiled")
    every = rows([*pair("a", 8.0), *pair("b", 8.0), tuned])
    assert score(every, "groundspeed[cpu]", "run", "tuned").ratios == pytest.approx((2.0,))
    assert score(every, "groundspeed[cpu]", "run", "tuned").gaps == ()
    assert score(every, "groundspeed[cpu]", "run").ratios == pytest.approx((8.0, 8.0))
    assert "Against the fastest tuned one, where there is one, it is 2.0×" in headlines(scores(every))[0]


def test_every_declared_case_is_known():
    found = list(declared())
    assert {one.profile for one in found} == {"quick", "full"}
    assert len({one.key for one in found}) == len(found) > 30


def test_baselines_are_named():
    assert found(case()).baselines == (("shapely strtree threads", 1),)
