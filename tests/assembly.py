"""The machine code of a body's loop on the `cpu` engine."""

from __future__ import annotations

from typing import Any

from numba.core.caching import NullCache

from groundspeed.engines import _loop


def assembly(body: Any, n: int, *columns: Any) -> str:
    """Compile the loop anew (what the disk cache holds has no assembly to show), run it once, list it."""
    flat: list[Any] = []
    loop: Any = _loop.compiled_loop.__wrapped__(body, _loop.flatten(columns, flat))
    loop._cache = NullCache()
    loop(0, n, tuple(flat))
    return "".join(loop.inspect_asm().values())
