"""Data that a program makes: a pinned package of PyPI whose command line leaves the files."""

from __future__ import annotations

import os
import shlex
import shutil
import zipfile
from pathlib import Path

from groundspeed.datasets.entry import Source
from groundspeed.datasets.errors import DatasetError


def requirement(source: Source) -> str:
    """The line of a requirements file that pins the package to its wheels.

    Examples:
        >>> from groundspeed.datasets.entry import Source
        >>> requirement(Source("program", "a.zip", package="maker", version="1.0", wheels=["ab", "cd"]))
        'maker==1.0 --hash=sha256:ab --hash=sha256:cd'
    """
    pins = [f"--hash=sha256:{sha256}" for sha256 in source.wheels]
    return " ".join([f"{source.package}=={source.version}", *pins])


def command_line(name: str, source: Source, tools: Path) -> list[str]:
    """Program and arguments, the program being the one that the package brought.

    Args:
        name: of the data set, for messages.
        source: with the command.
        tools: the folder that pip installed into.

    Raises:
        DatasetError: the package has no such program.
    """
    program, *arguments = shlex.split(source.command)
    places = os.pathsep.join(str(tools / folder) for folder in ("bin", "Scripts"))
    found = shutil.which(program, path=places)
    if found is None:
        raise DatasetError(f"{name}: {source.package} {source.version} has no program {program!r}")
    return [found, *arguments]


def pack(made: Path, archive: Path) -> None:
    """Move the files of a folder into a zip file, which is the same for the same files.

    Args:
        made: the folder; empty afterwards, so that the files take their space once.
        archive: to write.
    """
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(made.iterdir()):
            about = zipfile.ZipInfo(path.name)  # dated 1980
            with path.open("rb") as source, packed.open(about, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
            path.unlink()
