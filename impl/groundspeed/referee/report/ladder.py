"""The ladder of a case: from the Python loop to the GPU, and what changed from rung to rung."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from groundspeed.referee.records import Record
from groundspeed.referee.report.changes import CoresAlone, changes, cores_alone
from groundspeed.referee.report.formatting import NOT_MEASURED, marked
from groundspeed.referee.report.table import OURS, Row, ranked


@dataclass(frozen=True)
class Step:
    """One kind of rung: what belongs on it, in which lane."""

    name: str
    lane: str
    accepts: Callable[[Record], bool]


def _theirs(style: str) -> Callable[[Record], bool]:
    """FOSS4G of a style that keeps to one core."""
    return lambda record: record.library != OURS and record.style == style and record.cores == "one"


def _libraries_on_all_cores(record: Record) -> bool:
    """FOSS4G on all cores, but no compiled loop: that is the next rung."""
    return record.library != OURS and record.cores == "all" and record.style != "compiled"


def _loops_compiled_here(record: Record) -> bool:
    """A loop that Numba compiles, on however many cores, but not ours."""
    return record.library != OURS and record.style == "compiled" and record.cores != "gpu"


def _ours(*cores: str) -> Callable[[Record], bool]:
    return lambda record: record.library == OURS and record.cores in cores


STEPS = (
    Step("naive", "run", _theirs("naive")),
    Step("vectorised", "run", _theirs("vectorised")),
    Step("indexed", "run", _theirs("indexed")),
    Step("all cores", "run", _libraries_on_all_cores),
    Step("compiled loop", "run", _loops_compiled_here),
    Step("groundspeed[cpu]", "run", _ours("all", "one")),
    Step("groundspeed[cuda]", "run", _ours("gpu")),
)
BACK_FROM_GPU = Step("host to host", "host_to_host", _ours("gpu"))
CONVERTED = Step("host to host", "host_to_host", _ours("all", "one"))


@dataclass(frozen=True)
class Rung:
    """One rung, filled or empty.

    Attributes:
        step: which one.
        row: the best agreeing implementation, None when there is none.
        empty: why there is none, "" otherwise.
        changed: what differs from the filled rung before, in words; () on the first.
        factor: seconds of the filled rung before / of this one; None on the first and on empty rungs.
        over_naive: seconds of the naive rung / seconds of this one; None without a naive rung.
        inferred: whether `factor` rests on an extrapolated time.
        naive_inferred: whether `over_naive` does.
    """

    step: Step
    row: Row | None
    empty: str
    changed: tuple[str, ...] = ()
    factor: float | None = None
    over_naive: float | None = None
    inferred: bool = False
    naive_inferred: bool = False

    @property
    def by(self) -> str:
        """The implementation, "" where the step is named after it or there is none."""
        name = self.row.record.implementation if self.row else ""
        return "" if self.step.name.startswith(name) else name

    @property
    def cause(self) -> str:
        """What changed, in words: `"library (numpy → duckdb), algorithm, cores (1 → 8)"`."""
        return ", ".join(self.changed) or "conversion in and out"

    @property
    def contribution(self) -> str:
        """What this rung adds, e.g. `"indexed: algorithm 3.1×"`; a loss is called so, an estimate marked."""
        if self.factor is None:
            return f"{self.step.name} {self.empty}" if self.empty else ""
        slower = " (slower)" if self.factor < 1 else ""
        return f"{self.step.name}: {self.cause} {marked(self.factor, self.inferred)}{slower}"


@dataclass(frozen=True)
class Ladder:
    """The rungs of one case, in order.

    Attributes:
        rungs: all of them.
        cores: what all cores alone bring: pairs of one code.
    """

    rungs: tuple[Rung, ...]
    cores: tuple[CoresAlone, ...] = ()

    @property
    def filled(self) -> list[Rung]:
        """Rungs with a time."""
        return [rung for rung in self.rungs if rung.row]

    @property
    def total(self) -> float | None:
        """First filled rung / last one: the product of all contributions."""
        factors = [rung.factor for rung in self.filled if rung.factor is not None]
        return prod(factors) if factors else None

    @property
    def sentence(self) -> str:
        """The contributions in words and what they multiply up to, "" with fewer than two filled rungs."""
        if self.total is None:
            return ""
        first = self.filled[0]
        told = [rung for rung in self.rungs[1:] if rung.contribution and rung.empty in ("", NOT_MEASURED)]
        inferred = any(rung.row.extrapolated for rung in (first, self.filled[-1]) if rung.row)
        together = f"together {marked(self.total, inferred)} over the {first.step.name} rung"
        text = "; ".join([*(rung.contribution for rung in told), together])
        return text[0].upper() + text[1:]

    @property
    def cores_sentence(self) -> str:
        """What all cores alone bring: only where one code ran on one and on all of them."""
        if not self.cores:
            return "Cores alone: not measured, no implementation ran on one core and on all"
        pairs = (f"{one.one.record.implementation} {marked(one.factor, one.inferred)}" for one in self.cores)
        return f"Cores alone, the same code on one and on all: {', '.join(pairs)}"


def ladder(rows: list[Row]) -> Ladder:
    """The ladder of one case from its rows (all lanes).

    The rung of a style holds the fastest implementation of it that agrees with the oracle, is in the
    `default` division and was measured or extrapolated. Factors relate neighbouring filled rungs, so they
    multiply up to the total; each names everything that changed between the two.
    """
    default = [row for row in rows if row.ranking == "default"]
    steps = (*STEPS, BACK_FROM_GPU if _best(default, STEPS[-1]) else CONVERTED)
    naive, previous = _best(default, STEPS[0]), None
    rungs = []
    for step in steps:
        row = _best(default, step)
        if row is None:
            rungs.append(Rung(step, None, _why_empty(default, step)))
            continue
        rungs.append(
            Rung(
                step,
                row,
                "",
                changes(previous.record, row.record) if previous else (),
                _quotient(previous, row),
                _quotient(naive, row),
                _rests_on_extrapolation(previous, row),
                _rests_on_extrapolation(naive, row),
            )
        )
        previous = row
    return Ladder(tuple(rungs), tuple(cores_alone(rows)))


def _best(rows: list[Row], step: Step) -> Row | None:
    return next(
        (row for row in _candidates(rows, step) if row.record.verdict == "pass" and row.seconds), None
    )


def _candidates(rows: list[Row], step: Step) -> list[Row]:
    """Rows of a step, the fastest first."""
    found = [row for row in ranked(rows, step.lane) if step.accepts(row.record)]
    usable = [row for row in found if row.record.kind != "model"]
    return sorted(usable, key=lambda row: (row.seconds is None, row.seconds or 0.0))


def _why_empty(rows: list[Row], step: Step) -> str:
    candidates = _candidates(rows, step)
    if all(row.record.verdict == "missing" for row in candidates):
        return NOT_MEASURED if step.name.startswith(OURS) else "no implementation measured"
    agreeing = [row.withheld for row in candidates if row.record.verdict == "pass"]
    return agreeing[0] if agreeing else f"none agrees: {candidates[0].withheld}"


def _rests_on_extrapolation(before: Row | None, after: Row) -> bool:
    return before is not None and before is not after and (before.extrapolated or after.extrapolated)


def _quotient(before: Row | None, after: Row) -> float | None:
    return before.seconds / after.seconds if before and before.seconds and after.seconds else None
