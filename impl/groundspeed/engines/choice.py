"""Which engine runs: one rule for every operation.

1. `engine=` of the call, or else of the innermost `use(...)`, decides.
2. Otherwise an input that lives on a GPU (CuPy, cuDF) chooses `cuda`.
3. Otherwise `cpu`.

A missing GPU is an error that names what is missing, never a silent fallback.
"""

from __future__ import annotations

import contextvars
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from groundspeed.engines.base import Engine
from groundspeed.engines.threads import CORES

ENGINES = {
    "cpu": ("groundspeed.engines.cpu", "CpuEngine"),
    "cuda": ("groundspeed.engines.cuda", "CudaEngine"),
    "emulator": ("groundspeed.engines.emulator", "EmulatorEngine"),
}


DLPACK_CUDA = (2, 13)
"""DLPack's kDLCUDA and kDLCUDAManaged; see dlpack.h."""


class EngineUnavailable(RuntimeError):
    """The engine exists but cannot run on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Settings:
    """What `use` sets.

    Attributes:
        engine: name of an engine, or None for the rule above.
        threads: CPU threads, or None for all.
        memory_budget: bytes one call may allocate for intermediate results, or None for half of the free.
        progress: whether long operations show a progress bar.
    """

    engine: str | None = None
    threads: int | None = None
    memory_budget: int | None = None
    progress: bool = False


DEFAULT = Settings()
_settings: contextvars.ContextVar[Settings] = contextvars.ContextVar("groundspeed_settings", default=DEFAULT)
_instances: dict[str, Engine] = {}


def settings() -> Settings:
    """The settings in force."""
    return _settings.get()


@contextmanager
def use(
    *,
    engine: str | None = None,
    threads: int | None = None,
    memory_budget: int | None = None,
    progress: bool | None = None,
) -> Iterator[Settings]:
    """Set engine, threads, memory budget and progress bars for the calls inside a `with` block.

    The settings belong to the thread (or asyncio task) that sets them; other threads keep their own.

    Args:
        engine: `"cpu"`, `"cuda"` or `"emulator"`; None keeps the outer choice.
        threads: CPU threads, at least 1 and at most one per core; None keeps the outer choice.
        memory_budget: bytes for intermediate results, at least 1 MiB; None keeps the outer choice.
        progress: show progress bars; None keeps the outer choice.

    Raises:
        TypeError: threads or memory_budget is not a whole number.
        ValueError: unknown engine, threads out of range or memory_budget < 1 MiB.

    Examples:
        >>> import groundspeed as gs
        >>> with gs.use(threads=1):
        ...     float(gs.haversine_distance(0.0, 0.0, 90.0, 0.0).round(3))
        10007.557
    """
    _check_name(engine)
    _check_threads(threads)
    _check_budget(memory_budget)
    asked = {"engine": engine, "threads": threads, "memory_budget": memory_budget, "progress": progress}
    given: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    token = _settings.set(replace(settings(), **given))
    try:
        yield settings()
    finally:
        _settings.reset(token)


def _check_name(name: str | None) -> None:
    if name is not None and name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}, got {name!r}")


def _check_threads(count: int | None) -> None:
    if count is None:
        return
    if not isinstance(count, int):
        raise TypeError(f"threads must be a whole number or None, got {count!r}")
    if not 1 <= count <= CORES:
        raise ValueError(
            f"threads must be at least 1 and at most {CORES}, got {count}; "
            "the environment variable NUMBA_NUM_THREADS sets the maximum before the first import"
        )


def _check_budget(memory_budget: int | None) -> None:
    if memory_budget is None:
        return
    if not isinstance(memory_budget, int):
        raise TypeError(f"memory_budget must be a whole number of bytes or None, got {memory_budget!r}")
    if memory_budget < 1 << 20:
        raise ValueError(
            f"memory_budget is in bytes and must be at least 1048576 (1 MiB), got {memory_budget}"
        )


def get(name: str) -> Engine:
    """The engine of that name.

    Raises:
        ValueError: no such engine.
        EngineUnavailable: it cannot run here; the message says what is missing and what to do.
    """
    _check_name(name)
    if name not in _instances:
        module, cls = ENGINES[name]
        _instances[name] = getattr(importlib.import_module(module), cls)()
    return _instances[name]


def available() -> dict[str, str]:
    """Every engine with "" where it can run here, or the reason why it cannot."""
    reasons = {}
    for name in ENGINES:
        try:
            get(name)
            reasons[name] = ""
        except EngineUnavailable as error:
            reasons[name] = str(error)
    return reasons


def on_device(value: Any) -> bool:
    """Whether a value lives on a GPU: CuPy and DLPack arrays, cuDF, and columns, tuples or lists of them.

    Of a tuple or list only the first three elements are looked at: (x, y, offsets), or members of one kind.
    """
    if type(value) is np.ndarray:  # most of what comes; the questions below take a microsecond
        return False
    if isinstance(value, tuple | list):
        return any(map(on_device, value[:3]))
    if getattr(value, "on_device", False) is True:
        return True
    return hasattr(value, "__cuda_array_interface__") or is_cudf(value) or on_cuda(value)


def is_cudf(value: Any) -> bool:
    """Whether a value is a frame, series or index of cuDF."""
    return type(value).__module__.partition(".")[0] == "cudf"


def on_cuda(value: Any) -> bool:
    """Whether a value speaks DLPack and says that it is on an NVIDIA GPU."""
    return dlpack_device(value) in DLPACK_CUDA


def dlpack_device(value: Any) -> int | None:
    """The type of device that a value is on, None where it does not speak DLPack.

    Arrow up to version 24 will not say where an array with nulls is: it does not speak DLPack.
    """
    if not hasattr(type(value), "__dlpack_device__"):
        return None
    try:
        return int(value.__dlpack_device__()[0])
    except TypeError:
        return None


def choose(engine: str | None, *inputs: Any) -> Engine:
    """Apply the rule at the head of this module, and set the number of CPU threads."""
    return chosen(engine, any(map(on_device, inputs)))


def chosen(engine: str | None, device: bool) -> Engine:
    """As `choose`, where it is known whether an input lives on a GPU."""
    name = engine or settings().engine or ("cuda" if device else "cpu")
    found = _instances.get(name) or get(name)
    found.threads(settings().threads)
    return found
