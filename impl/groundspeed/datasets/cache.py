"""Where data lie on disk: one folder, written whole or not at all, with errors that say what to do."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.errors import DatasetError

READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
FULL = (errno.ENOSPC, errno.EDQUOT)


def root() -> Path:
    """The cache: GROUNDSPEED_DATA, or `groundspeed/data` in the user's cache folder."""
    given = os.environ.get("GROUNDSPEED_DATA")
    return Path(given).expanduser() if given else Path(platformdirs.user_cache_dir("groundspeed")) / "data"


def home(dataset: Dataset) -> Path:
    """The folder of one version of a set: `files/` as published and `columns/` decoded."""
    return root() / f"{dataset.name}-{dataset.source.key}"


def brought(dataset: Dataset) -> Path:
    """Where an archive that you bring yourself is looked for, for machines without network."""
    return root() / "archives" / dataset.source.archive


@contextmanager
def guarded(doing: str) -> Iterator[None]:
    """Turn an OSError into a DatasetError that says what was being done, where, and what to do.

    Args:
        doing: e.g. `"fetching flights_bts_3m"`.
    """
    try:
        yield
    except OSError as error:
        where = f"{doing} in {root()}"
        if error.errno in FULL:
            advice = "the disk is full; free some space or set GROUNDSPEED_DATA to a folder on another disk"
        elif error.errno in READ_ONLY:
            advice = "the folder cannot be written to; set GROUNDSPEED_DATA to one that can"
        else:
            advice = "check the folder, or set GROUNDSPEED_DATA to another one"
        raise DatasetError(f"{where}: {error.strerror or error}: {advice}") from error


@contextmanager
def staging(doing: str) -> Iterator[Path]:
    """A temporary folder on the cache's own disk, gone afterwards; what is finished is moved out by
    `publish`.

    Raises:
        DatasetError: the disk is full or cannot be written to.
    """
    with guarded(doing):
        root().mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".partial-", dir=root()))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(made: Path, final: Path) -> None:
    """Move a finished file or folder to its place in one step; another process may have been first."""
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.replace(final)
    except OSError:
        if not final.is_dir():
            raise
