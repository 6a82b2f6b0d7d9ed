"""All cores: threads over chunks, for libraries that free the GIL."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from groundspeed.engines.threads import CORES, over_chunks
from groundspeed.referee.model import F, Style, implementation, made

__all__ = ["CORES", "alone_and_together", "over_chunks"]


def alone_and_together(
    library: str, *, style: Style = "vectorised", division: Any = "default", **options: Any
) -> Callable[[F], F]:
    """Declare two competitors by one function that takes a number of `threads`: one core, and all of them.

    The second is called like the first with `threads` behind it, and is tuned: no library does so by itself.
    Options are those of `implementation`.
    """

    def declare(function: F) -> F:
        def alone(**inputs: Any) -> Any:
            return function(**inputs, threads=1)

        def together(**inputs: Any) -> Any:
            return function(**inputs, threads=CORES)

        doc = inspect.getdoc(function) or ""
        name = options.pop("name", f"{library} {function.__name__.replace('_', ' ')}")
        one = implementation(library, name=name, style=style, cores="one", division=division, **options)
        all_ = implementation(
            library, name=f"{name} threads", style="parallel", cores="all", division="tuned", **options
        )
        caption = doc.partition("\n")[0].rstrip(".")
        more = caption and f"{caption}; on a thread per core."
        pair = made(alone, name, doc, one), made(together, name, more, all_)
        function.__competitors__ = pair  # type: ignore[attr-defined]
        return function

    return declare
