"""The run on a machine without a package index: its order, its deadlines, and what it leaves."""

import hashlib
import json
import time

import pytest

from groundspeed.referee.measure import offline
from groundspeed.referee.measure.plan import Item


def test_the_gpu_comes_first_and_naive_loops_never(monkeypatch):
    stars = "stars_1e6x1000x101"
    all_of_them = ["shapely double loop", "numpy ray casting", "groundspeed[cpu]", "groundspeed[cuda]"]
    given = [Item("point_in_polygon", stars, name) for name in all_of_them]
    given.insert(0, Item("point_in_polygon", "stars_1e7x1000x101", "groundspeed[cuda]"))
    monkeypatch.setattr(offline, "items", lambda profile: (given, {}))
    order = [(item.case, item.implementation) for item in offline.telling()]
    assert order == [
        (stars, "groundspeed[cuda]"),
        ("stars_1e7x1000x101", "groundspeed[cuda]"),
        (stars, "groundspeed[cpu]"),
        (stars, "numpy ray casting"),
    ]


def test_a_stage_that_hangs_is_ended_and_what_it_said_is_kept(tmp_path, capsys):
    begun = time.monotonic()
    sleepy = ["-c", "import time; print('so far', flush=True); time.sleep(60)"]
    assert offline.stage(tmp_path, "sleepy", sleepy, 3) == 1
    assert time.monotonic() - begun < 20
    assert (tmp_path / "sleepy.txt").read_text() == "so far\n"
    assert "ended, out of time" in capsys.readouterr().out


def test_measurements_stop_at_the_deadline(tmp_path, monkeypatch, capsys):
    given = [Item("haversine_distance", "uniform_smoke", "numpy formula")] * 2
    monkeypatch.setattr(offline, "_python", lambda *arguments: 1)
    assert offline.measure(tmp_path, time.monotonic() + 60, iter(given)) == 2
    assert offline.measure(tmp_path, time.monotonic() + offline.LEAST / 2, iter(given)) == 0
    assert "out of time before haversine_distance" in capsys.readouterr().out


@pytest.mark.slow
def test_a_measurement_leaves_a_record_that_agrees(tmp_path):
    item = Item("haversine_distance", "uniform_smoke", "numpy formula")
    assert offline.measure(tmp_path, time.monotonic() + 300, iter([item])) == 0
    (path,) = (tmp_path / "records").rglob("*.json")
    assert json.loads(path.read_text())["agreement"]["verdict"] == "pass"
    offline.write_manifest(tmp_path)
    sums = json.loads((tmp_path / "manifest.json").read_text())
    assert sums[str(path.relative_to(tmp_path))] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "measurements.txt" in sums
