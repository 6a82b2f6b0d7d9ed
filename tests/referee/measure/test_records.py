"""Records survive the disk, and merge to the worst verdict."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from groundspeed.referee import records
from groundspeed.referee.records import Process, Record

RECORD = Record(
    operation="op",
    case="case",
    title="a case",
    records=100,
    dtype="float64",
    implementation="lib [all] cores/2",
    library="lib",
    style="parallel",
    division="default",
    cores="all",
    machine="m",
    agreement={"verdict": "pass"},
    processes=[Process(phases={"prepare": [1.0], "build": [2.0], "run": [4.0], "collect": [8.0]}, cold=20.0)],
)


def test_round_trip_on_disk(tmp_path):
    path = records.write(tmp_path, RECORD, "s1")
    (tmp_path / "m" / records.NOISE).write_text('{"floor": 0.1}')
    assert list(records.read(tmp_path)) == [RECORD]
    assert path.relative_to(tmp_path).parts == ("m", "op", "case", "lib_all_cores_2", "s1.json")
    assert not list(tmp_path.rglob("*.partial"))


def test_no_record_at_all_is_no_error(tmp_path):
    assert list(records.read(tmp_path)) == []
    assert records.merge([]) == []


def test_the_published_records_still_read():
    published = list((Path(__file__).parents[3] / "reports").glob("*/records.json"))
    assert published
    for path in published:
        found = [Record.from_dict(one) for one in json.loads(path.read_text())["records"]]
        assert all(one.seconds("run") for one in found if one.processes and one.lane == "run")


def test_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema 0 is not"):
        Record.from_dict({**RECORD.as_dict(), "schema": 0})


def test_nan_is_not_json(tmp_path):
    with pytest.raises(ValueError):
        records.write(tmp_path, replace(RECORD, work={"flops": float("nan")}), "s1")
    assert not list(tmp_path.rglob("s1.json"))


def test_lanes():
    assert (RECORD.seconds("run"), RECORD.seconds("host_to_host"), RECORD.seconds("cold")) == (
        6.0,
        15.0,
        20.0,
    )


def test_a_record_has_times_in_its_own_lanes_only():
    files = replace(RECORD, lane="file_to_file")
    assert files.lanes == ("file_to_file",)
    assert (files.seconds("file_to_file"), files.seconds("cold")) == (4.0, 20.0)
    assert files.seconds("run") is files.seconds("host_to_host") is RECORD.seconds("file_to_file") is None


def test_merge_collects_processes_and_keeps_the_worst_verdict():
    failed = replace(RECORD, processes=[], agreement={"verdict": "timeout", "reason": "slow"})
    (merged,) = records.merge([RECORD, failed, RECORD])
    assert merged.verdict == "timeout"
    assert len(merged.processes) == 2


def test_a_record_written_before_a_field_was_added_still_reads():
    data = json.loads(json.dumps(RECORD.as_dict()))
    for name in ("import_seconds", "elapsed_seconds", "notes"):
        del data["processes"][0][name]
    del data["lane"]
    assert Record.from_dict(data) == RECORD
