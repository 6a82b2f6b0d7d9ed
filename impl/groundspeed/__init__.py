"""Groundspeed: spatial operations on GPUs and CPUs from one source, and the referee that measures them.

Every operation of `groundspeed.operations` is an attribute of this package, found by its folder:

>>> import groundspeed as gs
>>> float(gs.haversine_distance(-74.006, 40.7128, 2.3522, 48.8566).round(1))
5837.2
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from groundspeed import operations as _operations
from groundspeed.engines.choice import EngineUnavailable, available, settings, use

try:
    __version__ = version("groundspeed")
except PackageNotFoundError:  # imported from a source tree that is not installed
    __version__ = "0+unknown"

_ELSEWHERE = {
    "GeometryColumn": "groundspeed.columns",
    "GeometryType": "groundspeed.columns",
    "ReadError": "groundspeed.io",
    "Table": "groundspeed.io",
    "read": "groundspeed.io",
    "read_batches": "groundspeed.io",
    "write": "groundspeed.io",
}


def __getattr__(name: str) -> Any:
    if name in _ELSEWHERE:
        found = getattr(import_module(_ELSEWHERE[name]), name)
    elif name in _operations.names():
        found = _operations.function(name)
    else:
        raise AttributeError(f"module 'groundspeed' has no attribute {name!r}")
    globals()[name] = found  # asked for once: what is found here is not looked for again
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_ELSEWHERE, *_operations.names()])


__all__ = [
    "EngineUnavailable",
    "GeometryColumn",
    "GeometryType",
    "ReadError",
    "Table",
    "available",
    "read",
    "read_batches",
    "settings",
    "use",
    "write",
]
