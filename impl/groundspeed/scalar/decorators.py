"""How functions of a loop are compiled, on every engine: one decorator for kernels, one for what they call.

NumPy's error model (a division by zero gives infinity, no exception), and inlined where they are called, or
else the loop around them does not vectorise. Loops of the `cpu` engine count no references to arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from numba import njit


def device(function: Any = None, /, *, inline: bool = True, fastmath: Set[str] = frozenset()) -> Any:
    """Decorator of functions that kernels call: scalars, arrays and tuples in, scalars out, no allocation.

    Args:
        function: what is decorated, where the decorator has no arguments.
        inline: whether it must be inlined; otherwise it is where the compiler thinks fit, which makes sense
            for what is large and rarely called.
        fastmath: LLVM's fast-math flags that its rounding allows, e.g. `{"contract", "nnan"}`; never
            `{"fast"}` or `{"reassoc"}`, with which engines would differ.

    Examples:
        >>> @device
        ... def twice(x):
        ...     return 2 * x
        >>> twice(4)
        8
    """
    options: dict[str, Any] = {"error_model": "numpy"}
    if inline:
        options["forceinline"] = True
    if fastmath:
        options["fastmath"] = set(fastmath)
    decorate: Callable[..., Any] = njit(**options)
    return decorate if function is None else decorate(function)


elementwise = device()
"""Decorator of elementwise kernels: `body(i, *columns)` does item i; engines supply the loop (`for_each`)."""
