"""The noise floor from its measurement, in real processes, to the page and the gate that use it."""

import json

import pytest
from typer.testing import CliRunner

from groundspeed.cli import app
from groundspeed.referee.measure import noise, stopwatch
from groundspeed.referee.measure.plan import Item
from groundspeed.referee.report.bundle import load
from groundspeed.referee.report.command import report
from groundspeed.referee.report.formatting import percent
from groundspeed.referee.report.gate import threshold

WHAT = ("haversine_distance", "uniform_smoke", "groundspeed[cpu]")


def test_a_measured_floor_reaches_the_report_and_the_gate(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_MACHINE", "calibrated")
    root = tmp_path / "records"
    path = noise.calibrate(root, "smoke", rounds=1, wanted=[Item(*WHAT)])
    ((first, second),) = json.loads(path.read_text())["items"][0]["seconds"]
    assert min(first, second) > 0
    assert stopwatch.main(*WHAT, "smoke", str(root)) == 0
    (bundle,) = load(root).values()
    assert bundle.floor == noise.floor([(first, second)])
    page = report(root, tmp_path / "reports")
    assert f"differs by up to {percent(bundle.floor)}" in page.read_text(encoding="utf-8")
    assert percent(bundle.floor) in (page.parent / "report.md").read_text(encoding="utf-8")
    assert threshold(bundle, bundle) == max(2 * bundle.floor, 0.10)


@pytest.mark.parametrize(("budget", "rounds"), [(0, 1), (3600, 3)])
def test_no_round_is_begun_beyond_the_budget(tmp_path, monkeypatch, budget, rounds):
    monkeypatch.setattr(noise, "seconds", lambda item, profile: 1.0)
    path = noise.calibrate(tmp_path, "smoke", rounds=3, wanted=[Item(*WHAT)], budget=budget)
    stored = json.loads(path.read_text())
    assert (stored["rounds"], len(stored["items"][0]["seconds"]), stored["floor"]) == (rounds, rounds, 0)


def test_the_command_line_names_the_folder_and_the_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(noise, "seconds", lambda item, profile: 1.0)
    monkeypatch.setattr(noise, "candidates", lambda profile: [Item(*WHAT)])
    monkeypatch.setenv("GROUNDSPEED_MACHINE", "calibrated")
    command = ["bench", "calibrate", "--records", str(tmp_path), "--profile", "smoke"]
    done = CliRunner().invoke(app, [*command, "--rounds", "2"])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "calibrated" / "noise.json").read_text())["rounds"] == 2
    assert CliRunner().invoke(app, [*command, "--rounds", "0"]).exit_code == 2


def test_what_cannot_run_here_is_not_a_candidate(monkeypatch):
    all_of_them = noise.candidates("smoke")
    assert Item(*WHAT) in all_of_them
    monkeypatch.setattr(
        noise.discovery, "unavailable", lambda one: "n/a" if one.library == "groundspeed" else ""
    )
    assert noise.candidates("smoke") == [one for one in all_of_them if one.implementation != WHAT[2]]
