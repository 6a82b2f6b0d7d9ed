"""Everything that runs in an environment of its own: `nox -l` lists it."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import zipfile
from pathlib import Path

import nox

nox.options.sessions = ["report"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
REPORTS = ROOT / "build" / "reports"  # as `groundspeed report` writes them; reports/ holds the published ones
QUICK_BUDGET = (
    300  # seconds for the quick profile: with installation, data and report below ten minutes on two cores
)
DATA_OPTIONAL = [
    0,
    1,
]  # a data set that cannot be fetched leaves its cases out, with the reason in the report


@nox.session
def report(session: nox.Session) -> None:
    """Install, fetch the light data, check agreement, measure the quick profile, report: ten minutes."""
    start = time.monotonic()
    session.install(".[peers,report]")
    _elapsed(session, start, "installed")
    session.run("groundspeed", "data", "fetch", "--tier", "light", success_codes=DATA_OPTIONAL)
    _elapsed(session, start, "data fetched")
    session.run("groundspeed", "verify", "--profile", "smoke")
    _elapsed(session, start, "agreement checked")
    session.run("groundspeed", "run", "--budget", str(QUICK_BUDGET), *session.posargs, success_codes=[0, 2])
    _elapsed(session, start, "measured")
    session.run("groundspeed", "report")
    _elapsed(session, start, "done")


@nox.session
def full(session: nox.Session) -> None:
    """Everything worth publishing: all data, five passes over all cases, noise floor, report. Hours."""
    session.install(".[peers,report]")
    session.run("groundspeed", "data", "fetch", "--tier", "full", success_codes=DATA_OPTIONAL)
    session.run("groundspeed", "verify", "--profile", "quick")
    session.run("python", "-m", "groundspeed.referee.measure.noise", "records")
    unlimited = ["--profile", "full", "--passes", "5", "--budget", "86400"]
    session.run("groundspeed", "run", *unlimited, *session.posargs, success_codes=[0, 2])
    session.run("groundspeed", "report")


@nox.session
def tests(session: nox.Session) -> None:
    """Style, types and the whole test suite."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def explore(session: nox.Session) -> None:
    """The property tests on examples that no run has seen: what they find becomes an @example."""
    session.install("-e", ".[dev]")
    session.run(
        "pytest", "-n", "auto", "-m", "hypothesis", "--hypothesis-profile", "explore", *session.posargs
    )


@nox.session(name="asv")
def asv_(session: nox.Session) -> None:
    """The asv suite imports, and every benchmark of the smoke profile runs once; nothing is recorded."""
    session.install(".[peers,report]")
    existing = ["-E", f"existing:{session.virtualenv.location}/bin/python"]
    env = {"GROUNDSPEED_PROFILE": "smoke"}
    session.run(
        "python", "-c", "from groundspeed.referee.measure import asv_command; asv_command.describe('smoke')"
    )
    session.run("python", "-m", "groundspeed.referee.measure.asv_command", "check", *existing, env=env)
    smoke = ["run", *existing, "--machine", "smoke", "--quick", "--dry-run", "--show-stderr"]
    session.run("python", "-m", "groundspeed.referee.measure.asv_command", *smoke, *session.posargs, env=env)


@nox.session
def calibrate(session: nox.Session) -> None:
    """Measure the noise floor of this machine, the same code twice by turns: five minutes."""
    session.install(".[peers,report]")
    session.run("python", "-m", "groundspeed.referee.measure.noise", *session.posargs)


@nox.session
def gpu(session: nox.Session) -> None:
    """On a CUDA machine: the tests that need it, the quick profile, the report, all in one archive."""
    cuda = "cuda12" if "cuda12" in session.posargs else "cuda13"
    session.install(f".[{cuda},peers,report,test]")
    session.run("groundspeed", "data", "fetch", "--tier", "full", success_codes=DATA_OPTIONAL)
    session.run("pytest", "-m", "gpu", env={"GROUNDSPEED_REQUIRE": "1"})
    session.run("groundspeed", "verify", "--profile", "quick")
    session.run("groundspeed", "run", "--passes", "5", success_codes=[0, 2])
    session.run("groundspeed", "report")
    session.log(f"send this file: {bundle([ROOT / 'records', REPORTS], ROOT / 'dist')}")


def bundle(folders: list[Path], out: Path) -> Path:
    """Zip folders with a manifest of SHA-256 sums; `groundspeed report` reads the unpacked records."""
    out.mkdir(exist_ok=True)
    path = out / f"groundspeed-results-{time.strftime('%Y%m%dT%H%M%S')}.zip"
    sums = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
            name = str(file.relative_to(ROOT))
            sums[name] = hashlib.sha256(file.read_bytes()).hexdigest()
            archive.write(file, name)
        archive.writestr("manifest.json", json.dumps(sums, indent=1))
    return path


@nox.session(venv_backend="none")
def clean(session: nox.Session) -> None:
    """Remove what the other sessions left: environments, asv's results, records."""
    for name in (".asv", "records", "dist", "build"):
        shutil.rmtree(ROOT / name, ignore_errors=True)


def _elapsed(session: nox.Session, start: float, what: str) -> None:
    session.log(f"{what} after {time.monotonic() - start:.0f} s")
