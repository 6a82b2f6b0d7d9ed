"""The published form of records: one file of JSON lines, compressed, with every raw sample.

The first line says whose records they are, every further one is a record. `xz -dc records.jsonl.xz | head -1`
shows the first; the file of a machine with 380 records and 130,000 samples has 250 kB.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from groundspeed.referee.records import Process, Record, sealed

NAME = "records.jsonl.xz"
FORMER = "records.json"
"""How a report kept its records before: one document, pretty-printed."""
TICK = 7
"""Decimals of a second that are kept: reading the clock twice takes about 100 ns."""


def write(path: Path, header: dict[str, Any], records: Iterable[Record]) -> None:
    """Write a file of records, whole or not at all; equal records give equal bytes."""
    lines = [header, *(sealed(rounded(record)) for record in records)]
    text = "".join(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n" for line in lines)
    partial = path.with_suffix(".partial")
    partial.write_bytes(lzma.compress(text.encode("utf-8"), preset=9))
    partial.replace(path)


def read(path: Path) -> tuple[dict[str, Any], list[Record]]:
    """Header and records of a file that `write` made, or of a `records.json` of former reports.

    Raises:
        ValueError: not such a file, cut, edited, or of a schema that this code does not read; the message
            names the file and the record.
    """
    try:
        header, records = _former(path) if path.name == FORMER else _lines(path)
        header["machine"], header["noise"]
    except (lzma.LZMAError, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no published records, or is cut ({error}): get it again") from error
    return header, [_record(path, number, one) for number, one in enumerate(records, 1)]


def find(folder: Path) -> Path | None:
    """The records of a published report, in its folder."""
    return next((folder / name for name in (NAME, FORMER) if (folder / name).is_file()), None)


def rounded(record: Record) -> Record:
    """A record whose times have the digits that a clock can tell."""
    return replace(record, processes=[_rounded(process) for process in record.processes])


def _rounded(process: Process) -> Process:
    events = process.device_seconds
    return replace(
        process,
        phases={name: _digits(times) for name, times in process.phases.items()},
        device_seconds=None if events is None else _digits(events),
    )


def _digits(times: list[float]) -> list[float]:
    # Never down to nothing: a time of 0 would read as not measured.
    return [round(time, TICK) or float(f"{time:.1g}") for time in times]


def _lines(path: Path) -> tuple[dict[str, Any], list[Any]]:
    header, *records = map(json.loads, lzma.decompress(path.read_bytes()).decode("utf-8").splitlines())
    return header, records


def _former(path: Path) -> tuple[dict[str, Any], list[Any]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return content, content.pop("records")


def _record(path: Path, number: int, content: Any) -> Record:
    try:
        return Record.from_dict(content)
    except (AttributeError, ValueError) as error:
        names = [str(content.get(name)) for name in ("operation", "case", "implementation")]
        raise ValueError(f"{path}, record {number}, {' / '.join(names)}: {error}") from error
