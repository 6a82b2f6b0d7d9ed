"""`need(...)`: skip a test whose module or program is missing, or fail where GROUNDSPEED_REQUIRE=1 (CI)."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest


def missing(*names: str) -> list[str]:
    """Those of the modules and programs that are not installed."""
    return [name for name in names if not shutil.which(name) and not _module(name)]


def _module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def need(*names: str) -> None:
    """Skip unless every module or program is there; fail instead when GROUNDSPEED_REQUIRE=1."""
    absent = missing(*names)
    skip_for(f"needs {', '.join(absent)}" if absent else "")


def required() -> bool:
    """Whether nothing may be skipped that could run (CI)."""
    return os.environ.get("GROUNDSPEED_REQUIRE") == "1"


def skip_for(reason: str) -> None:
    """Skip for a reason, unless it is ""; fail instead when GROUNDSPEED_REQUIRE=1."""
    if not reason:
        return
    if required():
        pytest.fail(f"GROUNDSPEED_REQUIRE=1 but this test {reason}")
    pytest.skip(reason)
