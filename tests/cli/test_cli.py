"""The command line: help everywhere, honest exit codes, messages that say what to do."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundspeed.cli import app

ROOT = Path(__file__).parents[2]
COMMANDS = ("ops", "verify", "bench run", "bench report", "bench compare", "bench calibrate", "machine")


def call(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", [(), *(name.split() for name in COMMANDS)])
def test_help(command):
    done = call(*command, "--help")
    assert done.exit_code == 0
    assert "--help" in done.output


def test_help_imports_nothing_heavy():
    heavy = "numba", "pandas", "shapely"
    code = f"import sys; import groundspeed.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ops_lists_the_rule_and_who_can_run(toy):
    done = call("ops")
    assert "arithmetic/doubling: Twice every value." in done.output
    assert "15 of 18 implementations" in done.output


def test_ops_of_one_operation_gives_reasons(toy):
    done = call("ops", toy)
    (line,) = [line for line in done.output.splitlines() if "absent" in line]
    assert "n/a: needs no_such_library" in line


def test_an_unknown_operation_lists_those_there_are(toy):
    for command in ("ops", "verify"):
        done = call(command, "tripling")
        assert done.exit_code == 1
        assert "no operation 'tripling'; there are: doubling" in done.stderr


def without(monkeypatch, *names):
    """Leave implementations out of the catalog."""
    from groundspeed.referee import discovery

    for name in names:
        monkeypatch.delitem(discovery.implementations("doubling"), name)


def test_verify_fails_when_one_implementation_does(toy, monkeypatch):
    without(monkeypatch, "numpy endless", "numpy killed")
    done = call("verify")
    assert done.exit_code == 1
    assert "fail     doubling" in done.output
    assert "12 agree, 11 do not, 5 cannot run here" in done.output


def test_verify_passes_when_all_that_run_agree(toy, monkeypatch):
    files = "damaged files", "half files"
    wrong = ("wrong", "misshapen", "raising", "hungry", "endless", "killed", "first again", *files)
    without(monkeypatch, *(f"numpy {name}" for name in wrong))
    done = call("verify")
    assert done.exit_code == 0, done.output
    assert "11 agree, 0 do not, 5 cannot run here" in done.output


def test_verify_of_nothing_fails(toy):
    done = call("verify", "--profile", "full")
    assert done.exit_code == 1
    assert "nothing was verified" in done.stderr


@pytest.mark.parametrize("command", ["verify", "bench run"])
def test_an_unknown_profile_lists_those_there_are(toy, command):
    done = call(*command.split(), "--profile", "fast")
    assert done.exit_code == 1
    assert "must be one of smoke, quick, full, got 'fast'" in done.stderr


def test_run_outside_a_checkout(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("bench", "run")
    assert done.exit_code == 1
    assert "no benchmark suite in" in done.stderr
    assert "run this inside a checkout" in done.stderr


@pytest.mark.parametrize("status", [0, 2])
def test_run_hands_its_options_over(toy, monkeypatch, status):
    seen = []
    fake = types.SimpleNamespace(run=lambda *given: seen.append(given) or status)
    monkeypatch.setattr("groundspeed.cli._suite", lambda: fake)
    done = call(
        "bench",
        "run",
        toy,
        "--profile",
        "smoke",
        "--passes",
        3,
        "--machine",
        "m",
        "--append",
        "--cases",
        "1k",
    )
    assert done.exit_code == status
    assert seen == [("smoke", 3, 3600.0, Path("records"), "m", ("doubling",), "", "1k", True)]


def test_run_turns_errors_into_messages(toy, monkeypatch):
    def refuse(*given):
        raise RuntimeError("not a git checkout")

    monkeypatch.setattr("groundspeed.cli._suite", lambda: types.SimpleNamespace(run=refuse))
    done = call("bench", "run")
    assert done.exit_code == 1
    assert done.stderr == "groundspeed: not a git checkout\n"


def test_report_without_records(tmp_path):
    done = call("bench", "report", "--records", tmp_path)
    assert done.exit_code == 1
    assert "measure first, e.g. groundspeed bench run" in done.stderr


def test_compare_without_records(tmp_path):
    done = call("bench", "compare", tmp_path, tmp_path)
    assert done.exit_code == 1
    assert "no record below" in done.stderr


def test_a_missing_package_names_the_extra(monkeypatch, tmp_path):
    (tmp_path / "m/op/case/one").mkdir(parents=True)
    (tmp_path / "m/op/case/one/1.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "groundspeed.referee.report.command", None)
    done = call("bench", "report", "--records", tmp_path)
    assert done.exit_code == 1
    assert "pip install 'groundspeed[report]'" in done.stderr


def test_machine_prints_json():
    told = json.loads(call("machine").output)
    assert told["cores"] >= 1
    assert told["libraries"]["groundspeed"]
    assert told["python"] == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize("command", ["data", "kernels"])
def test_mounted_commands_have_their_own_help(command):
    done = subprocess.run(
        [sys.executable, "-m", "groundspeed.cli", command, "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    assert f"{command} [OPTIONS]" in done.stdout
