"""The machine code of a body's loop on the `cpu` engine."""

from __future__ import annotations

from typing import Any

from groundspeed.engines import _loop, _native


def assembly(body: Any, *columns: Any) -> str:
    """Compile the loop anew (what is stored has no assembly to show) and list it."""
    flat: list[Any] = []
    _loop.flatten(columns, flat)
    types = tuple(map(_native.numba_type, flat))
    return _native.compile_loop(_loop._around(body, columns), types, "listed").assembly()
