"""What a measurement ran on: processor, memory, GPU, and the version of everything that took part."""

from __future__ import annotations

import functools
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import psutil

ALWAYS = (
    "groundspeed",
    "llvmlite",
    "numba-cuda",
    "numba-cuda-mlir",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "cudf-cu12",
)


@functools.cache
def cpu_model() -> str:
    """The processor as it calls itself, e.g. `"AMD EPYC 7B13"`."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return _cpu_model_elsewhere()
    found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else _cpu_model_elsewhere()


def _cpu_model_elsewhere() -> str:
    try:
        import cpuinfo
    except ImportError:
        return platform.processor() or platform.machine()
    return str(cpuinfo.get_cpu_info().get("brand_raw") or platform.machine())


def cores() -> int:
    """Cores that this process may use: by its affinity, and no more than NUMBA_NUM_THREADS says.

    That variable holds ourselves back and nobody else; `confine` makes it a limit for everybody.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    there = len(affinity(0)) if affinity else (os.cpu_count() or 1)
    threads = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(there, int(threads)) if threads.isdecimal() and int(threads) > 0 else there


def confine() -> None:
    """Keep this process to so many cores as `cores` says, so that a competitor has no more than we have."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: cores()])


def slug(model: str, cores: int, gpu: str = "") -> str:
    """A short, stable name for a machine.

    >>> slug("AMD EPYC 7B13 64-Core Processor", 8)
    'amd-epyc-7b13-8c'
    >>> slug("Intel(R) Xeon(R) CPU @ 2.20GHz", 4, "NVIDIA L4")
    'intel-xeon-4c-l4'
    """
    plain = re.sub(
        r"\((?:R|TM)\)|@.*|\b(?:CPU|Processor|\d+-Core|NVIDIA)\b", " ", f"{model}", flags=re.IGNORECASE
    )
    parts = [plain, f"{cores}c", re.sub(r"NVIDIA", " ", gpu, flags=re.IGNORECASE)]
    return "-".join(filter(None, (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)))


def name() -> str:
    """Name of this machine: GROUNDSPEED_MACHINE, or made of its processor, cores and GPU."""
    gpus = gpu()
    return os.environ.get("GROUNDSPEED_MACHINE") or slug(
        cpu_model(), cores(), gpus[0]["name"] if gpus else ""
    )


@functools.cache
def gpu() -> list[dict[str, Any]]:
    """The NVIDIA GPUs that the driver lists: name, memory in bytes, driver, power limit in watts."""
    try:
        import pynvml
    except ImportError:
        return []
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    return [
        {
            "name": _text(pynvml.nvmlDeviceGetName(handle)),
            "memory": int(pynvml.nvmlDeviceGetMemoryInfo(handle).total),
            "driver": _text(pynvml.nvmlSystemGetDriverVersion()),
            "power_limit_watts": _power_limit(pynvml, handle),
        }
        for handle in handles
    ]


def _power_limit(pynvml: Any, handle: Any) -> float | None:
    """Watts; None where the driver does not say, as in virtual machines."""
    try:
        return float(pynvml.nvmlDeviceGetEnforcedPowerLimit(handle)) / 1000
    except pynvml.NVMLError:
        return None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def libraries() -> dict[str, str]:
    """Version of every installed distribution that this package or one of its extras names."""
    try:
        declared = [re.split(r"[^\w.\-]", line, maxsplit=1)[0] for line in requires("groundspeed") or []]
    except PackageNotFoundError:
        declared = []
    found = {}
    for distribution in sorted({*ALWAYS, *declared}, key=str.lower):
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return found


def git(root: Path, *arguments: str) -> str:
    """Output of a git command in a folder, "" where there is no git or no checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def environment(root: Path | None = None) -> dict[str, Any]:
    """Everything a reader needs to judge or repeat a measurement, as plain data for JSON.

    Args:
        root: source checkout whose commit is named; None leaves it out.
    """
    found: dict[str, Any] = {
        "machine": name(),
        "cpu": cpu_model(),
        "cores": cores(),
        "memory": psutil.virtual_memory().total,
        "os": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "libraries": libraries(),
        "numba_threads": _numba_threads(),
        "gpu": gpu(),
        "load_average": load_average(),
    }
    if root is not None:
        found["commit"] = git(root, "rev-parse", "HEAD")
        found["dirty"] = bool(git(root, "status", "--porcelain", "--untracked-files=no"))
    return found


def load_average() -> float | None:
    """Processes that were runnable during the last minute, None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _numba_threads() -> int:
    import numba

    return int(numba.get_num_threads())
