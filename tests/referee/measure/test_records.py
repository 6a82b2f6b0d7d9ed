"""Records survive the disk, and merge to the worst verdict."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from groundspeed.referee import records
from groundspeed.referee.merging import merge
from groundspeed.referee.records import Process, Record
from groundspeed.referee.report import archive

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
    assert merge([]) == []


def published():
    """Every published record."""
    paths = (Path(__file__).parents[3] / "reports").glob(f"*/{archive.NAME}")
    return [record for path in paths for record in archive.read(path)[1]]


def test_the_published_records_still_read():
    found = published()
    assert found
    timed = [one for one in found if one.processes and one.lane == "run"]
    assert all(one.seconds("run") for one in timed if not (one.extrapolation or {}).get("refused"))


def test_another_schema_is_refused():
    with pytest.raises(ValueError, match="record schema 0 is none of"):
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
    (merged,) = merge([RECORD, failed, RECORD])
    assert merged.verdict == "timeout"
    assert len(merged.processes) == 2


def test_a_record_written_before_a_field_was_added_still_reads():
    data = json.loads(json.dumps(RECORD.as_dict()))
    for name in ("import_seconds", "elapsed_seconds", "notes"):
        del data["processes"][0][name]
    del data["lane"]
    assert Record.from_dict(data) == RECORD


def test_files_that_cannot_be_read_are_named_all_at_once(tmp_path):
    good = records.write(tmp_path, RECORD, "good")
    for name, change in BROKEN.items():
        path = good.with_name(f"{name}.json")
        path.write_text(change(good.read_text()))
    with pytest.raises(ValueError, match="4 of 5 records cannot be read") as raised:
        records.read(tmp_path)
    message = str(raised.value)
    assert str(good) not in message
    for name, reason in REASONS.items():
        assert re.search(rf"{name}\.json: .*{reason}", message), name
    for name in BROKEN:
        good.with_name(f"{name}.json").unlink()
    assert records.read(tmp_path) == [RECORD]


BROKEN = {
    "cut": lambda text: text[: len(text) // 2],
    "edited": lambda text: text.replace("4.0", "1.0"),
    "older": lambda text: text.replace(f'"schema": {records.SCHEMA}', '"schema": 0'),
    "list": lambda text: "[]",
}
REASONS = {
    "cut": "",
    "edited": "its seal is broken",
    "older": "schema 0 is none of",
    "list": "no attribute 'get'",
}


def test_a_seal_sees_every_change_and_survives_the_disk():
    data = json.loads(json.dumps(records.sealed(RECORD)))
    assert Record.from_dict(data) == RECORD
    with pytest.raises(ValueError, match="it was edited after it was written"):
        Record.from_dict({**data, "records": 2})


def test_published_records_of_schema_1_are_read_and_marked():
    found = published()
    old = [one for one in found if one.schema == 1]
    assert old
    assert all(one.old_rules == (one.schema == 1) for one in found)
    extrapolated = [one for one in old if one.kind == "extrapolated"]
    assert all(one.reach > 1 and one.interval is None for one in extrapolated)


def test_an_extrapolation_of_schema_1_keeps_its_exponent():
    fitted = {"records": [1, 2], "seconds": [1.0, 4.0], "exponent": 2.0}
    old = replace(RECORD, kind="extrapolated", records=20, measured_records=2, extrapolation=fitted, schema=1)
    assert old.seconds("run") == 100 * RECORD.seconds("run")
    assert old.reach == 10.0
    assert old.interval is None
