"""Processes of one row are merged only where they measured the same thing; the message says what differs."""

import copy
from dataclasses import replace

import pytest

from groundspeed.referee import extrapolation
from groundspeed.referee.merging import Mixed, merge
from groundspeed.referee.records import Process, Record

CODE = {"package": "aaaa", "declared": "cccc", "distributions": {"shapely": "2.1"}, "method": "2"}


def shard(library="shapely", commit="1" * 40, cores=2, **changes):
    """A record of one process."""
    phases = {"prepare": [1.0], "build": [1.0], "run": [1.0], "collect": [1.0]}
    one = Record(
        operation="op",
        case="case",
        title="",
        records=1000,
        dtype="float64",
        implementation=f"{library} x",
        library=library,
        style="indexed",
        division="default",
        cores="one",
        machine="m",
        processes=[Process(phases=phases, commit=commit, cores=cores)],
        agreement={"verdict": "pass"},
        code=copy.deepcopy(CODE),
        inputs_hash={"first": "a", "second": "b"},
        environment={"cores": cores},
    )
    return replace(one, **changes)


def test_equal_processes_are_merged_and_every_commit_is_known():
    (merged,) = merge([shard(), shard(commit="2" * 40)])
    assert len(merged.processes) == 2
    assert merged.commits == ["1" * 40, "2" * 40]


@pytest.mark.parametrize(
    ("library", "change", "named"),
    [
        ("groundspeed", {"code": {**CODE, "package": "bbbb"}}, r"code differs: aaaa .* and bbbb"),
        ("shapely", {"code": {**CODE, "declared": "dddd"}}, r"code differs: cccc .* and dddd"),
        ("shapely", {"code": {**CODE, "distributions": {"shapely": "2.2"}}}, r"distributions .*2\.1 .*2\.2"),
        ("shapely", {"code": {**CODE, "method": "3"}}, r"rules of measuring differs: 2 .* and 3"),
        ("shapely", {"inputs_hash": {"first": "c", "second": "b"}}, r"inputs differs: a b .* and c b"),
        ("shapely", {"code": {}, "schema": 1}, r"rules of measuring differs: 2 .* and schema 1"),
    ],
)
def test_what_differs_is_named(library, change, named):
    other = shard(library, commit="2" * 40, **change)
    with pytest.raises(Mixed, match=named) as raised:
        merge([shard(library), other])
    message = str(raised.value)
    assert f"op / case / {library} x" in message
    assert "1 at commit 111111111111" in message
    assert "1 at commit 222222222222" in message
    assert merge([other]) == [other]


def test_one_core_is_not_merged_with_two():
    with pytest.raises(Mixed, match=r"cores differs: 1 .* and 2 "):
        merge([shard(), shard(cores=1)])


def test_a_change_of_our_code_leaves_the_processes_of_others_alone():
    assert len(merge([shard(), shard(code={**CODE, "package": "bbbb"})])[0].processes) == 2


def test_all_rows_are_named_at_once():
    mixed = [shard(case=case, code={**CODE, "method": method}) for case in "ab" for method in "23"]
    with pytest.raises(Mixed, match=r"(?s)op / a / .*op / b / "):
        merge(mixed)


def extrapolated(rate, largest=400):
    """A shard that timed up to so many of 1,000 records."""
    counts = extrapolation.sizes(largest)
    parts = [{"records": n, "work": float(n), "seconds": rate * n} for n in counts]
    phases = {"prepare": [0.0], "build": [0.0], "run": [rate * largest], "collect": [0.0]}
    process = Process(phases=phases, parts=parts, scale=1000 / largest, cores=2)
    return shard(
        kind="extrapolated",
        measured_records=largest,
        processes=[process],
        extrapolation=extrapolation.estimate("records", 1000.0, [parts]),
    )


def test_extrapolations_of_different_parts_are_merged_by_their_work():
    (merged,) = merge([extrapolated(1.0), extrapolated(2.0, largest=800), extrapolated(4.0)])
    assert merged.samples("run") == [1000.0, 2000.0, 4000.0]
    assert merged.seconds("run") == 2000.0
    assert merged.reach == 2.5
    low, high = merged.interval
    assert low < 1000.0 < 4000.0 < high
    assert merged.measured_records == 800


def test_where_one_process_timed_the_whole_case_parts_are_left_out():
    (merged,) = merge([extrapolated(1.0), shard(measured_records=1000), extrapolated(4.0)])
    assert (merged.kind, merged.extrapolation, len(merged.processes)) == ("measured", None, 1)
