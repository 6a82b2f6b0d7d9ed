"""Checking archives and taking the listed files out of them, and nothing else."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from groundspeed.datasets.errors import DatasetError
from groundspeed.datasets.registry import File

PIECE = 1 << 20


def check(path: Path, size: int, sha256: str) -> None:
    """Compare a file with the registry.

    Args:
        path: the file.
        size: bytes expected.
        sha256: hexadecimal digest expected.

    Raises:
        DatasetError: another size (truncated) or another content.
    """
    found = path.stat().st_size
    if found != size:
        kind = "truncated: it has" if found < size else "too long: it has"
        raise DatasetError(f"{path} is {kind} {found:,} bytes, expected {size:,}; delete it and fetch again")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise DatasetError(
            f"{path} is not the file that was pinned: sha256 {digest}, expected {sha256}; "
            "delete it and fetch again, and do not use it if that repeats"
        )


def unpack(archive: Path, files: Sequence[File], into: Path) -> None:
    """Take the listed files out of an archive, side by side into one folder, and check each.

    Folders, links and whatever else the archive has are never written, so nothing can land outside `into`; a
    file longer than the registry says is given up at that length.

    Args:
        archive: a wheel, zip or tar file, or the single listed file itself.
        files: what to take out.
        into: an existing, empty folder.

    Raises:
        DatasetError: a file is missing, is not a regular file, or differs from the registry.
    """
    opened = OPENERS.get(archive.suffix, _plain)
    try:
        with opened(archive) as member:
            for file in files:
                target = into / file.name
                with member(file.member) as stream:
                    _copy(stream, target, file.bytes)
                check(target, file.bytes, file.sha256)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise DatasetError(f"{archive} cannot be unpacked: {error}; delete it and fetch again") from error


Member = Callable[[str], IO[bytes]]


@contextmanager
def _zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        yield lambda name: archive.open(name)


@contextmanager
def _tar(path: Path) -> Iterator[Member]:
    with tarfile.open(path) as archive:

        def member(name: str) -> IO[bytes]:
            info = archive.getmember(name)
            stream = archive.extractfile(info) if info.isreg() else None
            if stream is None:
                raise DatasetError(f"{path}: {name} is not a regular file")
            return stream

        yield member


@contextmanager
def _plain(path: Path) -> Iterator[Member]:
    def member(name: str) -> IO[bytes]:
        if name != path.name:
            raise DatasetError(f"{path} is not an archive that holds {name}; known are {', '.join(OPENERS)}")
        return path.open("rb")

    yield member


OPENERS = {".whl": _zip, ".zip": _zip, ".tgz": _tar, ".gz": _tar, ".tar": _tar}


def _copy(stream: IO[bytes], target: Path, limit: int) -> None:
    left = limit
    with target.open("wb") as file:
        while left > 0 and (piece := stream.read(min(PIECE, left))):
            file.write(piece)
            left -= len(piece)
        if stream.read(1):
            raise DatasetError(f"{target.name} is longer than the {limit:,} bytes of the registry")
