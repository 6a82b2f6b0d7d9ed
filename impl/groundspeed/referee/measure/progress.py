"""One line on the terminal for every record as it appears."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from groundspeed.referee.records import Record

LOOK = 0.3  # seconds between two looks for new records


@contextmanager
def progress(title: str, paths: dict[str, Path]) -> Iterator[None]:
    """Watch for records while the block runs.

    Args:
        title: at the head of every line.
        paths: what will be measured -> where its record will be.
    """
    finished = threading.Event()
    printer = threading.Thread(target=_watch, args=(title, paths, finished), daemon=True)
    printer.start()
    try:
        yield
    finally:
        finished.set()
        printer.join()


def _watch(title: str, paths: dict[str, Path], finished: threading.Event) -> None:
    waiting = dict(paths)
    last = False
    while waiting and not last:
        last = finished.wait(LOOK)
        for name in [name for name, path in waiting.items() if path.exists()]:
            record = Record.from_dict(json.loads(waiting.pop(name).read_text()))
            done = f"{len(paths) - len(waiting)}/{len(paths)}"
            print(f"{title} {done:>9}  {name:80} {outcome(record)}", flush=True)


def outcome(record: Record) -> str:
    """What became of a measurement, in a few words."""
    if record.verdict != "pass":
        return f"{record.verdict}: {record.agreement.get('reason', '')}"[:120]
    if record.extrapolation is None:
        return f"{record.seconds(record.lane):.4g} s"
    if record.interval is None:
        return f"not measured: {record.extrapolation['refused']}"
    low, high = record.interval
    return (
        f"{record.seconds(record.lane):.4g} s (extrapolated x {record.reach:.0f}, {low:.3g} to {high:.3g} s)"
    )
