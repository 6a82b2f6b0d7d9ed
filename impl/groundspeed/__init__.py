"""Groundspeed: spatial operations on GPUs and CPUs from one source, and the referee that measures them.

Every operation of `groundspeed.operations` is an attribute of this package, found by its folder and imported
when it is first used; `__init__.pyi` lists them for editors:

>>> import groundspeed as gs
>>> float(gs.haversine_distance(-74.006, 40.7128, 2.3522, 48.8566).round(1))
5837.2
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from groundspeed import _public

try:
    __version__ = version("groundspeed")
except PackageNotFoundError:  # imported from a source tree that is not installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    home = _public.homes().get(name)
    if home is None:
        raise AttributeError(f"module 'groundspeed' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(home), name)  # not to be looked for again
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_public.homes()})
