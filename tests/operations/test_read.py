"""Reading as an operation: every competitor gets the coordinates that were written, in every format."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from requirements import need

import groundspeed as gs
from groundspeed.operations.files.read.cases import OPERATIONS, SameCoordinates
from groundspeed.operations.files.read.point_files import FORMS, PointFile
from groundspeed.referee import case_inputs, discovery, verify
from groundspeed.referee.competitors import scratch

(OPERATION,) = OPERATIONS

N, ROW_GROUP = 1_000, 131_072
LARGE = {case.inputs["path"].form: case for case in OPERATION.cases if case.profile != "smoke"}
PAIRS = [(form, name) for form, case in LARGE.items() for name in discovery.competitors("read", case)]


def first(form, n):
    """The large case of a form, on n points."""
    case = LARGE[form]
    return replace(case, records=n, inputs=OPERATION.slice(case.inputs, n))


def small(form):
    """The large case of a form, on few points."""
    return first(form, N)


def test_every_form_is_measured():
    assert LARGE.keys() == FORMS.keys()


def agreement_on(form, name, n):
    one = discovery.implementations("read")[name]
    if discovery.unavailable(one):
        pytest.skip(discovery.unavailable(one))
    case = first(form, n)
    return verify.attempt(OPERATION, case, one, case_inputs.resolve(case)).agreement


@pytest.mark.parametrize(("form", "name"), PAIRS)
def test_every_competitor_agrees(form, name):
    agreement = agreement_on(form, name, N)
    assert agreement.verdict == "pass", agreement
    assert agreement.compared == 2 * N


@pytest.mark.parametrize(("form", "name"), [one for one in PAIRS if "parquet" in one[0]])
def test_row_groups_that_are_read_side_by_side_stay_in_order(form, name):
    assert agreement_on(form, name, 3 * ROW_GROUP).verdict == "pass"


@pytest.mark.parametrize("form", FORMS)
def test_the_oracle_reads_what_was_written(form):
    need("geopandas")
    oracle = discovery.implementations("read")[OPERATION.oracle]
    x, y = oracle.collect(oracle.run(**oracle.prepare(case_inputs.resolve(small(form)))))
    expected = np.random.default_rng(1).random((N, 2)) * [360, 180] - [180, 90]
    assert np.array_equal(np.column_stack([x, y]), expected)


def test_a_file_is_written_before_the_clock_runs_and_deleted_afterwards():
    case = small("csv")
    path = case.inputs["path"]
    scratch.clear()
    resolved = case_inputs.resolve(case)["path"]
    written = Path(resolved)
    assert written.exists()
    assert os.fspath(path) == os.fspath(resolved)
    scratch.clear()
    assert not written.exists()


def test_the_first_points_do_not_depend_on_their_number():
    three, two = (gs.read(PointFile("csv", n)).geometry for n in (3, 2))
    assert three[:2].equals(two)


def test_one_wrong_bit_or_another_order_is_a_failure():
    x = np.arange(3.0)
    policy = SameCoordinates(relative={"float64": 0.0}, absolute={"float64": 0.0})
    expected = policy.canonical((x, x))
    for wrong in ((x, x[::-1]), (np.nextafter(x, 9), x), (x[:2], x[:2])):
        assert policy.compare(expected, policy.canonical(wrong), "float64").verdict == "fail"
    table = gs.Table.from_frame({"x": x, "y": x})
    assert policy.compare(expected, policy.canonical(table), "float64").verdict == "pass"


def test_only_readers_of_the_format_take_part():
    assert "pandas reader" in discovery.competitors("read", LARGE["csv"])
    assert "pandas reader" not in discovery.competitors("read", LARGE["shapefile"])
    for case in OPERATION.cases:
        assert {OPERATION.oracle, "groundspeed[cpu]"} <= discovery.competitors("read", case).keys()
