"""Running another program: its progress as a bar, its last words as an error."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from groundspeed.datasets.errors import DatasetError

PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
"""How pip counts bytes with `--progress-bar raw`."""

UNREACHABLE = (
    "connection error",
    "NewConnectionError",
    "NameResolutionError",
    "Could not resolve",
    "Temporary failure resolving",
    "EAI_AGAIN",
)
"""How pip, apt-get and npm say that there is no network; their last words are about something else."""


def run(name: str, command: Sequence[str], folder: Path, otherwise: str) -> None:
    """Run a program and show a bar of bytes where it says how many it has fetched.

    Args:
        name: of the data set, for the bar and for messages.
        command: program and arguments.
        folder: where it works.
        otherwise: end of the message: what else the reader could do.

    Raises:
        DatasetError: the program cannot be started or failed; the message has its last lines.
    """
    try:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        raise DatasetError(f"{name}: {command[0]} cannot be started: {error}; {otherwise}") from error
    with process:
        said = _follow(name, process)
    if process.returncode != 0:
        shown = " ".join([Path(command[0]).name, *command[1:]])
        raise DatasetError(f"{name}: `{shown}` failed: {_reason(said, process.returncode)}; {otherwise}")


def _follow(name: str, process: subprocess.Popen[str]) -> list[str]:
    """What the program says, without its progress, which moves a bar."""
    said = []
    with tqdm(desc=name, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        for line in process.stdout or ():
            if found := PROGRESS.search(line):
                bar.total = int(found[2])
                bar.update(int(found[1]) - bar.n)
            elif line.strip():
                said.append(line.strip())
    return said


def _reason(said: list[str], status: int) -> str:
    telling = [line for line in said if "error" in line.lower()] or said
    words = " / ".join(telling[-3:]) or f"exit status {status}"
    if "No module named pip" in words:
        return "this Python has no pip: run `python -m ensurepip`"
    if any(sign in line for line in said for sign in UNREACHABLE):
        return "it cannot reach its server"
    if "No space left on device" in words:
        return "the disk is full: free some space or set GROUNDSPEED_DATA to a folder on another disk"
    return words
