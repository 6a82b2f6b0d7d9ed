"""The ladder of all operations: one line each, distances from the naive loop, hollow where extrapolated."""

import re

import pytest
from referee.report.sample import case, naive, record

from groundspeed.referee.report import figures
from groundspeed.referee.report.overall import overall
from groundspeed.referee.report.pictures import by_case
from groundspeed.referee.report.table import rows

OWN = {"style": "compiled", "cores": "all"}


def lines(*records):
    return overall(by_case(rows(records)))


def test_one_line_per_operation_by_its_largest_case_with_a_naive_loop():
    other = {"operation": "haversine_distance", "records": 10}
    found = lines(
        *case(case="small", records=1_000),
        *case(case="large", records=2_000),
        record("numpy", [1.0], case="larger", records=3_000, style="vectorised"),
        record("groundspeed[cpu]", [1.0], case="larger", records=3_000, **OWN),
        record("numpy", [1.0], style="vectorised", **other),
    )
    assert [(line.record.operation, line.record.case) for line in found] == [
        ("haversine_distance", "tessellation_1k"),
        ("point_in_polygon", "large"),
    ]


def test_float64_stands_for_float32():
    found = lines(*case(case="z", dtype="float32"), *case(case="a"))
    assert found[0].record.dtype == "float64"


def test_marks_are_distances_from_the_naive_loop():
    (line,) = lines(*case(cuda=True))
    told = {rung.step.name: rung.over_naive for rung in line.marks}
    assert list(told) == [
        "naive",
        "vectorised",
        "indexed",
        "all cores",
        "groundspeed[cpu]",
        "groundspeed[cuda]",
    ]
    assert told["naive"] == 1.0
    assert told["groundspeed[cpu]"] == pytest.approx(50.5 / 0.062)
    assert line.outcome[0] == "≈ 25,200× over naive"
    assert line.outcome[1] == "265× over shapely strtree threads"
    assert line.note == "python loop ≈ 50.5 s (extrapolated, reach 1,000×)"


def test_a_tuned_baseline_is_named_beside_the_other():
    tuned = record("numba tuned", [0.31], division="tuned", **OWN)
    assert lines(*case(), tuned)[0].outcome[-1] == "5.0× over numba tuned, tuned"


def test_without_a_naive_loop_the_line_says_why_and_has_no_marks():
    (line,) = lines(naive(0.05, measured=100), *case()[1:])
    assert line.marks == []
    assert line.note.startswith("no naive loop to compare with: extrapolation refused")
    assert line.outcome[0].startswith("8.5× over")


def hollow(*records):
    """How many marks are filled with paper, the legend's aside."""
    text = figures.svg(figures.overall(lines(*records)))
    return len(re.findall(rf"<use [^>]*style=\"fill: {figures.PAPER}", text)) - 1


def test_extrapolated_naive_times_are_hollow():
    measured = naive(1.0, 1_000_000, kind="measured", extrapolation=None)
    assert (hollow(*case()), hollow(measured, *case()[1:])) == (1, 0)


def test_the_picture_for_dark_pages_has_no_dark_ink():
    text = figures.svg(figures.overall(lines(*case())))
    assert figures.INK in text
    dark = figures.dark(text)
    assert not {figures.INK, figures.PAPER} & set(re.findall(r"#[0-9a-f]{6}", dark))
    assert figures.dark(text) != text
