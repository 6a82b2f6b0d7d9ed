"""Tests and benchmarks of the cuda engine within so many seconds, the most telling first.

`python -m benchmarks._offline OUT SECONDS`, started by `offline.sh`. Each stage is a process with a deadline
of its own, so that one that hangs costs no more than its share; what has been measured is in OUT at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from groundspeed.referee import discovery, machine
from groundspeed.referee.measure import checkout
from groundspeed.referee.measure.plan import Item, items

TESTS_SHARE = 0.3
"""Of the time; the rest is for measuring."""
MOST_A_MEASUREMENT = 60.0


def main(out: Path, seconds: float) -> int:
    """Run every stage; returns 0 when the tests passed and everything measured agreed."""
    deadline = time.monotonic() + seconds
    out.mkdir(parents=True, exist_ok=True)
    (out / "machine.json").write_text(json.dumps(machine.environment(checkout.require()), indent=1))
    failed = _stage(out, "available", ["-c", "import groundspeed as gs; print(gs.available())"], 60)
    tests = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        "4",
        "--dist",
        "loadfile",
        "--timeout",
        "60",
    ]
    share = time.monotonic() + TESTS_SHARE * (deadline - time.monotonic())
    failed += _stage(out, "gpu-tests", [*tests, "-m", "gpu", "tests/gpu"], share - time.monotonic())
    on_cuda = [*tests, "--engine", "cuda", "-m", "not slow", "tests/operations"]
    failed += _stage(out, "operations-on-cuda", on_cuda, share - time.monotonic())
    failed += measure(out, deadline)
    _manifest(out)
    return int(failed > 0)


def measure(out: Path, deadline: float) -> int:
    """The stopwatch over a list of items until the time is used up; returns how many did not agree."""
    wrong = 0
    log = out / "measurements.txt"
    for item in telling():
        left = deadline - time.monotonic()
        if left < 5:
            print(f"out of time before {item}")
            break
        begun = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "groundspeed.referee.measure.stopwatch",
            item.operation,
            item.case,
            item.implementation,
        ]
        command += ["quick", str(out / "records")]
        with log.open("a") as output:
            status = _run(command, output, min(left, MOST_A_MEASUREMENT))
        wrong += status != 0
        print(f"{item} {'ok' if status == 0 else f'status {status}'} {time.monotonic() - begun:.1f} s")
    return wrong


def telling() -> Iterator[Item]:
    """What to measure, in order: ours on the GPU, ours on the CPU, then competitors by style."""
    runnable, _ = items("full")
    ranks = {"gpu": 0, "compiled": 1, "parallel": 2, "indexed": 3, "vectorised": 4, "naive": 9}
    profiles = {name: rank for rank, name in enumerate(("quick", "full", "smoke"))}

    def rank(item: Item) -> tuple[int, int, int]:
        one = item.by
        case = next(case for case in discovery.operation(item.operation).cases if case.name == item.case)
        first = 0 if one.style == "gpu" else 1 + profiles[case.profile]
        return first, ranks[one.style], case.records

    wanted = [item for item in runnable if item.by.style != "naive" and item.by.lane == "run"]
    return iter(sorted(wanted, key=rank))


def _stage(out: Path, name: str, arguments: list[str], seconds: float) -> int:
    """Run Python with arguments, its output in `name`.txt; returns 1 unless it succeeded."""
    begun = time.monotonic()
    path = out / f"{name}.txt"
    with path.open("w") as output:
        status = _run([sys.executable, *arguments], output, max(seconds, 1))
    lines = path.read_text().splitlines()
    print(f"== {name}: status {status}, {time.monotonic() - begun:.0f} s: {lines[-1] if lines else ''}")
    return int(status != 0)


def _run(command: list[str], output: object, seconds: float) -> int:
    """Exit status, or 124 where it was ended because its time was over."""
    try:
        return subprocess.run(
            command,
            cwd=checkout.require(),
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env={**os.environ},
        ).returncode  # type: ignore[call-overload]
    except subprocess.TimeoutExpired:
        return 124


def _manifest(out: Path) -> None:
    """SHA-256 of every file, so that a bundle that was changed on its way is noticed."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and ".site" not in path.parts)
    sums = {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (out / "manifest.json").write_text(json.dumps(sums, indent=1))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
