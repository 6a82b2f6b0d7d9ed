"""Reading as an operation: everybody gets the coordinates that were written, in every format."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from requirements import need

import groundspeed as gs
from groundspeed import catalog, scratch, verify
from groundspeed.operations.files.read import OPERATION, SameCoordinates
from groundspeed.operations.files.read.point_files import FORMS, PointFile

N = 1_000
LARGE = {case.inputs["path"].form: case for case in OPERATION.cases if case.profile != "smoke"}
CONTESTS = [(form, name) for form, case in LARGE.items() for name in catalog.contestants("read", case)]


def small(form):
    """The large case of a form, on few points."""
    case = LARGE[form]
    return replace(case, records=N, inputs=OPERATION.slice(case.inputs, N))


def test_every_form_is_measured():
    assert LARGE.keys() == FORMS.keys()


@pytest.mark.parametrize(("form", "name"), CONTESTS)
def test_everybody_agrees(form, name):
    one = catalog.implementations("read")[name]
    if catalog.unavailable(one):
        pytest.skip(catalog.unavailable(one))
    case = small(form)
    agreement = verify.attempt(OPERATION, case, one, catalog.resolve(case)).agreement
    assert agreement.verdict == "pass", agreement
    assert agreement.compared == 2 * N


@pytest.mark.parametrize("form", FORMS)
def test_the_oracle_reads_what_was_written(form):
    need("geopandas")
    oracle = catalog.implementations("read")[OPERATION.oracle]
    x, y = oracle.collect(oracle.run(**oracle.prepare(catalog.resolve(small(form)))))
    expected = np.random.default_rng(1).random((N, 2)) * [360, 180] - [180, 90]
    assert np.array_equal(np.column_stack([x, y]), expected)


def test_a_file_is_written_before_the_clock_runs_and_deleted_afterwards():
    case = small("csv")
    path = case.inputs["path"]
    scratch.clear()
    resolved = catalog.resolve(case)["path"]
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
    assert "pandas reader" in catalog.contestants("read", LARGE["csv"])
    assert "pandas reader" not in catalog.contestants("read", LARGE["shapefile"])
    for case in OPERATION.cases:
        assert {OPERATION.oracle, "groundspeed[cpu]"} <= catalog.contestants("read", case).keys()
