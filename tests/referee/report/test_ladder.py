"""The ladder: who stands on a rung, and contributions that multiply up to the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referee.report.sample import case, naive, nothing, record

from groundspeed.referee import discovery
from groundspeed.referee.report.changes import ON_ALL
from groundspeed.referee.report.ladder import ladder
from groundspeed.referee.report.table import case_rows

STEPS = [
    "naive",
    "vectorised",
    "indexed",
    "all cores",
    "compiled loop",
    "groundspeed[cpu]",
    "groundspeed[cuda]",
    "host to host",
]


def rung(records, name):
    return next(one for one in ladder(case_rows(records)).rungs if one.step.name == name)


def test_rungs_in_order():
    assert [one.step.name for one in ladder(case_rows(case())).rungs] == STEPS


def test_no_records_no_rungs():
    empty = ladder([])
    assert empty.filled == []
    assert (empty.total, empty.sentence) == (None, "")


@pytest.mark.parametrize("cuda", [False, True])
def test_contributions_multiply_up_to_the_whole(cuda):
    found = ladder(case_rows(case(cuda=cuda)))
    first, last = found.filled[0].row.seconds, found.filled[-1].row.seconds
    assert found.total == pytest.approx(first / last)
    assert found.filled[-1].over_naive == pytest.approx(found.total)


@given(st.lists(st.floats(1e-6, 1e4), min_size=5, max_size=5))
def test_contributions_multiply_up_whatever_the_times(times):
    styles = [("naive", "one"), ("vectorised", "one"), ("indexed", "one"), ("parallel", "all")]
    records = [
        record(f"shapely {style}", [time], style=style, cores=cores)
        for (style, cores), time in zip(styles, times, strict=False)
    ]
    records.append(record("groundspeed[cpu]", [times[-1]], style="compiled", cores="all"))
    found = ladder(case_rows(records))
    last = found.filled[-1].row.seconds
    assert found.total == pytest.approx(times[0] / last, rel=1e-9)


def test_a_rung_holds_the_fastest_agreeing_of_its_style():
    wrong = record("numpy wrong", [0.01], style="vectorised", verdict="fail")
    tuned = record("numpy tuned", [0.01], style="vectorised", division="tuned")
    right = record("numpy right", [1.0], style="vectorised")
    slow = record("numpy slow", [2.0], style="vectorised")
    assert rung([wrong, tuned, slow, right], "vectorised").row.record is right


def test_all_cores_stand_on_one_rung_whatever_their_style():
    many = record("duckdb join", [0.1], style="indexed", cores="all")
    one = record("shapely strtree", [0.5])
    assert rung([many, one], "indexed").row.record is one
    assert rung([many, one], "all cores").row.record is many


def test_a_loop_that_numba_compiles_stands_between_the_libraries_and_groundspeed():
    loop = record("numba prange", [0.1], style="compiled", cores="all")
    threads = record("numpy threads", [0.5], style="parallel", cores="all")
    own = record("groundspeed[cpu]", [0.05], style="compiled", cores="all")
    assert rung([loop, threads], "all cores").row.record is threads
    found = rung([loop, threads, own], "groundspeed[cpu]")
    assert found.factor == pytest.approx(2.0)
    assert found.cause == "library (numba → Groundspeed), algorithm"


def test_an_empty_rung_says_why_and_the_next_relates_to_the_one_before():
    wrong = record("shapely strtree", [0.5], verdict="fail", reason="2 pairs differ")
    records = [
        record("numpy", [4.0], style="vectorised"),
        wrong,
        record("shapely threads", [1.0], cores="all"),
    ]
    assert rung(records, "indexed").empty == "none agrees: fail: 2 pairs differ"
    assert rung(records, "naive").empty == "no implementation measured"
    assert rung(records, "all cores").factor == pytest.approx(4.0)


def test_a_gpu_that_was_not_measured_says_so():
    found = ladder(case_rows(case(cuda=False)))
    gpu = found.rungs[6]
    assert (gpu.row, gpu.empty) == (None, "not measured")
    assert "groundspeed[cuda] not measured" in found.sentence
    assert found.rungs[7].row.record.implementation == "groundspeed[cpu]"
    assert rung(case(cuda=True), "host to host").row.record.implementation == "groundspeed[cuda]"


def test_a_model_never_stands_on_a_rung():
    model = record("groundspeed[cuda]", [1e-6], style="gpu", cores="gpu", kind="model")
    assert rung([*case(cuda=False)[:-1], model], "groundspeed[cuda]").row is None


def test_extrapolation_marks_the_rung_and_the_step_after_it():
    found = ladder(case_rows(case()))
    assert found.rungs[0].row.extrapolated
    assert found.rungs[1].inferred
    assert not found.rungs[2].inferred
    assert found.sentence.startswith(
        "Vectorised: algorithm, compiler (Python interpreter → library's own) ≈ 12×; "
        "indexed: algorithm 4.7×; all cores: cores (1 → 8) 1.7×; "
    )
    assert "groundspeed[cpu]: library (shapely → Groundspeed), algorithm, compiler" in found.sentence
    assert found.rungs[5].naive_inferred
    assert "together ≈" in found.sentence


def test_losing_on_a_rung_is_a_factor_below_one():
    slower = [record("numpy", [1.0], style="vectorised"), record("shapely strtree", [2.0])]
    assert rung(slower, "indexed").factor == pytest.approx(0.5)
    assert (
        rung(slower, "indexed").contribution == "indexed: library (numpy → shapely), algorithm 0.50× (slower)"
    )


def test_first_rung_without_naive():
    found = ladder(
        case_rows([nothing("python loop", "timeout", "60 s", style="naive"), record(seconds=[1.0])])
    )
    assert found.rungs[0].empty == "none agrees: timeout: 60 s"
    assert found.rungs[2].factor is None
    assert found.rungs[2].over_naive is None
    assert found.sentence == ""


def test_naive_measured_is_not_marked():
    measured = naive(0.05, 1_000_000, kind="measured", extrapolation=None)
    assert not rung([measured, record(style="vectorised")], "vectorised").inferred


def test_cores_are_credited_only_where_the_same_code_ran_on_one_and_on_all():
    alone = [
        record("shapely strtree", [2.0]),
        record("shapely strtree threads", [1.25], style="parallel", cores="all"),
    ]
    found = ladder(case_rows(alone))
    assert found.rungs[3].changed == ("cores (1 → 8)",)
    assert found.cores_sentence == "Cores alone, the same code on one and on all: shapely strtree 1.6×"
    other = record("duckdb join", [0.5], style="parallel", cores="all")
    changed = rung([alone[0], other], "all cores").changed
    assert changed == ("library (shapely → duckdb)", "algorithm", "cores (1 → 8)")
    assert "not measured" in ladder(case_rows([alone[0], other])).cores_sentence


def test_precision_and_the_gpu_are_named():
    wide = record("pyproj geod", [1.0], style="vectorised", dtype="float32")
    for each in wide.processes:
        each.notes = ["gives float64 for float32 coordinates"]
    narrow = record("numba prange", [0.5], style="compiled", cores="all", dtype="float32")
    gpu = record("groundspeed[cuda]", [0.01], style="gpu", cores="gpu", dtype="float32")
    found = ladder(case_rows([wide, narrow, gpu]))
    assert "precision (float64 → float32)" in found.rungs[4].changed
    assert "GPU" in found.rungs[6].changed
    assert not any("cores" in what for what in found.rungs[6].changed)


def test_tuned_competitors_stand_on_no_rung():
    fast = record("numpy tuned", [0.01], style="vectorised", division="tuned")
    assert (
        rung([fast, record("numpy", [1.0], style="vectorised")], "vectorised").row.record.division
        == "default"
    )


def test_an_extrapolation_that_reaches_too_far_is_refused_and_says_so():
    far = naive(0.05, measured=999)
    near = naive(0.05, measured=1_000)
    assert rung([far, record(seconds=[1.0])], "naive").empty == (
        "extrapolation refused: it would reach 1,000× as far as what was measured, 1,000× is allowed"
    )
    assert rung([near, record(seconds=[1.0])], "naive").row.record is near
    assert rung([far, record(seconds=[1.0])], "indexed").over_naive is None


def test_every_competitor_called_threads_is_the_same_code_on_one_core():
    names = 0
    for operation in discovery.all_operations():
        found = discovery.implementations(operation.name)
        for name, one in found.items():
            if name.endswith(ON_ALL):
                twin = found[name.removesuffix(ON_ALL)]
                assert (twin.library, twin.cores, one.cores) == (one.library, "one", "all"), name
                names += 1
    assert names >= 4
