"""What is wrong with a record, and the error that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

REJECTED = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("column", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.string()),
    ]
)
NONE = REJECTED.empty_table()
LONGEST_RAW = 200


class ReadError(ValueError):
    """A file or a record that cannot be read; the message names file, row, column, reason and fix."""


@dataclass(frozen=True, order=True)
class Problem:
    """One bad record.

    Attributes:
        row: position of the record in the file from 0; in a GeoPackage its feature id.
        column: where in the record, "" for the whole of it.
        reason: what is wrong.
        raw: the text of the record or value where there is one (long ones are cut), else None.
    """

    row: int
    column: str
    reason: str
    raw: str | None = None

    def error(self, path: Path) -> ReadError:
        """The error of `on_error="raise"`."""
        where = f", column {self.column!r}" if self.column else ""
        raw = f": {self.raw!r}" if self.raw else ""
        return ReadError(
            f"{path}: row {self.row}{where}: {self.reason}{raw}; correct it in the file, "
            "or set such rows aside with on_error='reject'"
        )


def shortened(value: object) -> str:
    """Raw text to show: bytes that are no text as hexadecimal digits, long values cut."""
    if isinstance(value, bytes):
        value = value.hex() if not value.isascii() or b"\0" in value else value.decode("ascii")
    text = str(value)
    return text if len(text) <= LONGEST_RAW else text[: LONGEST_RAW - 1] + "…"


def one_per_row(problems: Iterable[Problem]) -> list[Problem]:
    """In order of rows, the first of each row: a bad record is counted once."""
    first: dict[int, Problem] = {}
    for problem in problems:
        first.setdefault(problem.row, problem)
    return [first[row] for row in sorted(first)]


def as_table(problems: Iterable[Problem]) -> pa.Table:
    """Table with columns row, column, reason and raw."""
    rows = [(one.row, one.column, one.reason, one.raw) for one in problems]
    if not rows:
        return NONE
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(columns, REJECTED, strict=True)],
        schema=REJECTED,
    )
