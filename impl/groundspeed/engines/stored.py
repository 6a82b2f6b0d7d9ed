"""What one process compiled, kept for the next: a file under the hash of all that it was made of.

Everything here can be made again; the folder may be deleted at any time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

VARIABLE = "GROUNDSPEED_CACHE"


def folder() -> Path:
    """GROUNDSPEED_CACHE, or `groundspeed` in the user's cache folder; data sets lie elsewhere."""
    given = os.environ.get(VARIABLE)
    return Path(given).expanduser() if given else Path(platformdirs.user_cache_dir("groundspeed"))


def stored(kind: str, name: str, make: Callable[[Path], object]) -> Path:
    """The path of a stored file, which is made first where nobody has.

    Several processes may make the same file at a time; none of them sees one that is not complete.

    Args:
        kind: subfolder, e.g. `"emulator"`.
        name: of the file; a hash of what it is made of, and a suffix.
        make: writes the file to the path that it is given.
    """
    path = folder() / kind / name
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        made = Path(beside) / name
        make(made)
        os.replace(made, path)  # noqa: PTH105  (atomic)
    return path
