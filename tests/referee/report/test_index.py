"""The index compares machines on the cases that both have, and on no others."""

import pytest
from referee.report.sample import case, record, shards

from groundspeed.referee.report import index
from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.command import report

OWN = {"style": "compiled", "cores": "all"}


def machine(name, **ratios):
    """A machine with a case for each speed-up, ours always taking a second."""
    found = []
    for case_, ratio in ratios.items():
        found.append(record("shapely strtree", [ratio] * 2, case=case_))
        found.append(record("groundspeed[cpu]", [1.0] * 2, case=case_, **OWN))
    return Bundle(name, found)


def test_only_cases_that_both_have_count():
    (pair,) = index.pairs([machine("a", both=4.0, more=1000.0), machine("b", both=9.0, other=0.01)])
    assert pair.machines == ("a", "b")
    assert [row.record.case for row, _ in pair.cases] == ["both"]
    means = {(lane, ranking): (number, one, other) for lane, ranking, number, one, other in pair.means}
    assert means["run", "default"] == (1, pytest.approx(4.0), pytest.approx(9.0))
    assert {lane for lane, _ in means} == {"run", "host_to_host", "cold"}
    assert pair.faster == pytest.approx(1.0)


def test_machines_without_a_common_case_are_not_compared():
    assert list(index.pairs([machine("a", one=2.0), machine("b", other=2.0)])) == []


def test_what_is_extrapolated_or_disagrees_does_not_count():
    wrong = machine("b", both=9.0)
    wrong.records[1].agreement["verdict"] = "fail"
    assert list(index.pairs([machine("a", both=4.0), wrong])) == []


def test_three_machines_make_three_pairs():
    names = [pair.machines for pair in index.pairs([machine(name, both=2.0) for name in "abc"])]
    assert names == [("a", "b"), ("a", "c"), ("b", "c")]


@pytest.mark.parametrize("name", ["index.html", "README.md"])
def test_page_and_markdown_say_the_same(tmp_path, name):
    shards(tmp_path / "records", [*case(), *case(2.0, machine="another")])
    report(tmp_path / "records", tmp_path / "out")
    text = (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert "another and sample machine, groundspeed[cpu]: 1 case in common" in text
    assert "takes 2.0× as long" in text
    assert "8.5× (3:2)" in text
