"""Where Groundspeed's own code runs: `cpu`, `cuda`, `emulator`.

An engine is an array namespace (`xp`), two launchers (`for_each`, `launch`) and a few primitives.
Operations are written against this interface only and never ask which engine they have.
"""

from __future__ import annotations

from groundspeed.engines.base import Engine
from groundspeed.engines.choice import EngineUnavailable, Settings, available, choose, get, settings, use

__all__ = ["Engine", "EngineUnavailable", "Settings", "available", "choose", "get", "settings", "use"]
