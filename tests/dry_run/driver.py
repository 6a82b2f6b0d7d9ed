"""Builds the counting driver, and runs Python code in a process that has it for its CUDA driver."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

HERE = Path(__file__).parent


@functools.cache
def folder() -> str:
    """Where libcuda.so.1 is."""
    made = tempfile.mkdtemp(prefix="counting-driver-")
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", f"{made}/libcuda.so.1", str(HERE / "libcuda.c")]
    subprocess.run(command, check=True)
    return made


def run(code: str, **environment: str) -> str:
    """What a new process over the counting driver prints.

    Raises:
        AssertionError: it fails; with what it said.
    """
    paths = [str(HERE), str(HERE.parent), *sys.path]
    settings = {"LD_LIBRARY_PATH": folder(), "PYTHONPATH": os.pathsep.join(paths), **environment}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
