"""Run the suite: asv once per pass, so that the implementations of a case alternate and drift hits all alike.

After the first pass, later ones repeat what the time budget allows, cheapest first, and say how much it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from groundspeed.referee import code, discovery, machine, records
from groundspeed.referee.comparison import Agreement
from groundspeed.referee.measure import asv_command, checkout, cold
from groundspeed.referee.measure.plan import Item, affordable, items
from groundspeed.referee.measure.progress import progress
from groundspeed.referee.records import Record
from groundspeed.referee.verify import ACCEPTED


class Run:
    """One run of several passes.

    Args:
        profile: see `groundspeed.referee.discovery.cases`.
        root: folder of the records.
        name: of the machine.

    Raises:
        RuntimeError: this is not a git checkout of the suite, other code than is checked out is installed, or
            the machine of that name had another number of cores.
    """

    def __init__(self, profile: str, root: Path, name: str):
        self.root = root.resolve()
        self.name = name
        home = checkout.require()
        self.logs = home / ".asv" / "logs"
        self.commit = machine.git(home, "rev-parse", "HEAD")
        if not self.commit:
            raise RuntimeError(
                f"{home} is not a git checkout with a commit, and asv files results under commits; "
                "clone the repository, or measure single cases with: "
                "python -m groundspeed.referee.measure.stopwatch"
            )
        if reason := code.not_installed(home) or self._other_cores():
            raise RuntimeError(reason)
        self.stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        self.environment = {
            **os.environ,
            "GROUNDSPEED_PROFILE": profile,
            "GROUNDSPEED_RECORDS": str(self.root),
            "GROUNDSPEED_MACHINE": name,
            checkout.VARIABLE: str(home),
        }
        self.logs.mkdir(parents=True, exist_ok=True)
        asv_command.describe(name)

    def hand_over_imports(self, chosen: list[Item]) -> None:
        """Measure every import time once and hand it to the processes."""
        wanted = {cold.modules(discovery.operation(item.operation), item.by) for item in chosen}
        known = {" ".join(names): cold.measure_import(names) for names in wanted if names}
        self.environment[cold.VARIABLE] = json.dumps(known)

    def _other_cores(self) -> str:
        """Why this is not the machine that it is called, "" where nothing speaks against it."""
        home = records.shard_path(self.root, self.name, *"ocis").parents[3]
        had = next((record.environment.get("cores") for record in _readable(home)), None)
        if had in (None, machine.cores()):
            return ""
        return (
            f"{self.name!r} was measured with {had} cores and this process may use {machine.cores()}: give "
            "what has another number of cores a name of its own (--machine)"
        )

    def recorded(self, wanted: list[Item]) -> dict[Item, list[Path]]:
        """What earlier runs on this machine recorded for these items."""
        return {item: list(item.path(self.root, self.name, "any").parent.glob("*.json")) for item in wanted}

    def forget(self, older: dict[Item, list[Path]], again: Iterable[Item]) -> None:
        """Remove older records of the items that have new ones, and not before."""
        for item in again:
            for path in older.pop(item, []):
                path.unlink()

    def measure(self, number: int, chosen: list[Item], append: bool) -> dict[Item, Record]:
        """One pass: a process per item; an item whose process left no record gets one that says so."""
        shard = f"{self.stamp}-{number}"
        log = self.logs / f"{shard}.txt"
        paths = {item: item.path(self.root, self.name, shard) for item in chosen}
        arguments = ["run", "-E", f"existing:{sys.executable}", "--set-commit-hash", self.commit]
        arguments += ["--machine", self.name, "--record-samples", "--show-stderr"]
        arguments += ["--append-samples"] if append else []
        arguments += [part for item in chosen for part in ("-b", item.pattern)]
        environment = {**self.environment, "GROUNDSPEED_SHARD": shard}
        with progress(f"pass {number}", {str(item): path for item, path in paths.items()}):
            status = asv_command.asv(*arguments, environment=environment, log=log)
        if not any(path.exists() for path in paths.values()):
            raise RuntimeError(f"asv could not run the suite (exit status {status}); its output is in {log}")
        return {item: self._outcome(item, path, shard) for item, path in paths.items()}

    def _outcome(self, item: Item, path: Path, shard: str) -> Record:
        if path.exists():
            return Record.from_dict(json.loads(path.read_text()))
        reason = (
            f"the process ended without a record: killed, or out of memory; see {self.logs.name}/{shard}.txt"
        )
        return self.note(item, Agreement(verdict="error", reason=reason), shard)

    def note(self, item: Item, agreement: Agreement, shard: str) -> Record:
        """Record a verdict without a measurement."""
        record = replace(item.blank(), machine=self.name, agreement=agreement.as_dict())
        records.write(self.root, record, shard)
        return record


def _readable(home: Path) -> Iterator[Record]:
    """The records of a machine; a report names those that cannot be read."""
    for path in home.glob("*/*/*/*.json"):
        with suppress(ValueError):
            yield records.load(path)


def run(
    profile: str = "quick",
    passes: int = 2,
    budget: float = 3600.0,
    root: Path = Path("records"),
    name: str = "",
    operations: tuple[str, ...] = (),
    implementations: str = "",
    cases: str = "",
    append: bool = False,
) -> int:
    """Measure and print progress.

    Args:
        profile, passes: what, and how often.
        budget: seconds; the first pass is always made, later ones as far as this allows.
        root: folder of the records.
        name: of the machine; default: see `groundspeed.referee.machine.name`.
        operations, implementations, cases: see `groundspeed.referee.measure.plan.items`.
        append: keep what earlier runs on this machine recorded for the same items.

    Returns:
        0 when everything agreed, 2 when something did not.
    """
    begun = perf_counter()
    runnable, absent = items(profile, operations, implementations, cases)
    this = Run(profile, root, name or machine.name())
    older = {} if append else this.recorded([*runnable, *absent])
    for item, reason in absent.items():
        this.note(item, Agreement(verdict="missing", reason=reason), f"{this.stamp}-0")
    this.forget(older, absent)
    this.hand_over_imports(runnable)
    print(f"{this.name}: {len(runnable)} measurements a pass, {len(absent)} not available here", flush=True)
    verdicts: list[str] = []
    chosen = runnable
    for number in range(1, passes + 1):
        if not chosen:
            break
        start = perf_counter()
        outcomes = this.measure(number, chosen, append or number > 1)
        this.forget(older, outcomes)
        verdicts += [record.verdict for record in outcomes.values()]
        costs = _costs(outcomes, perf_counter() - start)
        chosen = affordable(costs, budget - (perf_counter() - begun))
        if number < passes and len(chosen) < len(costs):
            print(f"time budget: pass {number + 1} repeats {len(chosen)} of {len(costs)}", flush=True)
    wrong = sum(verdict not in ACCEPTED for verdict in verdicts)
    print(f"{len(verdicts)} measurements, {wrong} without agreement, {perf_counter() - begun:.0f} s")
    print(f"records: {this.root / this.name}")
    return 2 if wrong else 0


def _costs(outcomes: dict[Item, Record], wall: float) -> dict[Item, float]:
    """Seconds that repeating each agreeing measurement will take, with its share of the overhead."""
    own = {
        item: sum(process.elapsed_seconds or 0.0 for process in record.processes)
        for item, record in outcomes.items()
    }
    overhead = max(0.0, wall - sum(own.values())) / len(outcomes)
    return {item: own[item] + overhead for item, record in outcomes.items() if record.verdict == "pass"}
