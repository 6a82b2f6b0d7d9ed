"""Functions made of text that still have a file with their source, where debuggers, errors and Numba look."""

from __future__ import annotations

import linecache
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs


def folder() -> Path:
    """Where the sources are kept: in NUMBA_CACHE_DIR if that is set, else in the user's cache."""
    given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    return (Path(given) if given else Path(platformdirs.user_cache_dir("groundspeed"))) / "loops"


def define(name: str, source: str, scope: dict[str, Any]) -> tuple[Callable[..., Any], bool]:
    """Run the source of one function.

    Args:
        name: of the function, and of the file: the same name must always mean the same source.
        source: that defines it.
        scope: its globals.

    Returns:
        The function, and whether it has a file on disk, next to which Numba can store machine code. Where no
        file can be written `linecache` still knows the source.

    >>> function, _ = define("twice", "def twice(x):\\n    return 2 * x\\n", {})
    >>> function(4)
    8
    """
    file = folder() / f"{name}.py"
    stored = _write(file, source)
    shown = str(file) if stored else f"<{name}>"
    if not stored:
        linecache.cache[shown] = (len(source), None, source.splitlines(keepends=True), shown)
    exec(compile(source, shown, "exec"), scope)
    return scope[name], stored


def _write(file: Path, source: str) -> bool:
    """Whether the file holds that source, now or already; it appears whole or not at all."""
    try:
        if file.is_file() and file.read_text() == source:
            return True
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "w") as stream:
            stream.write(source)
        Path(temporary).replace(file)
    except OSError:
        return False
    return True
