"""What differs between two implementations, so that a factor is credited to nothing but its causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from groundspeed.referee.records import Record
from groundspeed.referee.report.table import OURS, Row

ON_ALL = " threads"
"""`X threads` is the code of `X` on all cores; discovery's test holds competitors to that."""
MADE_BY = {"naive": "Python interpreter", "compiled": "Numba", "gpu": "CUDA"}
"""What turns the loop over records into instructions, by style; of all other styles the library's own
compiler."""
FLOAT64 = "gives float64 for float32 coordinates"


@dataclass(frozen=True)
class CoresAlone:
    """The same code on one core and on all.

    Attributes:
        one, all: the rows.
    """

    one: Row
    all: Row

    @property
    def factor(self) -> float:
        """Seconds on one core / seconds on all."""
        return (self.one.seconds or 0.0) / (self.all.seconds or 1.0)

    @property
    def inferred(self) -> bool:
        """Whether an extrapolation is in it."""
        return self.one.extrapolated or self.all.extrapolated


def same_code(one: Record, other: Record) -> bool:
    """Whether two records are of one implementation on one core and on all.

    By name: `numpy formula` and `numpy formula threads`.
    """
    return one.implementation + ON_ALL == other.implementation and (one.cores, other.cores) == ("one", "all")


def cores_alone(rows: Iterable[Row]) -> Iterator[CoresAlone]:
    """Every pair of one case's rows in lane `run` that differ in nothing but the number of cores."""
    found = {row.record.implementation: row for row in rows if row.lane == "run" and row.seconds}
    agreeing = {name: row for name, row in found.items() if row.record.verdict == "pass"}
    for row in agreeing.values():
        twin = agreeing.get(row.record.implementation + ON_ALL)
        if twin and same_code(row.record, twin.record):
            yield CoresAlone(row, twin)


def changes(before: Record, after: Record) -> tuple[str, ...]:
    """What is different in `after`: library, algorithm, compiler, precision, cores, GPU.

    Cores stand alone only where the same implementation ran on one core and on all. Two implementations that
    are not the same code are taken to differ in their algorithm: nothing shows that they do not.
    """
    if before.implementation == after.implementation:
        return ()
    if same_code(before, after):
        return (_cores(before, after),)
    found = ["algorithm"]
    if before.library != after.library:
        found.insert(0, f"library ({before.library} → {_name(after)})")
    made = [MADE_BY.get(record.style, "library's own") for record in (before, after)]
    if made[0] != made[1]:
        found.append(f"compiler ({made[0]} → {made[1]})")
    widths = [_precision(record) for record in (before, after)]
    if widths[0] != widths[1]:
        found.append(f"precision ({widths[0]} → {widths[1]})")
    if after.cores == "gpu" != before.cores:
        found.append("GPU")
    elif before.cores != after.cores:
        found.append(_cores(before, after))
    return tuple(found)


def _name(record: Record) -> str:
    return "Groundspeed" if record.library == OURS else record.library


def _precision(record: Record) -> str:
    noted = any(FLOAT64 in note for process in record.processes for note in process.notes)
    return "float64" if noted else record.dtype


def _cores(before: Record, after: Record) -> str:
    numbers = {"one": "1", "all": str(after.environment.get("cores") or "all"), "gpu": "host"}
    return f"cores ({numbers[before.cores]} → {numbers[after.cores]})"
