"""The record says which code ran: of the package that is installed, not of the commit that is checked out."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from groundspeed.referee import code, discovery
from groundspeed.referee.measure import passes, stopwatch
from groundspeed.referee.measure.budget import BUDGETS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copied(tmp_path):
    """A copy of the sources in a folder of their own, as a checkout has them."""
    folder = tmp_path / "impl" / "groundspeed"
    shutil.copytree(code.installed(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_source_takes_part_and_nothing_else(copied):
    same = code.package()
    assert code.package(copied) == same
    (copied / "notes.txt").write_text("not a source")
    (copied / "__pycache__").mkdir()
    (copied / "__pycache__" / "x.pyc").write_bytes(b"1")
    for name in ("new.py", "new.h", "datasets/new.toml"):
        code.package.cache_clear()
        assert code.package(copied) == same
        (copied / name).write_text("")
        code.package.cache_clear()
        assert code.package(copied) != same
        (copied / name).unlink()
    code.package.cache_clear()
    (copied / "scalar" / "__init__.py").rename(copied / "scalar" / "renamed.py")
    assert code.package(copied) != same


def test_a_forgotten_reinstall_is_refused(copied, tmp_path):
    assert code.not_installed(tmp_path) == ""
    assert code.not_installed(tmp_path / "elsewhere") == ""
    (copied / "dispatch.py").write_text("# changed\n")
    code.package.cache_clear()
    reason = code.not_installed(tmp_path)
    assert "is not the one that is checked out" in reason
    assert "pip install" in reason


def test_nothing_is_measured_after_a_forgotten_reinstall(monkeypatch, tmp_path):
    monkeypatch.setattr(code, "not_installed", lambda home: "install it again")
    monkeypatch.setattr(passes.asv_command, "describe", lambda name: pytest.fail("began to measure"))
    monkeypatch.chdir(ROOT)
    with pytest.raises(RuntimeError, match="install it again"):
        passes.Run("smoke", tmp_path, "m")


def test_a_stamp_names_the_distributions_that_compute():
    found = code.stamp(discovery.implementations("point_in_polygon")["geopandas sjoin"])
    assert found["method"] == code.METHOD
    assert found["package"] == code.package() != found["declared"]
    assert set(found["distributions"]) == {"geopandas"}
    ours = code.stamp(discovery.implementations("point_in_polygon")["groundspeed[cpu]"])
    assert ours["declared"] == ours["package"]
    assert {"numba", "llvmlite", "numpy"} <= set(ours["distributions"])


def test_what_a_competitor_reaches_is_its_code():
    everybody = discovery.implementations("haversine_distance")
    declared = {
        name: code.declared(everybody[name]) for name in ("numpy formula", "numpy chunked", "duckdb sql")
    }
    assert len(set(declared.values())) == 3
    assert code.declared(everybody["numpy formula"]) == declared["numpy formula"]
    other = replace(everybody["numpy formula"], run=everybody["numpy chunked"].run)
    assert code.declared(other) == declared["numpy chunked"]


def test_a_server_tells_its_version():
    one = discovery.implementations("haversine_distance")["numpy formula"]
    served = replace(one, library="postgis", requires=(), version=lambda: "3.5")
    assert code.stamp(served)["distributions"] == {"postgis": "3.5"}


def test_the_record_is_stamped():
    record = stopwatch.measure("haversine_distance", "uniform_smoke", "numpy formula", BUDGETS["smoke"])
    assert record.code["package"] == code.package()
    assert record.schema == 2
    assert record.commits == [record.environment["commit"]]
    assert record.processes[0].profile == "smoke"
