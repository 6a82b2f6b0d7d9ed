"""The noise floor from its measurement, in real processes, to the page and the gate that use it."""

import json

from benchmarks import _noise, _stopwatch
from benchmarks._plan import Item
from groundspeed.reporting.bundle import load
from groundspeed.reporting.command import report
from groundspeed.reporting.gate import threshold
from groundspeed.reporting.words import percent

WHAT = ("haversine_distance", "uniform_smoke", "groundspeed[cpu]")


def test_a_measured_floor_reaches_the_report_and_the_gate(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_MACHINE", "calibrated")
    root = tmp_path / "records"
    path = _noise.calibrate(root, "smoke", rounds=1, wanted=[Item(*WHAT)])
    ((first, second),) = json.loads(path.read_text())["items"][0]["seconds"]
    assert min(first, second) > 0
    assert _stopwatch.main(*WHAT, "smoke", str(root)) == 0
    (bundle,) = load(root).values()
    assert bundle.floor == _noise.floor([(first, second)])
    page = report(root, tmp_path / "reports")
    assert f"differs by up to {percent(bundle.floor)}" in page.read_text(encoding="utf-8")
    assert percent(bundle.floor) in (page.parent / "report.md").read_text(encoding="utf-8")
    assert threshold(bundle, bundle) == max(2 * bundle.floor, 0.10)
