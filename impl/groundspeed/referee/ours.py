"""Groundspeed's own engines as implementations, timed through the public function like every competitor."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import os
from pathlib import Path
from typing import Any

import numpy as np

from groundspeed import operations
from groundspeed.engines.choice import EngineUnavailable, get
from groundspeed.referee.model import Implementation, Inputs, Operation


def make(operation: Operation, engine: str) -> Implementation:
    """`groundspeed[<engine>]` for one operation."""

    def prepare(inputs: Inputs) -> dict[str, Any]:
        chosen = get(engine)
        return {name: _to_engine(chosen, value) for name, value in inputs.items()}

    def run(**inputs: Any) -> Any:
        result = operation.function(**inputs, engine=engine)
        get(engine).synchronize()
        return result

    def collect(result: Any) -> Any:
        chosen = get(engine)
        if isinstance(result, tuple):
            return tuple(map(chosen.to_host, result))
        return result.to_host() if hasattr(result, "to_host") else chosen.to_host(result)

    return Implementation(
        name=f"groundspeed[{engine}]",
        library="groundspeed",
        style="gpu" if engine == "cuda" else "compiled",
        cores="gpu" if engine == "cuda" else "all",
        run=run,
        prepare=prepare,
        collect=collect,
        requires=("cupy", "numba_cuda") if engine == "cuda" else (),
        lacks=functools.partial(unavailable, engine),
        doc=f"gs.{operation.name}(..., engine={engine!r})",
        shown=_source(operation),
    )


def _source(operation: Operation) -> str:
    """The operation's kernels; the module of its function where it has none, or where that is elsewhere."""
    home, module = operations.module(operation.name).__name__, operation.function.__module__
    kernels = f"{home}.kernels"
    own = module.startswith(home) and importlib.util.find_spec(kernels)
    return inspect.getsource(importlib.import_module(kernels if own else module))


def unavailable(engine: str) -> str:
    """Why the engine cannot run here, "" where it can."""
    try:
        get(engine)
    except EngineUnavailable as error:
        return str(error)
    return ""


def _to_engine(engine: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return engine.asarray(value)
    if isinstance(value, os.PathLike):
        return Path(value)
    return value.to_engine(engine) if hasattr(value, "to_engine") else value
