"""Peak host memory of a piece of work: how far the resident set grew over where it stood."""

from __future__ import annotations

import ctypes
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
INTERVAL = 0.002  # seconds between two looks where the kernel keeps no mark


def resident() -> int:
    """Bytes of this process in memory."""
    return int(psutil.Process().memory_info().rss)


def room_for(more: int) -> bool:
    """Whether so many more bytes fit, with half as much again to work in."""
    return more * 1.5 < psutil.virtual_memory().available


def peak_growth(work: Callable[[], Any]) -> int:
    """Bytes by which the resident set grew at most while `work` ran.

    Linux keeps a high-water mark that can be reset; elsewhere a thread looks at the resident set every 2 ms,
    which may miss a short peak. Freed memory that the allocator holds back is handed to the system first, as
    far as that goes.
    """
    gc.collect()
    _trim()
    return _by_mark(work) if _reset_mark() else _by_sampling(work)


def _trim() -> None:
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):  # not glibc
        return


def _reset_mark() -> bool:
    try:
        CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _by_mark(work: Callable[[], Any]) -> int:
    before = _status("VmRSS")
    kept = work()  # alive until the mark is read
    after = _status("VmHWM")
    del kept
    return max(0, after - before)


def _status(field: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"{STATUS} has no field {field}; this kernel is too old")


def _by_sampling(work: Callable[[], Any]) -> int:
    process = psutil.Process()
    before = highest = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.is_set():
            highest = max(highest, process.memory_info().rss)
            time.sleep(INTERVAL)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        kept = work()
        highest = max(highest, process.memory_info().rss)
        del kept
    finally:
        done.set()
        watcher.join()
    return highest - before
