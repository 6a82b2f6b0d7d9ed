"""All cores: threads over chunks, for libraries that free the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Cores this process may use."""


def over_chunks(work: Callable[[slice], None], n: int, chunk: int, threads: int = CORES) -> None:
    """Call `work(slice)` for every chunk of range(n) on threads; pays where the library frees the GIL.

    >>> seen = []
    >>> over_chunks(seen.append, 5, 2)
    >>> sorted(piece.start for piece in seen)
    [0, 2, 4]
    """
    pieces = [slice(start, min(start + chunk, n)) for start in range(0, n, chunk)]
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, pieces):
            pass
