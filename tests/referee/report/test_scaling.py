"""Scaling groups and the crossover."""

import pytest
from referee.report.sample import naive, record, scaling

from groundspeed.referee.report.scaling import crossover, scalings
from groundspeed.referee.report.table import rows


def sizes(ratios):
    """Rows in which groundspeed[cpu] has these speed-ups at 10, 100, 1,000 ... records."""
    found = []
    for exponent, ratio in enumerate(ratios, 1):
        common = {"case": f"s{exponent}", "records": 10**exponent, "scaling": "points"}
        found.append(record("shapely strtree", [1.0], **common))
        found.append(record("groundspeed[cpu]", [1.0 / ratio], cores="all", style="compiled", **common))
    return rows(found)


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ([], "not measured"),
        ([2, 3, 4], "always faster within range (from 10 to 1,000 records)"),
        ([0.5, 0.9], "never faster within range (from 10 to 100 records)"),
        ([0.5, 0.9, 2, 3], "faster from 1,000 records (measured from 10 to 10,000 records)"),
        ([0.5, 2, 0.9, 3], "faster from 100 records, but not at 1,000 (measured from 10 to 10,000 records)"),
        ([2, 0.5], "faster from 10 records, but not at 100 (measured from 10 to 100 records)"),
        ([1.0], "never faster within range (from 10 to 10 records)"),
    ],
)
def test_crossover(ratios, words):
    assert crossover(sizes(ratios), "groundspeed[cpu]") == words


def test_disagreeing_sizes_do_not_count():
    common = {"case": "s3", "records": 1000, "scaling": "points"}
    wrong = record("groundspeed[cpu]", [0.1], verdict="fail", **common)
    found = [*sizes([0.5, 0.5]), *rows([record(seconds=[1.0], **common), wrong])]
    assert crossover(found, "groundspeed[cpu]") == "never faster within range (from 10 to 100 records)"


def test_extrapolated_sizes_do_not_count():
    common = {"case": "s3", "records": 1000, "scaling": "points"}
    quick = record("groundspeed[cpu]", [0.1], kind="extrapolated", measured_records=1000, **common)
    found = [*sizes([0.5, 0.5]), *rows([record(seconds=[1.0], **common), quick])]
    assert crossover(found, "groundspeed[cpu]") == "never faster within range (from 10 to 100 records)"


def test_series():
    (found,) = scalings(rows(scaling(cuda=True)))
    lines = {series.implementation: series for series in found.series}
    loop = lines["python loop"].points
    assert [extrapolated for _, _, extrapolated in loop] == [False, True, True, True]
    assert [records for records, _, _ in loop] == [1_000, 10_000, 100_000, 1_000_000]
    assert loop[-1][1] == pytest.approx(1000 * loop[0][1])
    assert [series.library for series in found.series][-2:] == ["groundspeed", "groundspeed"]
    assert set(found.crossovers) == {"groundspeed[cpu] against default", "groundspeed[cuda] against default"}


def test_one_size_is_no_plot():
    assert scalings(rows([record(scaling="points"), naive(scaling="points")])) == []
