"""Everything that runs in an environment of its own: `nox -l` lists it."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

nox.options.sessions = ["report"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
REPORTS = (
    ROOT / "build" / "reports"
)  # as `groundspeed bench report` writes them; reports/ holds the published ones
QUICK_BUDGET = 300  # seconds for the quick profile, whose first pass is made whatever it takes
DATA_OPTIONAL = [
    0,
    1,
]  # a data set that cannot be fetched leaves its cases out, with the reason in the report

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [extra for extra in PROJECT["optional-dependencies"] if extra not in ("compile", "test", "dev")]
QUICK_EXTRAS = "competitors,report,compile,test"
QUICK = ["tests/operations/test_every_operation.py"]
FIRST_CALL = (
    "import groundspeed as gs, shapely; "
    "point, polygon = gs.point_in_polygon([(1, 1)], [shapely.box(0, 0, 2, 2)]); "
    "assert (point.tolist(), polygon.tolist()) == ([0], [0])"
)


def pythons() -> list[str]:
    """Versions that pyproject.toml names and this machine has, on the PATH or under pyenv; oldest first."""
    named = [classifier.rpartition(" ")[2] for classifier in PROJECT["classifiers"] if ":: 3." in classifier]
    if "PYENV_VERSION" not in os.environ and shutil.which("pyenv"):
        installed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True).stdout
        chosen = [one for one in installed.split() if one.rpartition(".")[0] in named]
        os.environ["PYENV_VERSION"] = ":".join(chosen)  # pyenv's python3.12 runs where it is among these
    return [version for version in named if _runs(f"python{version}")]


def _runs(program: str) -> bool:
    if shutil.which(program) is None:
        return False
    return subprocess.run([program, "--version"], capture_output=True).returncode == 0


def lower_bounds(project: dict[str, Any], extras: list[str]) -> list[str]:
    """`name==version` of the oldest versions that a project admits.

    Args:
        project: table `project` of a pyproject.toml.
        extras: those that count beside the dependencies.
    """
    wanted = [*project["dependencies"], *(one for e in extras for one in project["optional-dependencies"][e])]
    found = [re.match(r"([\w.\-]+)(?:\[.*?\])?\s*(?:>=|==)([\w.]+)", one) for one in wanted]
    return [f"{match[1]}=={match[2]}" for match in found if match]


PYTHONS = pythons()


@nox.session
def report(session: nox.Session) -> None:
    """Install, fetch the light data, check agreement, measure the quick profile, report: 10 to 20 minutes."""
    start = time.monotonic()
    session.install(".[competitors,report]")
    _elapsed(session, start, "installed")
    session.run("groundspeed", "data", "fetch", "--tier", "light", success_codes=DATA_OPTIONAL)
    _elapsed(session, start, "data fetched")
    session.run("groundspeed", "verify", "--profile", "smoke")
    _elapsed(session, start, "agreement checked")
    agreed = _measured(session, "--budget", str(QUICK_BUDGET), *session.posargs)
    _elapsed(session, start, "measured")
    _reported(session, agreed)
    _elapsed(session, start, "done")


@nox.session
def full(session: nox.Session) -> None:
    """Everything worth publishing: all data, five passes over all cases, noise floor, report. Hours."""
    session.install(".[competitors,report]")
    session.run("groundspeed", "data", "fetch", "--tier", "full", success_codes=DATA_OPTIONAL)
    session.run("groundspeed", "verify", "--profile", "quick")
    session.run("groundspeed", "bench", "calibrate")
    unlimited = ["--profile", "full", "--passes", "5", "--budget", "86400"]
    _reported(session, _measured(session, *unlimited, *session.posargs))


@nox.session
def tests(session: nox.Session) -> None:
    """Style, types and the whole test suite."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHONS[:-1] or PYTHONS)
def quick(session: nox.Session) -> None:
    """Every operation on cpu and emulator, from its first call on, on all Pythons but the newest at hand."""
    session.install(f".[{QUICK_EXTRAS}]")
    _quick(session)


@nox.session(python=PYTHONS[:1])
def oldest(session: nox.Session) -> None:
    """The same with the oldest dependencies that pyproject.toml admits, on the oldest Python at hand."""
    constraints = Path(session.create_tmp()) / "constraints.txt"
    constraints.write_text("\n".join(lower_bounds(PROJECT, QUICK_EXTRAS.split(","))))
    session.install(f".[{QUICK_EXTRAS}]", "--constraint", str(constraints))
    _quick(session)


def _quick(session: nox.Session) -> None:
    """Twice, in folders of its own: nothing is stored at the first call ever, everything at the second."""
    folder = session.create_tmp()
    kept = {name: f"{folder}/{name.lower()}" for name in ("NUMBA_CACHE_DIR", "GROUNDSPEED_CACHE")}
    for path in kept.values():
        shutil.rmtree(path, ignore_errors=True)
    for _ in ("first", "second"):
        session.run("python", "-c", FIRST_CALL, env=kept)
    session.run("pytest", "-n", "auto", *(session.posargs or QUICK), env=kept)


@nox.session
@nox.parametrize("extra", [nox.param(extra, id=extra) for extra in ("none", *EXTRAS)])
def install(session: nox.Session, extra: str) -> None:
    """Each extra alone, and none: the library imports, says what it has, and computes."""
    session.install("." if extra == "none" else f".[{extra}]")
    session.run("python", "-c", f"{FIRST_CALL}; print(gs.available())")


@nox.session
def kernels(session: nox.Session) -> None:
    """Every kernel compiled by both CUDA compilers for every architecture, and compared with the table."""
    session.install("-e", ".[compile]")
    session.run("groundspeed", "kernels", "--all", *session.posargs)


@nox.session
def explore(session: nox.Session) -> None:
    """Examples that no run has seen, and a million records or more: what fails becomes an @example."""
    session.install("-e", ".[dev]")
    chosen = ["-m", "hypothesis or slow", "--hypothesis-profile", "explore"]
    session.run("pytest", "-n", "auto", *chosen, *session.posargs, env={"GROUNDSPEED_EXPLORE": "1"})


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
    agreed = _measured(session, "--passes", "5")
    session.run("groundspeed", "bench", "report")
    session.log(f"send this file: {bundle([ROOT / 'records', REPORTS], ROOT / 'dist')}")
    if not agreed:
        session.error(DISAGREED)


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
    pinned = {_normal(pin): pin for pin in pins}
    return [pinned.get(_normal(one), one) for one in [*PROJECT["dependencies"], *OFFLINE]]


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


DISAGREED = "something did not agree with the oracle or was not measured; the report says what"


def _measured(session: nox.Session, *arguments: str) -> bool:
    """Measure; whether everything agreed."""
    try:
        session.run("groundspeed", "bench", "run", *arguments)
    except CommandFailed:
        return False
    return True


def _reported(session: nox.Session, agreed: bool) -> None:
    """Report first, and fail then: a disagreement is in the report, and no success."""
    session.run("groundspeed", "bench", "report")
    if not agreed:
        session.error(DISAGREED)


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
