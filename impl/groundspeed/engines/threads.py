"""The one pool of threads, and how many cores there are: to start a thread takes as long as 50,000 rows."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def _cores() -> int:
    """NUMBA_NUM_THREADS, else the cores that this process may run on."""
    given = os.environ.get("NUMBA_NUM_THREADS")
    affinity = getattr(os, "sched_getaffinity", None)
    return int(given or (len(affinity(0)) if affinity else os.cpu_count() or 1))


CORES = _cores()


def count(asked: int | None) -> int:
    """Threads to use where so many are asked for, or None for all: at most one per core."""
    return min(asked or CORES, CORES)


def share(work: Callable[[Iterator[T]], Any], tasks: Sequence[T], threads: int | None = None) -> None:
    """Call `work` in several threads, this one included, all with the same iterator.

    Whoever is free takes the next task, so that uneven ones even out. An error in one thread leaves the
    others without another task. Calls from several threads, and from within `work`, may overlap.

    Args:
        work: does the tasks that it takes from its argument; it is to give the GIL away.
        tasks: in the order in which they are taken.
        threads: how many, this one included; None for one per core. `settings().threads` is what the caller
            of an operation allows.

    Raises:
        Exception: what `work` raised first, that of this thread before others.

    Examples:
        >>> squares = [0, 0, 0]
        >>> def work(todo):
        ...     for number in todo:
        ...         squares[number] = number**2
        >>> share(work, range(3))
        >>> squares
        [0, 1, 4]
    """
    todo = iter(tasks)
    others = [_pool().submit(_take, work, todo) for _ in range(min(count(threads), len(tasks)) - 1)]
    try:
        _take(work, todo)
    finally:
        failures = [other.exception() for other in others if not other.cancel()]
    for failure in filter(None, failures):
        raise failure


def over_chunks(work: Callable[[slice], Any], n: int, chunk: int, threads: int | None = None) -> None:
    """Call `work(slice)` for every chunk of range(n) in several threads.

    >>> seen = []
    >>> over_chunks(seen.append, 5, 2)
    >>> sorted(piece.start for piece in seen)
    [0, 2, 4]
    """
    pieces = [slice(start, min(start + chunk, n)) for start in range(0, n, chunk)]

    def take(todo: Iterator[slice]) -> None:
        for piece in todo:
            work(piece)

    share(take, pieces, threads)


def _take(work: Callable[[Iterator[T]], Any], todo: Iterator[T]) -> None:
    try:
        work(todo)
    except BaseException:
        for _ in todo:  # nothing is left for the others
            pass
        raise


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix="groundspeed")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork
