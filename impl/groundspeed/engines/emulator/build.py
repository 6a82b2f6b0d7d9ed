"""Compile C to a shared library with gcc, once per source: libraries are kept in the user's cache."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from groundspeed.engines._kept import folder

RUNTIME = Path(__file__).parent / "runtime"


class BuildError(RuntimeError):
    """gcc did not accept a translated kernel: a defect of the emulator, not of the kernel."""


def library(c_source: str, contract: bool) -> ctypes.CDLL:
    """Load the shared library of a C file, compiling it if nobody has.

    Args:
        c_source: the file, which includes the headers in `runtime/`.
        contract: whether a product and a sum may be fused into one rounding.
    """
    command = [
        "gcc",
        "-std=gnu17",
        "-O2",
        "-w",
        "-shared",
        "-fPIC",
        "-fopenmp",
        "-fno-strict-aliasing",
        "-fwrapv",
    ]
    command += [f"-ffp-contract={'fast' if contract else 'off'}", *_fused_multiply_add(), f"-I{RUNTIME}"]
    headers = "".join(path.read_text() for path in sorted(RUNTIME.glob("*.h")))
    options = " ".join(command[1:-1])
    key = hashlib.sha256("\0".join((platform.machine(), options, headers, c_source)).encode()).hexdigest()[
        :24
    ]
    path = folder("emulator") / f"{key}.so"
    if not path.exists():
        _compile(command, c_source, path)
    return ctypes.CDLL(str(path))


def compiler() -> str | None:
    """Path of gcc, None where it is not installed."""
    return shutil.which("gcc")


def _compile(command: list[str], c_source: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        source, built = Path(beside) / "kernel.c", Path(beside) / "kernel.so"
        source.write_text(c_source)
        done = subprocess.run(
            [*command, str(source), "-o", str(built), "-lm"], capture_output=True, text=True
        )
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line]
            raise BuildError(
                "gcc failed on a translated kernel:\n" + "\n".join(errors[:20] or [done.stderr[:2000]])
            )
        os.replace(built, path)  # noqa: PTH105  (atomic: another process may have built the same)


@functools.cache
def _fused_multiply_add() -> list[str]:
    if platform.machine() != "x86_64":
        return []
    info = Path("/proc/cpuinfo")
    return ["-mfma"] if info.exists() and " fma " in info.read_text() else []
