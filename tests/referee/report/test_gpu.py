"""The table of what NVML saw: only where a GPU was measured, with units, and honest where it saw nothing."""

import pytest
from referee.report.sample import case, on_gpu, record, shards

from groundspeed.referee.report.command import report
from groundspeed.referee.report.gpu import HEAD, Watched, watched


def measured(joules=30.0, reasons=0x1, **changes):
    """Two processes on a GPU."""
    processes = [on_gpu(joules, reasons), on_gpu(joules, reasons)]
    return record("groundspeed[cuda]", style="gpu", cores="gpu", processes=processes, **changes)


def cells(one):
    return dict(zip(HEAD, Watched(one).cells(), strict=True))


def test_every_number_has_its_unit():
    told = cells(measured())
    assert told["run (wall)"] == "1.80 ms"
    assert told["run (events)"] == "1.50 ms"
    assert told["SM clock"] == "345 to 1,980 MHz"
    assert told["memory clock"] == "2,619 MHz"
    assert told["power"] == "80 to 612 W"
    assert told["temperature"] == "41 °C"


def test_energy_is_that_of_the_repetitions_and_records_that_were_measured():
    assert cells(measured())["energy per billion records"] == "10,000 J"
    assert cells(measured(measured_records=1_000))["energy per billion records"] == "10,000,000 J"
    assert cells(measured(joules=None))["energy per billion records"] == "not measured"


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0, "none"),
        (0x1, "none"),
        (0x5, "power cap"),
        (0x60, "software thermal limit, hardware thermal limit"),
        (0x1000, "unknown 0x1000"),
    ],
)
def test_throttle_reasons_in_words(bits, words):
    assert cells(measured(reasons=bits))["throttled by"] == words


def test_what_a_virtual_machine_refuses_to_tell_was_not_measured():
    one = measured(joules=None)
    for each in one.processes:
        for sample in (each.gpu["before"], each.gpu["after"]):
            sample.update(dict.fromkeys(sample))
    told = cells(one)
    names = ("SM clock", "memory clock", "power", "temperature", "throttled by", "energy per billion records")
    assert {told[name] for name in names} == {"not measured"}


def test_events_without_nvml_leave_the_rest_not_measured():
    one = measured()
    for each in one.processes:
        each.gpu = None
    told = cells(one)
    assert told["run (events)"] == "1.50 ms"
    names = ("SM clock", "power", "throttled by", "energy per billion records")
    assert {told[name] for name in names} == {"not measured"}


def test_what_the_engine_counted_stands_beside_its_times():
    told = cells(measured(work={"bytes": 8.0, "launches": 2.0, "read_backs": 0.0, "copied_bytes": 2048.0}))
    assert [told[name] for name in ("launches", "waits", "copied")] == ["2", "0", "2.00 KiB"]
    told = cells(measured(work={"bytes": 8.0}))
    assert {told[name] for name in ("launches", "waits", "copied")} == {"not measured"}


def test_nothing_ran_on_a_gpu():
    assert list(watched(case())) == []


@pytest.mark.parametrize("name", ["index.html", "report.md"])
@pytest.mark.parametrize("cuda", [False, True])
def test_the_report_has_the_table_only_where_a_gpu_was_measured(tmp_path, name, cuda):
    records = shards(tmp_path / "records", case(cuda=cuda))
    text = (report(records, tmp_path / "reports").parent / name).read_text(encoding="utf-8")
    assert ("GPU while measured" in text) is cuda
    assert ("345 to 1,980 MHz" in text) is cuda
