"""Work shared out over all cores by threads that are kept: to start them takes as long as 50,000 rows."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
CORES = os.cpu_count() or 1


def share(work: Callable[[Iterator[T]], Any], tasks: Sequence[T]) -> None:
    """Call `work` in as many threads as there are cores, this one included, all with the same iterator.

    Whoever is free takes the next task, so that uneven ones even out. An error in one thread leaves the
    others without another task.

    Args:
        work: does the tasks that it takes from its argument; it is to give the GIL away.
        tasks: in the order in which they are taken.

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
    others = [_pool().submit(_take, work, todo) for _ in range(min(CORES, len(tasks)) - 1)]
    try:
        _take(work, todo)
    finally:
        failures = [other.exception() for other in others if not other.cancel()]
    for failure in filter(None, failures):
        raise failure


def _take(work: Callable[[Iterator[T]], Any], todo: Iterator[T]) -> None:
    try:
        work(todo)
    except BaseException:
        for _ in todo:  # nothing is left for the others
            pass
        raise


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix="groundspeed-io")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork
