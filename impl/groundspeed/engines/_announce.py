"""Says on stderr what one waits for while loops are compiled."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from groundspeed.engines import _store
from groundspeed.engines.choice import settings

PATIENCE = 1.0
"""Seconds of compiling, in all, until something is said."""

_spent = 0.0
_silent = False
_said: set[str] = set()


@contextmanager
def compiling(body: Any) -> Iterator[None]:
    """Around the compilation of a body's loop.

    Speaks up once for each package of bodies whose compilation is still going on after a second in all, if
    `groundspeed.use(progress=True)` is in force or nothing was ever compiled here.
    """
    global _spent
    package = body.__module__.rpartition(".")[0] or body.__module__
    first = not _store.some()
    wanted = (settings().progress or _said or first) and package not in _said and not _silent
    timer = threading.Timer(max(0.0, PATIENCE - _spent), _say, [package])
    timer.daemon = True
    began = time.perf_counter()
    if wanted:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _spent += time.perf_counter() - began


def silence() -> None:
    """Say nothing in this process, whatever it compiles: it was asked to compile."""
    global _silent
    _silent = True


def _say(package: str) -> None:
    _said.add(package)
    print(
        f"groundspeed: compiling loops of {package} for this processor, once: they are kept in "
        f"{_store.folder()}; `groundspeed warm` compiles everything ahead",
        file=sys.stderr,
        flush=True,
    )
