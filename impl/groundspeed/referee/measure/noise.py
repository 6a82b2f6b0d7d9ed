"""The A/A noise floor of a machine: the same code measured twice, in processes that alternate.

`groundspeed bench calibrate` measures Groundspeed on the cpu engine and the oracle of every operation, and
stores `<records>/<machine>/noise.json`, where `groundspeed bench report` and `groundspeed bench compare` look
for it. A change smaller than twice the floor is not a change.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from groundspeed.referee import discovery, machine, records
from groundspeed.referee.measure import checkout
from groundspeed.referee.measure.plan import Item

ROUNDS = 5
BUDGET = 240.0
"""Seconds beyond which no further round is begun; the first is always finished."""
QUANTILE = 0.95


def candidates(profile: str) -> list[Item]:
    """What is measured: the first case of every operation, by its oracle and by Groundspeed."""
    found = [
        Item(operation.name, case.name, name)
        for operation in discovery.all_operations()
        for case in discovery.cases(operation.name, profile)[:1]
        for name in (operation.oracle, "groundspeed[cpu]")
    ]
    return [item for item in found if not discovery.unavailable(item.by)]


def floor(pairs: list[tuple[float, float]]) -> float:
    """95th percentile of |log(a / b)|, with linear interpolation.

    >>> floor([(1.0, 1.0), (1.0, 1.0)])
    0.0
    >>> round(floor([(2.0, 1.0)]), 3)
    0.693

    Raises:
        ValueError: no pairs.
    """
    if not pairs:
        raise ValueError("pairs must hold at least one pair of times; nothing could be measured twice")
    ordered = sorted(abs(math.log(a / b)) for a, b in pairs)
    position = QUANTILE * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def seconds(item: Item, profile: str) -> float:
    """Lane `run` of one new process.

    Raises:
        RuntimeError: the process found no agreement.
    """
    with tempfile.TemporaryDirectory() as folder:
        what = [item.operation, item.case, item.implementation, profile, folder]
        command = [sys.executable, "-m", "groundspeed.referee.measure.stopwatch", *what]
        done = subprocess.run(command, cwd=checkout.find(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{item}: no agreement, so no noise floor\n{done.stdout}{done.stderr}")
        (record,) = records.read(Path(folder))
    return record.samples("run")[0]


def calibrate(
    root: Path,
    profile: str = "quick",
    rounds: int = ROUNDS,
    wanted: list[Item] | None = None,
    budget: float = BUDGET,
) -> Path:
    """Measure every candidate twice per round, all candidates in every round, and store the floor.

    Args:
        root: folder of the records.
        profile: its first case of every operation is measured.
        rounds: at most so many.
        wanted: what is measured; None: `candidates`.
        budget: seconds; a round that would end later is not begun.
    """
    started = perf_counter()
    chosen = candidates(profile) if wanted is None else wanted
    pairs: dict[Item, list[tuple[float, float]]] = {item: [] for item in chosen}
    for number in range(1, rounds + 1):
        for item in chosen:
            pair = seconds(item, profile), seconds(item, profile)
            pairs[item].append(pair)
            print(f"round {number}/{rounds}  {item!s:80} {pair[0]:.4g} s, {pair[1]:.4g} s", flush=True)
        if (perf_counter() - started) * (number + 1) / number > budget:
            break
    return _store(root / machine.name() / records.NOISE, pairs, number)


def _store(path: Path, pairs: dict[Item, list[tuple[float, float]]], rounds: int) -> Path:
    content: dict[str, Any] = {
        "floor": floor([pair for each in pairs.values() for pair in each]),
        "quantile": QUANTILE,
        "rounds": rounds,
        "measured_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "load_average": machine.load_average(),
        "items": [
            {
                "operation": item.operation,
                "case": item.case,
                "implementation": item.implementation,
                "seconds": each,
            }
            for item, each in pairs.items()
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    print(f"noise floor {content['floor']:.1%}: {path}")
    return path
