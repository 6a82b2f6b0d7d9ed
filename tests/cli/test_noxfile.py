"""The sessions that the README names exist, and a result bundle can be checked."""

import hashlib
import importlib.util
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from requirements import need

from groundspeed.cli import LOCAL_REPORTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def noxfile():
    """noxfile.py as a module."""
    need("nox")
    specification = importlib.util.spec_from_file_location("noxfile", ROOT / "noxfile.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["report", "tests", "calibrate", "gpu", "full", "asv_", "wheelhouse"])
def test_sessions_say_what_they_do(noxfile, name):
    assert getattr(noxfile, name).__doc__


def test_a_bundle_holds_every_file_and_its_checksum(noxfile, tmp_path, monkeypatch):
    monkeypatch.setattr(noxfile, "ROOT", tmp_path)
    (tmp_path / "records" / "m").mkdir(parents=True)
    (tmp_path / "records" / "m" / "one.json").write_text("{}")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "index.html").write_text("<p>")
    path = noxfile.bundle([tmp_path / "records", tmp_path / "reports"], tmp_path / "dist")
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert set(manifest) == {"records/m/one.json", "reports/index.html"}
        for name, checksum in manifest.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == checksum


def test_no_session_writes_where_reports_are_published(noxfile):
    name = noxfile.REPORTS.relative_to(ROOT)
    assert name == LOCAL_REPORTS
    asked = ["git", "check-ignore", "-q", str(name / "machine" / "index.html")]
    assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 0
    assert "--out" not in (ROOT / "noxfile.py").read_text()


RESOLVED = {
    "install": [
        {"metadata": {"name": n, "version": "1.0"}} for n in ("numpy", "Typing_Extensions", "shapely")
    ]
}


def test_a_wheelhouse_holds_what_the_other_machine_lacks(noxfile):
    assert noxfile.lacking_distributions(RESOLVED, ["typing-extensions", "", "numpy==2.5.2"]) == [
        "shapely==1.0"
    ]


def test_a_pin_takes_the_place_of_the_requirement(noxfile):
    wanted = noxfile.offline_requirements(["pyogrio==0.10.0"])
    assert [one for one in wanted if one.startswith("pyogrio")] == ["pyogrio==0.10.0"]
    assert {"asv_runner==0.3.2"} < set(wanted)


def test_a_wheelhouse_that_cannot_travel_is_refused_with_its_sizes(noxfile, tmp_path):
    (tmp_path / "big-1-py3-none-any.whl").write_bytes(bytes(2_000_000))
    with pytest.raises(ValueError, match=r"2 MB of wheels are more than 1 MB; .*--have(.|\n)*big-1-py3"):
        noxfile.check_wheelhouse(tmp_path, 1)
    assert "2.0 MB big-1" in noxfile.check_wheelhouse(tmp_path, 3)
