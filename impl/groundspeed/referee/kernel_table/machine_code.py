"""From PTX to machine code with NVIDIA's own linker, the stage that a user's driver would run."""

from __future__ import annotations

import functools
import importlib.metadata
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from groundspeed.engines import _link
from groundspeed.engines._link import LinkError

_USED = re.compile(r"used (\d+) registers.*?(\d+) stack")
_SPILLS = re.compile(r"(\d+) bytes spill stores, (\d+) bytes spill loads")


@dataclass(frozen=True)
class MachineCode:
    """Machine code of one kernel.

    Attributes:
        cubin: ELF image.
        registers: per thread.
        stack: bytes per thread, for local arrays, calls and spills.
        spilled: bytes per thread of registers stored to, plus loaded from, memory.
    """

    cubin: bytes
    registers: int
    stack: int
    spilled: int


def link(ptx: str, architecture: str, *options: str) -> MachineCode:
    """Compile PTX to machine code.

    Args:
        ptx: source.
        architecture: e.g. `"sm_90"`.
        options: more options of nvJitLink, e.g. `"-maxrregcount=32"`.

    Raises:
        LinkError: with the linker's own words.
    """
    cubin, log = _link.link(ptx, architecture, *options)
    return read_log(log, cubin)


def read_log(log: str, cubin: bytes = b"") -> MachineCode:
    """Find the resources in the linker's verbose log.

    Raises:
        LinkError: the log does not name them.

    Examples:
        >>> code = read_log("0 bytes spill stores, 8 bytes spill loads\\nused 46 registers, 40 stack")
        >>> code.registers, code.stack, code.spilled
        (46, 40, 8)
    """
    used = _USED.search(log)
    if not used:
        raise LinkError(f"no registers in the linker's log, which has changed its form: {log[:500]!r}")
    registers, stack = map(int, used.groups())
    spilled = sum(int(stores) + int(loads) for stores, loads in _SPILLS.findall(log))
    return MachineCode(cubin, registers, stack, spilled)


@functools.cache
def disassembler() -> Path | None:
    """nvdisasm, from its wheel or the PATH; None where it is not installed."""
    try:
        files = importlib.metadata.files("nvidia-cuda-nvdisasm") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == "nvdisasm"]
    on_path = shutil.which("nvdisasm")
    return found[0] if found else Path(on_path) if on_path else None


def disassemble(cubin: bytes) -> str:
    """SASS of a cubin, "" where nvdisasm is not installed."""
    tool = disassembler()
    if tool is None:
        return ""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        return subprocess.run([tool, "-c", file.name], capture_output=True, text=True, check=True).stdout
