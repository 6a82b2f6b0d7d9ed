"""Every way a measurement can end has its verdict, its reason and a record that survives JSON."""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from statistics import median

import pytest

from groundspeed.engines.counters import Counters
from groundspeed.referee import discovery, extrapolation, model, records
from groundspeed.referee.measure import gpu, measurement, memory, phases, stopwatch
from groundspeed.referee.measure.budget import BUDGETS, Budget

ROOT = Path(__file__).parents[3]
SMOKE = BUDGETS["smoke"]
REPETITIONS = SMOKE.repetitions + 1
"""Of the smoke profile: on both inputs by turns, and the last on the first, so that their number is odd."""
HASTY = Budget(repetitions=1, seconds=0.0, slow=0.5, part=0.3, profile="hasty")
"""No time for a loop over all values."""

ENDINGS = {
    "numpy product": ("pass", "the oracle itself, compared with numpy sum"),
    "numpy sum": ("pass", ""),
    "groundspeed[cpu]": ("pass", ""),
    "numpy first again": ("fail", "1,000 of 1,000 values"),
    "numpy wrong": ("fail", "1,000 of 1,000 values"),
    "numpy misshapen": ("fail", "3"),
    "numpy raising": ("error", "RuntimeError: the library gave up"),
    "numpy hungry": ("oom", "no room for 1 EiB"),
    "no-such-library absent": ("missing", "n/a: needs no_such_library"),
    "groundspeed[cuda]": ("missing", "n/a: "),
}


@pytest.fixture(autouse=True)
def nobody_remembers(toy):
    """Whoever keeps an answer has none yet."""
    vars(sys.modules[discovery.implementations(toy)["numpy first again"].run.__module__])["KEPT"].clear()


@pytest.mark.parametrize("case", ["tiny", "tiny32"])
@pytest.mark.parametrize("name", ENDINGS)
def test_verdict(toy, name, case):
    record = stopwatch.measure(toy, case, name, SMOKE)
    verdict, reason = ENDINGS[name]
    assert record.verdict == verdict
    assert reason in record.agreement["reason"]
    assert (record.seconds("run") is None) == (verdict not in ("pass", "fail"))
    assert records.Record.from_dict(json.loads(json.dumps(record.as_dict(), allow_nan=False))) == record


@pytest.mark.parametrize(
    ("name", "note"),
    [("numpy product", []), ("numpy widening", ["gives float64 for float32 coordinates"])],
)
def test_another_precision_than_the_cases_is_noted(toy, name, note):
    assert stopwatch.measure(toy, "tiny32", name, SMOKE).processes[0].notes == note
    assert stopwatch.measure(toy, "tiny", name, SMOKE).processes[0].notes == []


def test_a_measured_record_is_complete(toy):
    record = stopwatch.measure(toy, "tiny", "groundspeed[cpu]", SMOKE)
    (process,) = record.processes
    assert record.kind == "measured"
    assert record.measured_records == record.records == 1000
    assert record.extrapolation is None
    assert set(process.phases) == set(records.PHASES)
    assert {len(seconds) for seconds in process.phases.values()} == {REPETITIONS}
    assert process.import_seconds == 0.125
    assert process.cold > process.import_seconds
    assert process.peak_host_bytes >= 0
    assert (
        process.peak_device_bytes is process.device_seconds is process.gpu is process.transfer_bytes is None
    )
    assert process.elapsed_seconds > sum(process.lane("host_to_host"))
    assert record.work == {"bytes": 16000.0, "doublings": 1000.0}
    assert record.environment["libraries"]["numpy"]
    assert len(record.environment["commit"]) == 40


FILES = {
    "numpy through files": ("pass", ""),
    "numpy damaged files": ("fail", "1,000 of 1,000 values"),
    "numpy half files": ("error", "OSError: no space left on device"),
    "no-such-library files": ("missing", "n/a: needs no_such_library"),
}


@pytest.mark.parametrize("name", FILES)
def test_from_file_to_file_the_written_file_is_judged_and_nothing_stays(toy, name, tmp_path, monkeypatch):
    outputs = vars(sys.modules[discovery.implementations(toy)[name].run.__module__])["OUTPUTS"]
    outputs.clear()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    record = stopwatch.measure(toy, "tiny", name, SMOKE)
    verdict, reason = FILES[name]
    assert record.verdict == verdict
    assert reason in record.agreement["reason"]
    assert record.lane == "file_to_file"
    assert (record.seconds("file_to_file") is None) == (verdict not in ("pass", "fail"))
    assert record.seconds("run") is record.seconds("host_to_host") is None
    assert bool(outputs) == (verdict != "missing")
    assert all(path.is_relative_to(tmp_path) for path in outputs)
    assert not list(tmp_path.glob("groundspeed-*"))


def test_from_file_to_file_is_the_run_phase(toy, monkeypatch):
    one = discovery.implementations(toy)["numpy through files"]
    slow = {"collect": lambda output: time.sleep(0.4) or one.collect(output)}
    monkeypatch.setitem(
        discovery.implementations(toy), one.name, model.Implementation(**{**vars(one), **slow})
    )
    record = stopwatch.measure(toy, "tiny", one.name, SMOKE)
    (process,) = record.processes
    assert record.seconds("file_to_file") == median(process.phases["run"])
    assert process.import_seconds < process.cold < process.import_seconds + 0.4
    assert min(process.phases["collect"]) > 0.4
    assert records.Record.from_dict(json.loads(json.dumps(record.as_dict()))) == record


def test_a_case_without_the_lane_has_no_such_competitor(toy):
    with pytest.raises(KeyError):
        stopwatch.measure(toy, "tiny32", "numpy through files", SMOKE)


def test_only_our_records_count_our_work(toy):
    assert stopwatch.measure(toy, "tiny", "numpy sum", SMOKE).work == {"bytes": 16000.0}


def test_a_slow_implementation_is_extrapolated_and_judged_on_what_was_measured(toy):
    record = stopwatch.measure(toy, "tiny", "python loop", HASTY)
    (process,) = record.processes
    found = record.extrapolation
    assert record.verdict == "pass"
    assert record.kind == "extrapolated"
    assert record.agreement["compared"] == record.measured_records < 1000
    assert [part["records"] for part in process.parts] == extrapolation.sizes(record.measured_records)
    assert (found["unit"], found["work"], found["parts"]) == ("values", 1000.0, process.parts)
    assert record.reach == process.scale == 1000 / record.measured_records
    assert record.seconds("run") == pytest.approx(process.parts[-1]["seconds"] * record.reach)
    low, high = record.interval
    assert low < record.seconds("run") < high
    assert record.seconds("run") > 1.0
    assert record.seconds("cold") is None
    assert process.budget["part"] == 0.3
    assert process.profile == "hasty"


def test_above_the_limit_but_in_time_everything_is_measured(toy):
    patient = Budget(repetitions=1, seconds=0.0, slow=60.0)
    record = stopwatch.measure(toy, "tiny", "python loop", patient)
    (process,) = record.processes
    assert (record.kind, record.measured_records, record.reach) == ("measured", 1000, 1.0)
    assert record.extrapolation is record.interval is None
    assert process.cold is None
    assert process.notes == ["no cold call: it was tried on a part of the case first"]
    assert record.seconds("run") > 1.0


def test_out_of_reach_no_time_is_stated(toy, monkeypatch):
    monkeypatch.setattr(extrapolation, "MOST_REACH", 1.5)
    record = stopwatch.measure(toy, "tiny", "python loop", HASTY)
    assert record.verdict == "pass"
    assert "times as far as was measured; 2 times is the most" in record.extrapolation["refused"]
    assert record.seconds("run") is record.seconds("host_to_host") is record.interval is None
    assert records.Record.from_dict(json.loads(json.dumps(record.as_dict(), allow_nan=False))) == record


def test_repetitions_alternate_between_two_inputs_and_end_with_those_of_the_case(toy, monkeypatch):
    seen = []
    one = discovery.implementations(toy)["numpy sum"]
    spy = {**vars(one), "prepare": lambda inputs: seen.append(inputs["values"][0]) or dict(inputs)}
    monkeypatch.setitem(discovery.implementations(toy), one.name, model.Implementation(**spy))
    record = stopwatch.measure(toy, "tiny", one.name, Budget(repetitions=4, seconds=0.0))
    assert seen == [999.0, 0.0, 999.0, 0.0, 999.0, 0.0]  # the first is the cold call
    assert len(record.processes[0].phases["run"]) == 5
    assert len(set(record.inputs_hash.values())) == 2


def test_one_input_is_repeated_where_two_prepared_ones_do_not_fit(toy, monkeypatch):
    monkeypatch.setattr(measurement, "PREPARE_ONCE", -1.0)
    monkeypatch.setattr(memory, "room_for", lambda more: False)
    record = stopwatch.measure(toy, "tiny", "numpy first again", SMOKE)
    assert record.verdict == "fail"
    assert "repeated on one input: two prepared ones do not fit into memory" in record.processes[0].notes
    assert len(record.processes[0].phases["run"]) == SMOKE.repetitions


def test_a_clock_that_goes_back_is_no_time(toy, monkeypatch):
    ticks = iter(range(10**6, 0, -1))
    monkeypatch.setattr(phases, "perf_counter", lambda: next(ticks))
    record = stopwatch.measure(toy, "tiny", "numpy sum", SMOKE)
    assert record.verdict == "error"
    assert "ClockError: the clock went back by 1 s during prepare" in record.agreement["reason"]


def test_a_wall_clock_that_is_set_is_noted(toy, monkeypatch):
    at = iter([1e9, 1e9 - 3600.0])
    monkeypatch.setattr(stopwatch, "time", lambda: next(at))
    (process,) = stopwatch.measure(toy, "tiny", "numpy sum", SMOKE).processes
    (note,) = process.notes
    assert "the wall clock stepped by -36" in note


def test_an_unknown_name_is_an_error(toy):
    with pytest.raises(KeyError):
        stopwatch.measure(toy, "tiny", "nobody", SMOKE)
    with pytest.raises(KeyError):
        stopwatch.measure(toy, "huge", "numpy sum", SMOKE)


def test_running_out_of_time_leaves_a_record(tmp_path):
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        "import toys; toys.install()\n"
        "from pathlib import Path\n"
        "from groundspeed.referee.measure import stopwatch\n"
        f"from groundspeed.referee.measure.budget import Budget; root = Path({str(tmp_path)!r})\n"
        f"stopwatch.measure('doubling', 'tiny', 'numpy endless', Budget(limit=0.5), root)\n"
        "print('came back')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert done.returncode == 1
    assert "came back" not in done.stdout
    (record,) = records.read(tmp_path)
    assert record.verdict == "timeout"
    assert record.agreement["reason"] == "no result after 0.5 s"
    assert record.processes == []


@pytest.mark.parametrize(
    ("walls", "enough"),
    [([], False), ([0.1] * 3, False), ([0.2] * 3, True), ([0.6], False), ([11.0], True), ([6.0, 6.0], True)],
)
def test_budget(walls, enough):
    assert Budget(repetitions=3, seconds=0.5, slow=10.0).enough(walls) is enough


def test_prepare_is_measured_in_every_repetition_unless_it_is_long(toy, monkeypatch):
    calls = []
    one = discovery.implementations(toy)["numpy sum"]
    counted = {**vars(one), "prepare": lambda inputs: calls.append(1) or dict(inputs)}
    for limit, expected, notes in ((2.0, 1 + REPETITIONS, 0), (-1.0, 1 + 2, 1)):
        calls.clear()
        monkeypatch.setattr(measurement, "PREPARE_ONCE", limit)
        monkeypatch.setitem(discovery.implementations(toy), "numpy sum", model.Implementation(**counted))
        (process,) = stopwatch.measure(toy, "tiny", "numpy sum", SMOKE).processes
        assert len(calls) == expected
        assert len(process.notes) == notes
        assert len(process.phases["prepare"]) == REPETITIONS


def test_a_record_holds_what_our_engine_counted_on_a_gpu(toy, monkeypatch):
    monkeypatch.setattr(gpu, "counting", lambda library, cores: nullcontext(Counters(2, 0, 1, 64)))
    record = stopwatch.measure(toy, "tiny", "numpy product", SMOKE)
    assert record.verdict == "pass"
    assert [record.work[name] for name in gpu.COUNTED] == [2.0, 1.0, 64.0]
