"""Members of a zip archive that is kept whole because it has many of them, within stated limits."""

from __future__ import annotations

import fnmatch
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from groundspeed.datasets.errors import DatasetError

SEPARATOR = "!"
MOST_MEMBER = 8 << 30
"""Bytes that one member may unpack to."""
MOST_RATIO = 200
"""Times its compressed size that a member may unpack to: real data compress 5- to 30-fold, a bomb
1000-fold."""


def members(archive: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every member whose path matches, sorted by path.

    Args:
        archive: a zip file or wheel.
        pattern: as `fnmatch` takes it, e.g. `"data/*.json.gz"`.

    Raises:
        DatasetError: no member matches, one is suspiciously large, or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            for info in chosen(opened, archive, pattern):
                yield info.filename, opened.read(info)
    except zipfile.BadZipFile as error:
        raise DatasetError(f"{archive} cannot be read: {error}; delete it and fetch again") from error


@contextmanager
def extracted(archive: Path, pattern: str) -> Iterator[Path]:
    """A temporary folder with the members that match, side by side.

    Raises:
        DatasetError: as `members`.
    """
    with tempfile.TemporaryDirectory() as place:
        for name, content in members(archive, pattern):
            (Path(place) / Path(name).name).write_bytes(content)
        yield Path(place)


def chosen(opened: zipfile.ZipFile, archive: Path, pattern: str) -> list[zipfile.ZipInfo]:
    """The members that match, sorted by path, none of them a bomb.

    Raises:
        DatasetError: no member matches, or one claims to unpack beyond MOST_MEMBER or MOST_RATIO. A zip
            member cannot unpack to more than it claims: `zipfile` stops there and finds a wrong checksum.
    """
    found = sorted(fnmatch.filter(opened.namelist(), pattern))
    if not found:
        raise DatasetError(f"{archive} has no member {pattern}; correct the entry, or fetch another version")
    infos = [opened.getinfo(name) for name in found]
    for info in infos:
        if info.file_size > min(MOST_MEMBER, MOST_RATIO * max(info.compress_size, 1 << 20)):
            raise DatasetError(
                f"{archive}: {info.filename} would unpack {info.compress_size:,} bytes to "
                f"{info.file_size:,}, beyond {MOST_RATIO}-fold or {MOST_MEMBER:,} bytes; that is no data, "
                "do not use it"
            )
    return infos
