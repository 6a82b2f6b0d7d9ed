"""What compilers made, kept on disk under a name that tells what it was made from.

Nothing is ever out of date: whatever changes makes another name. A file that was damaged is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

DIGEST = hashlib.sha256().digest_size


def folder(kind: str = "kernels") -> Path:
    """Where it is kept: in GROUNDSPEED_CACHE, or else `groundspeed` in the user's cache folder."""
    given = os.environ.get("GROUNDSPEED_CACHE")
    return Path(given or platformdirs.user_cache_dir("groundspeed")).expanduser() / kind


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """What has that name, made and kept if nobody has.

    A folder that cannot be written is no error: then every process makes its own.
    """
    path = folder() / name
    known = _read(path)
    if known is not None:
        return known
    made = make()
    with contextlib.suppress(OSError):
        _write(path, made)
    return made


def _read(path: Path) -> bytes | None:
    try:
        held = path.read_bytes()
    except OSError:
        return None
    digest, content = held[:DIGEST], held[DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(hashlib.sha256(content).digest() + content)
    Path(temporary).replace(path)  # atomic: another process may have made the same
