"""Tests and benchmarks of the cuda engine within so many seconds, the most telling first.

`python -m groundspeed.referee.measure.offline OUT SECONDS`, started by `benchmarks/offline.sh`. Each stage is
a process with a deadline of its own, so that one that hangs costs no more than its share; what has been
measured is in OUT at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from groundspeed.referee import discovery, machine
from groundspeed.referee.measure import checkout
from groundspeed.referee.measure.plan import Item, items

TESTS_SHARE = 0.3
"""Of the time; the rest is for measuring."""
MOST_A_MEASUREMENT, LEAST = 60.0, 5.0
"""Seconds: no measurement gets more, and none begins with less."""
OUT_OF_TIME = 124
"""Exit status of what was ended because its time was over, as that of coreutils' timeout."""

PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "60"]
SPREAD = ["-n", "4", "--dist", "loadfile"]
TESTS = {
    "gpu-tests": [*PYTEST, *SPREAD, "-m", "gpu", "tests/gpu"],
    "operations-on-cuda": [*PYTEST, *SPREAD, "--engine", "cuda", "-m", "not slow", "tests/operations"],
}
"""Tests on the GPU by the name of their log: first each operation once, then all that its own tests know."""
STYLES = ("gpu", "compiled", "parallel", "indexed", "vectorised")
PROFILES = ("quick", "full", "smoke")
"""What tells most comes first; a naive loop tells nothing about this machine."""


def main(out: Path, seconds: float) -> int:
    """Run every stage; returns 0 when the tests passed and everything measured agreed."""
    deadline = time.monotonic() + seconds
    tests_end = time.monotonic() + TESTS_SHARE * seconds
    out.mkdir(parents=True, exist_ok=True)
    (out / "machine.json").write_text(json.dumps(machine.environment(checkout.require()), indent=1))
    failed = stage(out, "available", ["-c", "import groundspeed as gs; print(gs.available())"], 60)
    for name, arguments in TESTS.items():
        failed += stage(out, name, arguments, tests_end - time.monotonic())
    failed += measure(out, deadline, telling())
    write_manifest(out)
    return int(failed > 0)


def telling() -> Iterator[Item]:
    """What to measure, in order: ours on the GPU, then every competitor by profile and style."""
    runnable, _ = items("full")
    wanted = [item for item in runnable if item.by.style in STYLES and item.by.lane == "run"]
    return iter(sorted(wanted, key=_rank))


def _rank(item: Item) -> tuple[int, int, int]:
    cases = discovery.operation(item.operation).cases
    case = next(case for case in cases if case.name == item.case)
    style = STYLES.index(item.by.style)
    return 0 if style == 0 else 1 + PROFILES.index(case.profile), style, case.records


def measure(out: Path, deadline: float, chosen: Iterator[Item]) -> int:
    """The stopwatch over items until the time is used up; returns how many did not agree."""
    wrong = 0
    for item in chosen:
        left = deadline - time.monotonic()
        if left < LEAST:
            print(f"out of time before {item}", flush=True)
            break
        begun = time.monotonic()
        what = ["-m", "groundspeed.referee.measure.stopwatch", item.operation, item.case, item.implementation]
        with (out / "measurements.txt").open("a") as log:
            status = _python([*what, "quick", str(out / "records")], log, min(left, MOST_A_MEASUREMENT))
        wrong += status != 0
        print(f"{item} {_told(status)}, {time.monotonic() - begun:.1f} s", flush=True)
    return wrong


def stage(out: Path, name: str, arguments: list[str], seconds: float) -> int:
    """Run Python with arguments, its output in `name`.txt; returns 1 unless it succeeded in time."""
    begun = time.monotonic()
    path = out / f"{name}.txt"
    with path.open("w") as log:
        status = _python(arguments, log, max(seconds, 1))
    last = path.read_text().splitlines()[-1:]
    print(f"== {name}: {_told(status)}, {time.monotonic() - begun:.0f} s: {''.join(last)}", flush=True)
    return int(status != 0)


def _python(arguments: list[str], log: IO[str], seconds: float) -> int:
    """Exit status of Python in a session of its own, all of whose processes end with it."""
    command = [sys.executable, *arguments]
    process = subprocess.Popen(
        command, cwd=checkout.require(), stdout=log, stderr=log, start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return OUT_OF_TIME


def _told(status: int) -> str:
    return {0: "ok", OUT_OF_TIME: "ended, out of time"}.get(status, f"exit status {status}")


def write_manifest(out: Path) -> None:
    """SHA-256 of every file, so that a bundle that was changed on its way is noticed."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != "manifest.json")
    sums = {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.relative_to(out).parts[0].startswith(".")
    }
    (out / "manifest.json").write_text(json.dumps(sums, indent=1))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
