"""A slower time is a suspicion: only what is suspected is measured again before the gate decides."""

import types
from pathlib import Path

import pytest
from referee.report.sample import MACHINE, process, record, shards
from typer.testing import CliRunner

from groundspeed.cli import app
from groundspeed.referee import machine, records
from groundspeed.referee.records import Record
from groundspeed.referee.report.confirm import PASSES, check_place, remeasure
from groundspeed.referee.report.gate import compare

CASE = "stars_1e6x1000x101"


def ours(seconds, **changes):
    changes = {"case": CASE, **changes}
    return record("groundspeed[cpu]", seconds, style="compiled", cores="all", **changes)


def folders(tmp_path, before, after, **changes):
    base = shards(tmp_path / "base", [ours(before, **changes), record("numpy", [1.0] * 3, case=CASE)])
    head = shards(tmp_path / "head", [ours(after, **changes), record("numpy", [2.0] * 3, case=CASE)])
    return base, head


def adds(seconds, calls):
    """A runner that appends processes of so many seconds."""

    def run(profile, passes, budget, root, name, operations, implementations, cases, append):
        calls.append((profile, passes, name, operations, implementations, cases, append))
        for number in range(passes):
            one = ours([])
            records.write(
                root, Record(**{**vars(one), "processes": [process(seconds, 0.3)]}), f"again{number}"
            )
        return 0

    return run


def confirmed(tmp_path, before, after, again):
    base, head = folders(tmp_path, before, after)
    calls = []
    status = compare(base, head, lambda suspected, root: remeasure(suspected, root, adds(again, calls)))
    return status, calls


def test_a_slow_minute_is_cleared(tmp_path, capsys):
    status, calls = confirmed(tmp_path, [1.0] * 3, [1.5, 1.5], again=1.0)
    assert status == 0
    assert calls == [
        (
            "quick",
            PASSES,
            MACHINE,
            ("point_in_polygon",),
            r"^groundspeed\[cpu\]$",
            "^stars_1e6x1000x101$",
            True,
        )
    ]
    first, second = capsys.readouterr().out.split("after the re-run:")
    assert "measuring again: 1 item" in first
    assert "so few prove nothing" in first
    assert "FAIL" not in second


def test_a_regression_is_confirmed(tmp_path, capsys):
    status, calls = confirmed(tmp_path, [1.0] * 3, [1.5, 1.5], again=1.5)
    assert (status, len(calls)) == (1, 1)
    assert "FAIL" in capsys.readouterr().out.split("after the re-run:")[1]


def test_one_slow_process_is_measured_again_and_may_turn_out_a_regression(tmp_path):
    status, calls = confirmed(tmp_path, [1.0] * 3, [1.5], again=1.5)
    assert (status, len(calls)) == (1, 1)


@pytest.mark.parametrize("after", [[1.0] * 3, [0.5] * 3])
def test_without_a_suspicion_nothing_is_measured(tmp_path, after):
    assert confirmed(tmp_path, [1.0] * 3, after, again=1.0) == (0, [])


def test_what_no_clock_decides_is_not_measured_again(tmp_path):
    base, head = folders(tmp_path, [1.0] * 3, [1.0] * 3)
    shards(head, [ours([1.0] * 3, verdict="fail", reason="2 pairs differ")])
    assert compare(base, head, lambda *given: pytest.fail("measured")) == 1


def test_without_a_re_run_the_suspicion_stands_and_says_what_to_do(tmp_path, capsys):
    assert compare(*folders(tmp_path, [1.0] * 3, [1.5] * 3)) == 1
    assert "no re-run has confirmed: compare with --confirm" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("here", "commit", "message"),
    [("elsewhere", "b" * 40, "confirm it there"), (MACHINE, "b" * 40, "check that commit out")],
)
def test_another_machine_or_commit_cannot_confirm(here, commit, message):
    suspect = ours([1.5], environment={"cores": 8, "commit": "a" * 40})
    with pytest.raises(ValueError, match=message):
        check_place([suspect], here, commit)
    check_place([suspect], MACHINE, "a" * 40)
    check_place([suspect], MACHINE, "")


def test_the_command_hands_the_suite_over(tmp_path, monkeypatch):
    base, head = folders(tmp_path, [1.0] * 3, [1.5] * 3, environment={"cores": 8, "commit": "a" * 40})
    calls = []
    monkeypatch.setattr("groundspeed.cli._suite", lambda: types.SimpleNamespace(run=adds(1.0, calls)))
    monkeypatch.setattr(machine, "git", lambda folder, *arguments: "a" * 40)
    monkeypatch.setenv("GROUNDSPEED_MACHINE", MACHINE)
    done = CliRunner().invoke(app, ["bench", "compare", str(base), str(head), "--confirm"])
    assert (done.exit_code, len(calls)) == (0, 1), done.output
    monkeypatch.setattr(machine, "git", lambda folder, *arguments: "b" * 40)
    shards(head, [ours([2.0] * 6, environment={"cores": 8, "commit": "a" * 40})])
    for path in Path(head).rglob("again*.json"):
        path.unlink()
    done = CliRunner().invoke(app, ["bench", "compare", str(base), str(head), "--confirm"])
    assert done.exit_code == 1
    assert "check that commit out" in done.stderr.replace("\n", " ")
