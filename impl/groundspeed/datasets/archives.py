"""Checking archives and taking the listed files out of them, and nothing else."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from groundspeed.datasets.entry import File
from groundspeed.datasets.errors import DatasetError

PIECE = 1 << 20
AR = b"!<arch>\n"


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


def unpack(archive: Path, files: Sequence[File], into: Path, limit: int = 0) -> None:
    """Take the listed files out of an archive, side by side into one folder, and check each.

    Folders, links and whatever else the archive has are never written, so nothing can land outside `into`; a
    file longer than the registry says is given up at that length.

    Args:
        archive: a wheel, zip, tar or Debian file, or the single listed file itself.
        files: what to take out; those without a sha256 are not checked.
        into: an existing, empty folder.
        limit: bytes to give up at where the registry does not know the size.

    Raises:
        DatasetError: a file is missing, is not a regular file, or differs from the registry.
    """
    whole = [file.member for file in files] == [archive.name]
    opened = _plain if whole else OPENERS.get(archive.suffix, _plain)
    try:
        with opened(archive) as member:
            for file in files:
                target = into / file.name
                with member(file.member) as stream:
                    _copy(stream, target, file.bytes or limit)
                if file.sha256:
                    check(target, file.bytes, file.sha256)
    except (KeyError, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise DatasetError(f"{archive} cannot be unpacked: {error}; delete it and fetch again") from error


Member = Callable[[str], IO[bytes]]


@contextmanager
def _zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        yield lambda name: archive.open(name)


@contextmanager
def _deb(path: Path) -> Iterator[Member]:
    """A Debian package is an `ar` file of three: a mark, the control files and the tar file of the
    content."""
    with path.open("rb") as file:
        if file.read(len(AR)) != AR:
            raise DatasetError(f"{path} is not a Debian package; delete it and fetch again")
        while head := file.read(60):
            name, size = head[:16].decode("ascii").strip(" /"), int(head[48:58])
            if name.startswith("data.tar"):
                with _tar(path, io.BytesIO(file.read(size))) as member:
                    yield member
                return
            file.seek(size + size % 2, 1)
    raise KeyError("it has no data.tar")


@contextmanager
def _tar(path: Path, content: IO[bytes] | None = None) -> Iterator[Member]:
    with tarfile.open(path, fileobj=content) as archive:

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


OPENERS = {".deb": _deb, ".whl": _zip, ".zip": _zip, ".tgz": _tar, ".gz": _tar, ".tar": _tar}


def _copy(stream: IO[bytes], target: Path, limit: int) -> None:
    left = limit
    with target.open("wb") as file:
        while left > 0 and (piece := stream.read(min(PIECE, left))):
            file.write(piece)
            left -= len(piece)
        if stream.read(1):
            raise DatasetError(
                f"{target.name} is longer than the {limit:,} bytes of the registry; do not use it"
            )
