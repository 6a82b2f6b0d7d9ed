"""Everything that runs in an environment of its own: `nox -l` lists it."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import nox

nox.options.sessions = ["report"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
REPORTS = (
    ROOT / "build" / "reports"
)  # as `groundspeed bench report` writes them; reports/ holds the published ones
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
    session.install(".[competitors,report]")
    _elapsed(session, start, "installed")
    session.run("groundspeed", "data", "fetch", "--tier", "light", success_codes=DATA_OPTIONAL)
    _elapsed(session, start, "data fetched")
    session.run("groundspeed", "verify", "--profile", "smoke")
    _elapsed(session, start, "agreement checked")
    session.run(
        "groundspeed", "bench", "run", "--budget", str(QUICK_BUDGET), *session.posargs, success_codes=[0, 2]
    )
    _elapsed(session, start, "measured")
    session.run("groundspeed", "bench", "report")
    _elapsed(session, start, "done")


@nox.session
def full(session: nox.Session) -> None:
    """Everything worth publishing: all data, five passes over all cases, noise floor, report. Hours."""
    session.install(".[competitors,report]")
    session.run("groundspeed", "data", "fetch", "--tier", "full", success_codes=DATA_OPTIONAL)
    session.run("groundspeed", "verify", "--profile", "quick")
    session.run("groundspeed", "bench", "calibrate")
    unlimited = ["--profile", "full", "--passes", "5", "--budget", "86400"]
    session.run("groundspeed", "bench", "run", *unlimited, *session.posargs, success_codes=[0, 2])
    session.run("groundspeed", "bench", "report")


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
    session.install(".[competitors,report]")
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
    session.install(".[competitors,report]")
    session.run("groundspeed", "bench", "calibrate", *session.posargs)


@nox.session
def gpu(session: nox.Session) -> None:
    """On a CUDA machine: the tests that need it, the quick profile, the report, all in one archive."""
    cuda = "cuda12" if "cuda12" in session.posargs else "cuda13"
    session.install(f".[{cuda},competitors,report,test]")
    session.run("groundspeed", "data", "fetch", "--tier", "full", success_codes=DATA_OPTIONAL)
    session.run("pytest", "-m", "gpu", env={"GROUNDSPEED_REQUIRE": "1"})
    session.run("pytest", "--engine", "cuda", "tests/operations")
    session.run("groundspeed", "verify", "--profile", "quick")
    session.run("groundspeed", "bench", "run", "--passes", "5", success_codes=[0, 2])
    session.run("groundspeed", "bench", "report")
    session.log(f"send this file: {bundle([ROOT / 'records', REPORTS], ROOT / 'dist')}")


@nox.session
def wheelhouse(session: nox.Session) -> None:
    """Wheels for a CUDA machine without a package index: -- --python 3.12 --have numpy,numba --pin X==1.

    What `benchmarks/offline.sh` needs and the machine lacks goes to build/wheelhouse.
    """
    options = _wheelhouse_options(session.posargs)
    folder = ROOT / "build" / "wheelhouse"
    shutil.rmtree(folder, ignore_errors=True)
    target = ["--only-binary=:all:", "--implementation", "cp", "--python-version", options.python]
    target += [f"--platform=manylinux_{glibc}_x86_64" for glibc in ("2_28", "2_27", "2_24", "2_17")]
    report = Path(session.create_tmp()) / "resolved.json"
    resolve = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", str(report)]
    wanted = offline_requirements(options.pin)
    session.run("python", "-m", "pip", *resolve, "--target", session.create_tmp(), *target, *wanted)
    have = [*options.have.split(","), *(options.freeze.read_text().split() if options.freeze else ())]
    lacking = lacking_distributions(json.loads(report.read_text()), have)
    download = ["download", "--quiet", "--no-deps", "--dest", str(folder)]
    session.run("python", "-m", "pip", *download, *target, *lacking)
    session.log(check_wheelhouse(folder, options.most))


OFFLINE = ["asv_runner==0.3.2", "pytest>=8", "pytest-timeout>=2.3", "pytest-xdist>=3.6", "hypothesis>=6.100"]
"""What `benchmarks/offline.sh` needs beside the project's own dependencies."""
MOST_MEGABYTES = 40


def _wheelhouse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s wheelhouse --")
    parser.add_argument("--python", required=True, help="version there, e.g. 3.12")
    parser.add_argument("--have", default="", help="names it has, parted by commas")
    parser.add_argument("--freeze", type=Path, help="or the file that `pip freeze` wrote there")
    parser.add_argument("--pin", action="append", default=[], help="e.g. pyogrio==0.10.0, which is smaller")
    parser.add_argument("--most", type=float, default=MOST_MEGABYTES, help="megabytes that may travel")
    return parser.parse_args(arguments)


def offline_requirements(pins: list[str]) -> list[str]:
    """The project's dependencies and what tests and stopwatch need, pins taking the place of their names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {_normal(pin): pin for pin in pins}
    return [pinned.get(_normal(one), one) for one in [*project["dependencies"], *OFFLINE]]


def lacking_distributions(report: dict[str, Any], have: list[str]) -> list[str]:
    """`name==version` of what pip resolved and the other machine has not."""
    there = set(map(_normal, have))
    found = [item["metadata"] for item in report["install"]]
    return [f"{one['name']}=={one['version']}" for one in found if _normal(one["name"]) not in there]


def check_wheelhouse(folder: Path, most: float) -> str:
    """What is in the folder, largest first; raises where it is more than may travel."""
    wheels = sorted(folder.glob("*.whl"), key=lambda wheel: -wheel.stat().st_size)
    total = sum(wheel.stat().st_size for wheel in wheels) / 1e6
    listed = "\n".join(f"{wheel.stat().st_size / 1e6:8.1f} MB {wheel.name}" for wheel in wheels)
    if total > most:
        raise ValueError(
            f"{total:.0f} MB of wheels are more than {most:g} MB; name what the machine has with --have, pin "
            f"a smaller version with --pin, or allow more with --most:\n{listed}"
        )
    return f"{folder}: {total:.1f} MB\n{listed}"


def _normal(requirement: str) -> str:
    """The name in a requirement, as package indexes compare names."""
    name = re.match(r"[\w.\-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


def bundle(folders: list[Path], out: Path) -> Path:
    """Zip folders with a manifest of SHA-256 sums; `groundspeed bench report` reads the unpacked records."""
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
