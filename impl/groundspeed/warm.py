"""Compile ahead, on all cores, what the first calls of operations would wait for."""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import Any, NamedTuple

from groundspeed import operations as _operations
from groundspeed.engines import _announce, _loop, cpu, threads

PRIMITIVES = "primitives"
"""Stands beside the topics for what the engine itself has."""


class Compiled(NamedTuple):
    """One loop that is stored now.

    Attributes:
        topic: of the operation that needs it, e.g. `"joins.point_in_polygon"`; `"primitives"` for the engine.
        name: of its body.
        seconds: what it took, next to nothing where it was stored before.
    """

    topic: str
    name: str
    seconds: float


def warm(operations: Iterable[str] | None = None, jobs: int | None = None) -> list[Compiled]:
    """Compile and store the loops of operations for the `cpu` engine, each in one of several processes.

    Args:
        operations: names; None for all.
        jobs: processes, None for one per core; 1 compiles in this process. Several start as
            `multiprocessing` starts them anew: a script that calls this needs `if __name__ == "__main__"`.

    Returns:
        The loops, in the order of topics.

    Raises:
        ValueError: no such operation.
    """
    known = _operations.names()
    chosen = [*operations] if operations is not None else [*known]
    for name in chosen:
        if name not in known:
            raise ValueError(f"no operation {name!r}; there are {', '.join(known)}")
    topics = dict.fromkeys([PRIMITIVES, *map(known.__getitem__, chosen)])
    tasks = [(topic, at) for topic in topics for at in range(len(_of(topic)))]
    most = min(jobs or threads.CORES, len(tasks))
    if most == 1:
        return [_compile(*task) for task in tasks]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(most, context, _announce.silence) as pool:
        return [*pool.map(_compile, *zip(*tasks, strict=True))]


def _compile(topic: str, at: int) -> Compiled:
    find, function, example = _of(topic)[at]
    began = perf_counter()
    find(function, example)
    return Compiled(topic, function.__name__.strip("_"), perf_counter() - began)


def _of(topic: str) -> list[tuple[Callable[..., Any], Callable[..., None], tuple[Any, ...]]]:
    """The loops of a topic: how they are found, their function, values of the types it takes."""
    if topic == PRIMITIVES:
        return [(_loop.loop_of, function, columns) for function, columns in cpu.LOOPS]
    return [(_loop.loop_around, body, columns) for body, columns in _bodies(topic)]


def _bodies(topic: str) -> Iterator[tuple[Callable[..., None], tuple[Any, ...]]]:
    """Elementwise kernels in `KERNELS` of a topic's modules, and in `LOOPS` what only the cpu engine runs."""
    package = importlib.import_module(f"{_operations.__name__}.{topic}").__name__
    if importlib.util.find_spec(f"{package}.kernels"):
        importlib.import_module(f"{package}.kernels")
    for name in sorted(sys.modules):
        if name.startswith(f"{package}."):
            module = sys.modules[name]
            kernels = getattr(module, "KERNELS", ())
            yield from ((one.function, one.example) for one in kernels if one.elementwise)
            yield from getattr(module, "LOOPS", ())
