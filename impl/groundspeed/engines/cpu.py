"""The `cpu` engine: the same bodies compiled by Numba, run on all cores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np
import psutil

from groundspeed.engines import threads
from groundspeed.engines._loop import Loop, loop_around, loop_of
from groundspeed.engines._pool import Pool
from groundspeed.engines.base import Engine

KEPT = 64
"""What part of the machine's memory is kept for later calls at most."""

PIECES_PER_THREAD, WORTH_A_PIECE = 16, 1e-4
"""Many pieces share out uneven work; shorter ones (seconds) would only make threads meet more often."""
PROBE = 256
"""The first of so many parts of a loop is run to see what others will cost, then sixteen times as much ..."""
TELLING = 1e-5
"""Seconds; ... until one has taken so long that what the call itself takes does not matter."""
WORTH_THREADS = 1e-4
"""Seconds; a loop that ends sooner is not shared out: waking a thread and waiting for it takes 60 us."""

LINE = 64
"""Bytes that a cache loads at a time."""


def _count(start, stop, keys, starts):  # type: ignore[no-untyped-def]
    for i in range(start, stop):
        starts[keys[i] + 1] += 1
    for k in range(starts.size - 1):
        starts[k + 1] += starts[k]


def _scatter(start, stop, keys, values, cursor, grouped):  # type: ignore[no-untyped-def]
    for i in range(start, stop):
        key = keys[i]
        grouped[cursor[key]] = values[i]
        cursor[key] += 1


def _scan(start, stop, counts, offsets):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for i in range(start, stop):
        offsets[i] = total
        total += counts[i]
    offsets[stop] = total


def _expand(start, stop, offsets, rows):  # type: ignore[no-untyped-def]
    """Nobody can predict whether a row has an item: each writes itself, and one without is written over."""
    i, at, end = start, offsets[start], offsets[stop]
    while at < end:
        rows[at] = i
        i += 1
        if offsets[i] - at > 1:
            rows[at + 1 : offsets[i]] = i - 1
        at = offsets[i]


def _touch(start, stop, octets, seen):  # type: ignore[no-untyped-def]
    for line in range(start, stop):
        seen[0] ^= octets[line * LINE]


def _examples() -> Iterator[tuple[Callable[..., None], tuple[Any, ...]]]:
    small, large = np.empty(1, np.int32), np.empty(1, np.int64)
    for rows in (small, large):
        yield _expand, (large, rows)
        yield _scan, (rows, large)
        yield _count, (rows, large)
        for keys in (small, large):
            yield _scatter, (keys, rows, large, rows)
    yield _touch, (np.empty(1, np.uint8), np.empty(1, np.uint8))


LOOPS = tuple(_examples())
"""Functions and values of the types that operations call them with, for `groundspeed.warm`."""


def _probe(loop: Loop, columns: tuple[Any, ...], n: int) -> tuple[int, float]:
    """Run the first items of range(n); returns how many, and how many seconds the others will take."""
    done, size = 0, max(1, n // PROBE)
    while done < n:
        stop = min(n, done + size)
        began = perf_counter()
        loop(done, stop, columns)
        took = perf_counter() - began
        if took >= TELLING:
            return stop, took * (n - stop) / (stop - done)
        done, size = stop, 16 * size
    return n, 0.0


class CpuEngine(Engine):
    """Numba on all cores (or on `settings().threads` of them).

    Threads come from a pool of our own, not from `prange`: loops compile in half the time, pieces go to
    whoever is free, and calls from several Python threads may overlap.
    """

    name = "cpu"
    cooperative = False
    xp = np

    def __init__(self) -> None:
        self._local = threading.local()
        self.pool = Pool(most=psutil.virtual_memory().total // KEPT)

    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run the body in a loop cut into pieces; the first piece tells whether threads are worth it."""
        self._share(*loop_around(body, columns), n)

    def _share(self, loop: Loop, columns: tuple[Any, ...], n: int) -> None:
        """Run `loop(start, stop, columns)` over range(n), in several pieces if that is worth it."""
        most = getattr(self._local, "threads", threads.CORES)
        done, rest = _probe(loop, columns, n) if most > 1 else (0, 0.0)
        if rest < WORTH_THREADS or done == n:
            loop(done, n, columns)
            return
        number = min(int(rest / WORTH_A_PIECE) + most, PIECES_PER_THREAD * most)
        size = -(-(n - done) // number)

        def work(pieces: Iterator[int]) -> None:
            for start in pieces:
                loop(start, min(start + size, n), columns)

        threads.share(work, range(done, n, size), most)

    def _run(self, function: Callable[..., None], n: int, *columns: Any) -> None:
        """Run `function(0, n, *columns)` on this thread: what it does at an item depends on those before."""
        loop, flat = loop_of(function, columns)
        loop(0, n, flat)

    def launch(self, kernel: Callable[..., None], grid: Any, block: Any, *arguments: Any) -> None:
        """Refuse: a CPU has no cooperative kernels."""
        raise TypeError(f"engine 'cpu' cannot launch the CUDA kernel {kernel.__name__!r}; use for_each")

    def empty(self, shape: int | tuple[int, ...], dtype: Any = np.float64) -> np.ndarray:
        """Allocate without initialising, memory of earlier calls where there is some."""
        return self.pool.empty(shape, dtype)

    def to_host(self, array: Any) -> np.ndarray:
        """Return the array itself: it is on the host already."""
        return np.asarray(array)

    def group(self, keys: Any, values: Any, bound: int) -> tuple[np.ndarray, np.ndarray]:
        """Group by counting sort: two passes, O(n + bound)."""
        starts = np.zeros(bound + 1, np.int64)
        self._run(_count, keys.size, keys, starts)
        grouped = self.empty(values.shape, values.dtype)
        self._run(_scatter, keys.size, keys, values, starts[:-1].copy(), grouped)
        return grouped, starts

    def offsets(self, counts: Any) -> np.ndarray:
        """Exclusive scan in one pass; NumPy's takes three times as long where it must widen the counts."""
        offsets = self.empty(len(counts) + 1, np.int64)
        self._run(_scan, len(counts), counts, offsets)
        return offsets

    def expand(self, offsets: Any, dtype: Any = np.int64, total: int | None = None) -> np.ndarray:
        """The row of every item, by one pass over the rows without a branch that cannot be predicted."""
        rows = self.empty(int(offsets[-1]), dtype)
        self._share(*loop_of(_expand, (offsets, rows)), len(offsets) - 1)
        return rows

    def fetch(self, reads: int, *arrays: Any) -> None:
        """Read a byte of every cache line in order, where there are fewer lines than reads."""
        if reads * LINE <= sum(array.nbytes for array in arrays):
            return
        for array in arrays:
            octets = array.reshape(-1).view(np.uint8)
            self._share(*loop_of(_touch, (octets, np.zeros(1, np.uint8))), len(octets) // LINE)

    def memory_available(self) -> int:
        """Free physical memory of the machine, counting what the pool holds unused."""
        return int(psutil.virtual_memory().available) + self.pool.held

    def threads(self, count: int | None) -> int:
        """Set the number of threads of later launches from this thread; None means all. Returns it."""
        self._local.threads = threads.count(count)
        return int(self._local.threads)
