"""Compile ahead, on all cores, what the first calls of operations would wait for."""

from __future__ import annotations

import importlib
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import Any, NamedTuple

from groundspeed import operations as _operations
from groundspeed.engines import _announce, _loop, cpu, threads

PRIMITIVES = "primitives"
"""Stands for what the engine itself has."""


class Compiled(NamedTuple):
    """One loop that is stored now.

    Attributes:
        operation: whose it is; `"primitives"` for the engine's own.
        name: of its body.
        seconds: what it took, next to nothing where it was stored before.
    """

    operation: str
    name: str
    seconds: float


def warm(operations: Iterable[str] | None = None, jobs: int | None = None) -> list[Compiled]:
    """Compile and store the loops of operations for the `cpu` engine, each in one of several processes.

    Args:
        operations: names; None for all.
        jobs: processes, None for one per core; 1 compiles in this process. Several start as
            `multiprocessing` starts them anew: a script that calls this needs `if __name__ == "__main__"`.

    Returns:
        The loops, in the order of operations.

    Raises:
        ValueError: no such operation.
    """
    chosen = [*operations] if operations is not None else [*_operations.names()]
    for name in chosen:
        if name not in _operations.names():
            raise ValueError(f"no operation {name!r}; there are {', '.join(_operations.names())}")
    tasks = [(name, at) for name in (PRIMITIVES, *chosen) for at in range(len(_of(name)))]
    most = min(jobs or threads.CORES, max(1, len(tasks)))
    if most == 1:
        return [_compile(*task) for task in tasks]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(most, context, _announce.silence) as pool:
        return [*pool.map(_compile, *zip(*tasks, strict=True))]


def _compile(operation: str, at: int) -> Compiled:
    find, function, example = _of(operation)[at]
    began = perf_counter()
    find(function, example)
    return Compiled(operation, function.__name__.strip("_"), perf_counter() - began)


def _of(operation: str) -> list[tuple[Callable[..., Any], Callable[..., None], tuple[Any, ...]]]:
    """The loops of an operation: how they are found, their function, values of the types it takes."""
    if operation == PRIMITIVES:
        return [(_loop.loop_of, function, columns) for function, columns in cpu.LOOPS]
    return [(_loop.loop_around, body, columns) for body, columns in _bodies(operation)]


def _bodies(operation: str) -> Iterator[tuple[Callable[..., None], tuple[Any, ...]]]:
    """Elementwise kernels in `KERNELS`, and in `LOOPS` what only the cpu engine runs, of its modules."""
    package = _operations.module(operation).__name__
    importlib.import_module(f"{package}.kernels")
    for name in sorted(sys.modules):
        if name.startswith(f"{package}."):
            module = sys.modules[name]
            yield from (
                (one.function, one.example) for one in getattr(module, "KERNELS", ()) if one.elementwise
            )
            yield from getattr(module, "LOOPS", ())
