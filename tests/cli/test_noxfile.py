"""The sessions that the README names exist, and a result bundle can be checked."""

import hashlib
import importlib.util
import json
import os
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


SESSIONS = ["report", "tests", "quick", "oldest", "install", "kernels", "explore", "asv_", "calibrate", "gpu"]


@pytest.mark.parametrize("name", [*SESSIONS, "full", "wheelhouse"])
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


def test_what_is_tested_is_what_is_promised(noxfile):
    """Versions of Python by their classifiers, from the first to the last of requires-python."""
    named = [one.rpartition(" ")[2] for one in noxfile.PROJECT["classifiers"] if "Python :: 3." in one]
    minors = [int(version.partition(".")[2]) for version in named]
    assert noxfile.PROJECT["requires-python"] == f">=3.{minors[0]},<3.{minors[-1] + 1}"
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert set(noxfile.PYTHONS) <= set(named)


def test_the_oldest_versions_are_the_lower_bounds(noxfile):
    project = {
        "dependencies": ["numpy>=1.26", "geo-pandas[all]>=1.0,<2", "without-a-bound"],
        "optional-dependencies": {"a": ["exact==0.3.2"], "b": ["other>=1"]},
    }
    assert noxfile.lower_bounds(project, ["a"]) == ["numpy==1.26", "geo-pandas==1.0", "exact==0.3.2"]


def test_every_dependency_has_a_lower_bound(noxfile):
    extras = noxfile.QUICK_EXTRAS.split(",")
    optional = noxfile.PROJECT["optional-dependencies"]
    wanted = [*noxfile.PROJECT["dependencies"], *(one for extra in extras for one in optional[extra])]
    assert len(noxfile.lower_bounds(noxfile.PROJECT, extras)) == len(wanted)


def fake_interpreters(folder, scripts):
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)


def test_pythons_at_hand_are_those_that_run(noxfile, tmp_path, monkeypatch):
    """A shim of pyenv that its settings do not admit is on the PATH too, and fails."""
    fake_interpreters(tmp_path, {"python3.11": "exit 0", "python3.12": "exit 127", "python3.99": "exit 0"})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_VERSION", "3.11.7")
    assert noxfile.pythons() == ["3.11"]


def test_pyenv_is_asked_for_all_that_it_has(noxfile, tmp_path, monkeypatch):
    told = "case $PYENV_VERSION in *3.12.1*) exit 0;; esac; exit 127"
    listed = "echo 3.8.1; echo 3.11.7; echo 3.12.1"
    fake_interpreters(tmp_path, {"python3.11": "exit 0", "python3.12": told, "pyenv": listed})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_VERSION", "")  # so that its end removes what the call sets
    monkeypatch.delenv("PYENV_VERSION")
    assert noxfile.pythons() == ["3.11", "3.12"]
    assert os.environ["PYENV_VERSION"] == "3.11.7:3.12.1"


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


@pytest.mark.parametrize("name", ["report", "full", "gpu"])
def test_a_disagreement_is_reported_and_is_no_success(noxfile, name, monkeypatch):
    """A session whose `groundspeed bench run` ends with 2."""
    ran = []

    class Session:
        posargs = ()

        def run(self, *command, success_codes=(0,), env=None):
            ran.append(command[:3])
            if command[:3] == ("groundspeed", "bench", "run"):
                assert 2 not in success_codes
                raise noxfile.CommandFailed

        def install(self, *requirements):
            pass

        def log(self, text):
            pass

        def error(self, text):
            raise SystemExit(text)

    monkeypatch.setattr(noxfile, "bundle", lambda folders, out: out)
    with pytest.raises(SystemExit, match="did not agree with the oracle"):
        vars(noxfile)[name].func(Session())
    assert ran[-1] == ("groundspeed", "bench", "report")
