"""Files of a case in a temporary folder, for competitors that work from file to file."""

from __future__ import annotations

import functools
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from groundspeed.referee.model import Inputs
from groundspeed.referee.oracle import fingerprint


@functools.cache
def _root() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="groundspeed-", ignore_cleanup_errors=True)


def folder(inputs: Inputs, write: Callable[[Inputs, Path], None]) -> Path:
    """A folder with the files of a case; equal inputs are written once per process.

    Args:
        inputs: of the case.
        write: writes them into the folder it is given.

    Examples:
        >>> write = lambda inputs, folder: (folder / "n.txt").write_text(str(inputs["n"]))
        >>> (folder({"n": 3}, write) / "n.txt").read_text()
        '3'
        >>> clear()
    """
    path = Path(_root().name) / fingerprint(dict(inputs))
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.mkdir(exist_ok=True)
        write(inputs, partial)
        partial.rename(path)
    return path


def output(folder: Path) -> Path:
    """Where a competitor may write: a Parquet file in that folder that does not exist yet."""
    return folder / f"written-{uuid.uuid4().hex}.parquet"


def clear() -> None:
    """Delete everything that this process wrote here."""
    if _root.cache_info().currsize:
        _root().cleanup()
        _root.cache_clear()
