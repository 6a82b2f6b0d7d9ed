"""What the first call in a new process costs before anything runs: importing the implementation's modules."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

from groundspeed.referee.model import Implementation, Operation

VARIABLE = "GROUNDSPEED_IMPORTS"
"""Environment variable by which a runner hands import times, measured once, to the processes it starts."""


def modules(operation: Operation, one: Implementation) -> tuple[str, ...]:
    """What an implementation imports before it can run: its libraries; for Groundspeed, the operation."""
    return (*one.requires, operation.function.__module__) if one.library == "groundspeed" else one.requires


def import_seconds(names: tuple[str, ...]) -> float:
    """Seconds a new interpreter takes to import these modules, its own start not included.

    The measuring process cannot see this itself: finding the competitors and loading the inputs have imported
    NumPy, Numba and perhaps Shapely before. Module files are in the page cache, as on any machine in use.

    Raises:
        ImportError: a module does not import; the message is the new interpreter's.
    """
    if not names:
        return 0.0
    known = json.loads(os.environ.get(VARIABLE, "{}"))
    key = " ".join(names)
    return float(known[key]) if key in known else measure_import(names)


def measure_import(names: tuple[str, ...]) -> float:
    """The same, always measured."""
    code = f"from time import perf_counter as t\ns = t()\nimport {', '.join(names)}\nprint(t() - s)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise ImportError(f"import {', '.join(names)} failed: {done.stderr.strip()[-500:]}")
    return float(done.stdout.split()[-1])


def import_here(names: tuple[str, ...]) -> None:
    """Import into this process, so that the first call does not pay a second time."""
    for name in names:
        importlib.import_module(name)
