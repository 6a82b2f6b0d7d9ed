"""asv itself on the suite, and whole runs on a copy of it that knows one toy operation."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from requirements import need

from groundspeed.referee import records
from groundspeed.referee.merging import merge

ROOT = Path(__file__).parents[3]
TOYS = f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\nimport toys\ntoys.install()\n"
RUN = (
    "import benchmarks, sys; from pathlib import Path; from groundspeed.referee.measure import passes; "
    "sys.exit(passes.run('smoke', 2, 600.0, Path('records'), 'toy', (), sys.argv[1]))"
)


@pytest.fixture
def copy(tmp_path):
    """The suite with a toy operation, not in a git checkout."""
    need("git", "asv")
    shutil.copytree(
        ROOT / "benchmarks", tmp_path / "benchmarks", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "asv.conf.json", tmp_path)
    suite = tmp_path / "benchmarks" / "__init__.py"
    suite.write_text(TOYS + suite.read_text())
    return tmp_path


def git(folder, *arguments):
    """Run git without anybody's settings."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def run(folder, pattern):
    """A run of two passes of the implementations that match."""
    return subprocess.run(
        [sys.executable, "-c", RUN, pattern], cwd=folder, capture_output=True, text=True, timeout=300
    )


def test_asv_check_finds_no_problem():
    need("git", "asv")
    command = [
        sys.executable,
        "-m",
        "groundspeed.referee.measure.asv_command",
        "check",
        "-E",
        f"existing:{sys.executable}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No problems found" in done.stdout


def test_a_run_records_every_ending_and_tells_asv(copy):
    git(copy, "init", "--initial-branch=elsewhere")
    git(copy, "add", ".")
    git(copy, "commit", "--message=first")
    git(copy, "checkout", "--detach")
    (copy / "asv.conf.json").write_text((copy / "asv.conf.json").read_text() + "\n")  # dirty
    stale = copy / "records/toy/doubling/tiny/numpy_sum/old.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")

    done = run(copy, "sum|wrong|killed|absent")
    assert done.returncode == 2, done.stdout + done.stderr

    found = merge(list(records.read(copy / "records")))
    outcome = {record.implementation: record for record in found if record.case == "tiny"}
    assert {name: record.verdict for name, record in outcome.items()} == {
        "numpy sum": "pass",
        "numpy wrong": "fail",
        "numpy killed": "error",
        "no-such-library absent": "missing",
    }
    assert len(outcome["numpy sum"].processes) == 2
    assert len(outcome["numpy wrong"].processes) == 1
    assert "killed, or out of memory" in outcome["numpy killed"].agreement["reason"]
    assert outcome["numpy sum"].environment["dirty"] is True
    assert all(record.machine == "toy" for record in found)

    (results,) = [path for path in (copy / ".asv/results/toy").glob("*.json") if path.name != "machine.json"]
    row = json.loads(results.read_text())["results"]["operations.Doubling.optime_run"]
    assert sum(value is not None and value == value for value in row[0]) == 2  # the two cases of numpy sum


def test_a_run_outside_a_git_checkout_says_so(copy):
    done = run(copy, "sum")
    assert done.returncode != 0
    assert "is not a git checkout" in done.stderr
    assert not (copy / "records").exists()


def test_a_run_of_nothing_says_so(copy):
    done = run(copy, "nobody")
    assert done.returncode != 0
    assert "nothing to measure" in done.stderr
