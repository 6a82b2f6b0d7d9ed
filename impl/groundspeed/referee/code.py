"""Which code was measured: hashes of the installed package, of a competitor's files and distributions.

A commit says what is checked out and not what is installed: who forgets to install again measures the old
code under the new commit's name.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import groundspeed
from groundspeed.referee import timed_code
from groundspeed.referee.model import Implementation

METHOD = "2"
"""Of the way of measuring; raise it when times of older versions are no longer comparable."""

SUFFIXES = (".py", ".h", ".toml")
UNDER_OURS = ("numba", "llvmlite", "numpy", "numba-cuda", "cupy-cuda12x", "cupy-cuda13x")
"""What compiles and runs Groundspeed itself."""


def installed() -> Path:
    """The folder of the package that is imported here."""
    return Path(groundspeed.__file__).parent


@functools.cache
def package(folder: Path | None = None) -> str:
    """Hash of all sources of a package, by default of the one that is imported here.

    >>> len(package())
    16
    """
    home = folder or installed()
    return _of_files(home, (path for path in home.rglob("*") if path.suffix in SUFFIXES))


def _of_files(home: Path, paths: Iterable[Path]) -> str:
    """Of names below a folder and contents; of the last part of the name for files elsewhere."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        name = path.relative_to(home).as_posix() if path.is_relative_to(home) else path.name
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def declared(one: Implementation) -> str:
    """Hash of what of this package a competitor's phases reach, of the whole for our own."""
    if one.library == "groundspeed":
        return package()
    return timed_code.key(one.prepare, one.build, one.run, one.collect)[:16]


def distributions(one: Implementation) -> dict[str, str]:
    """Version and hash of every installed distribution that a competitor names, by its own name."""
    names = UNDER_OURS if one.library == "groundspeed" else (one.library, *one.requires)
    found = {name.replace("_", "-"): _distribution(name) for name in names}
    return {name: version for name, version in sorted(found.items()) if version}


@functools.cache
def _distribution(name: str) -> str:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    files = (distribution.read_text("RECORD") or "").splitlines()
    hashed = sorted(line for line in files if ",sha256=" in line and ".dist-info/" not in line)
    if not hashed:  # neither pip nor uv installed it
        return distribution.version
    digest = hashlib.sha256("\n".join(hashed).encode()).hexdigest()[:8]
    return f"{distribution.version} {digest}"


def stamp(one: Implementation) -> dict[str, Any]:
    """What a record says of the code that was measured."""
    return {
        "package": package(),
        "declared": declared(one),
        "distributions": {**distributions(one), **_elsewhere(one)},
        "method": METHOD,
    }


def _elsewhere(one: Implementation) -> dict[str, str]:
    """The version of what computes where that is no Python package."""
    version = one.version()
    return {one.library: version} if version else {}


def not_installed(checkout: Path) -> str:
    """Why measuring here would be filed under a commit whose code is not installed, "" where it would not.

    Args:
        checkout: folder of the repository.
    """
    source = checkout / "impl" / "groundspeed"
    if not source.is_dir() or package(source) == package():
        return ""
    return (
        f"the groundspeed that is installed ({installed()}, {package()}) is not the one that is checked out "
        f"({source}, {package(source)}): times would be filed under the wrong commit; install it again, e.g. "
        "pip install --no-deps --force-reinstall ."
    )
