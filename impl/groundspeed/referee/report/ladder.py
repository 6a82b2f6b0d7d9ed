"""The ladder of a case: from the Python loop to the GPU, and what each rung contributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from groundspeed.referee.records import Record
from groundspeed.referee.report.formatting import NOT_MEASURED, factor
from groundspeed.referee.report.table import OURS, Row


@dataclass(frozen=True)
class Step:
    """One kind of rung: what belongs on it, in which lane, and what stepping on it means."""

    name: str
    meaning: str
    lane: str
    accepts: Callable[[Record], bool]


def _theirs(style: str) -> Callable[[Record], bool]:
    """FOSS4G of a style that keeps to one core: what all cores add is a rung of its own."""
    return lambda record: record.library != OURS and record.style == style and record.cores == "one"


def _all_cores(record: Record) -> bool:
    """FOSS4G on all cores, but no compiled loop: what compiling a kernel adds is the next rung."""
    return record.library != OURS and record.cores == "all" and record.style != "compiled"


def _ours(*cores: str) -> Callable[[Record], bool]:
    return lambda record: record.library == OURS and record.cores in cores


STEPS = (
    Step("naive", "Python loops", "run", _theirs("naive")),
    Step("vectorised", "leaving Python loops", "run", _theirs("vectorised")),
    Step("indexed", "the index", "run", _theirs("indexed")),
    Step("parallel (all cores)", "all cores", "run", _all_cores),
    Step("groundspeed[cpu]", "compiled kernel", "run", _ours("all", "one")),
    Step("groundspeed[cuda] resident", "GPU", "run", _ours("gpu")),
)
TO_GPU_AND_BACK = Step("host to host", "moving data to the GPU and back", "host_to_host", _ours("gpu"))
CONVERTED = Step("host to host", "converting data in and out", "host_to_host", _ours("all", "one"))


@dataclass(frozen=True)
class Rung:
    """One rung, filled or empty.

    Attributes:
        step: which one.
        row: the best agreeing implementation, None when there is none.
        empty: why there is none, "" otherwise.
        factor: seconds of the previous filled rung / of this one; None on the first and on empty rungs.
        over_naive: seconds of the naive rung / seconds of this one; None without a naive rung.
        inferred: whether `factor` rests on an extrapolated time.
    """

    step: Step
    row: Row | None
    empty: str
    factor: float | None = None
    over_naive: float | None = None
    inferred: bool = False

    @property
    def by(self) -> str:
        """The implementation, "" where the step is named after it or there is none."""
        name = self.row.record.implementation if self.row else ""
        return "" if self.step.name.startswith(name) else name

    @property
    def contribution(self) -> str:
        """What this rung adds, e.g. `"the index 3.1×"`; a loss and an extrapolated end are called so."""
        if self.factor is None:
            return f"{self.step.meaning} {self.empty}" if self.empty else ""
        remarks = [*(["extrapolated"] if self.inferred else []), *(["slower"] if self.factor < 1 else [])]
        remark = f" ({', '.join(remarks)})" if remarks else ""
        return f"{self.step.meaning} {factor(self.factor)}{remark}"


@dataclass(frozen=True)
class Ladder:
    """The rungs of one case, in order."""

    rungs: tuple[Rung, ...]

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
        first = next((rung.step.name for rung in self.filled), "")
        if self.total is None:
            return ""
        told = [rung for rung in self.rungs[1:] if rung.contribution and rung.empty in ("", NOT_MEASURED)]
        together = f"together {factor(self.total)} over the {first} rung"
        text = ", ".join([*(rung.contribution for rung in told), together])
        return text[0].upper() + text[1:]


def ladder(rows: list[Row]) -> Ladder:
    """The ladder of one case from its rows (all lanes).

    The rung of a style holds the fastest implementation of it that agrees with the oracle, is in the
    `default` division and was measured or extrapolated. Styles are compared on one core; `parallel` holds the
    fastest on all cores but for compiled loops. Factors relate neighbouring filled rungs, so they multiply
    up to the total.
    """
    steps = (*STEPS, TO_GPU_AND_BACK if _best(rows, STEPS[-1]) else CONVERTED)
    naive, previous = _best(rows, STEPS[0]), None
    rungs = []
    for step in steps:
        row = _best(rows, step)
        if row is None:
            rungs.append(Rung(step, None, _why_empty(rows, step)))
            continue
        inferred = row.extrapolated or bool(previous and previous.extrapolated)
        rungs.append(Rung(step, row, "", _quotient(previous, row), _quotient(naive, row), inferred))
        previous = row
    return Ladder(tuple(rungs))


def _best(rows: list[Row], step: Step) -> Row | None:
    return next(
        (row for row in _candidates(rows, step) if row.record.verdict == "pass" and row.seconds), None
    )


def _candidates(rows: list[Row], step: Step) -> list[Row]:
    """Rows of a step, the fastest first."""
    found = [row for row in rows if row.lane == step.lane and step.accepts(row.record)]
    usable = [row for row in found if row.record.division == "default" and row.record.kind != "model"]
    return sorted(usable, key=lambda row: (row.seconds is None, row.seconds or 0.0))


def _why_empty(rows: list[Row], step: Step) -> str:
    candidates = _candidates(rows, step)
    if all(row.record.verdict == "missing" for row in candidates):
        return NOT_MEASURED if step.name.startswith(OURS) else "no implementation measured"
    return f"none agrees: {candidates[0].withheld}"


def _quotient(before: Row | None, after: Row) -> float | None:
    return before.seconds / after.seconds if before and before.seconds and after.seconds else None
