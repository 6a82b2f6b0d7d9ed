"""Device versions of the functions in `scalar/unfused.py`, which a GPU compiler would otherwise get wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groundspeed.engines._numba_cuda import COMPILER, libdevice, present
from groundspeed.scalar.unfused import BOUND_32, BOUND_64, TINY_32, TINY_64, determinant_bound, product


def _overload(function: Callable[..., Any]) -> Callable[..., Any]:
    """`overload` of the compiler in use."""
    if COMPILER == "mlir":
        from numba_cuda_mlir import extending

        return extending.overload(function, typing_registry=extending.typing_registry)
    from numba.cuda import extending  # type: ignore[no-redef]

    return extending.overload(function)


def register() -> None:
    """Tell the compiler; called once, when this module is imported."""

    @_overload(product)
    def _product(a, b):  # type: ignore[no-untyped-def]
        if a.bitwidth == 32:
            return lambda a, b: libdevice.fmul_rn(a, b)
        return lambda a, b: libdevice.dmul_rn(a, b)

    @_overload(determinant_bound)
    def _determinant_bound(magnitude):  # type: ignore[no-untyped-def]
        if magnitude.bitwidth == 32:
            return lambda magnitude: BOUND_32 * magnitude + TINY_32
        return lambda magnitude: BOUND_64 * magnitude + TINY_64


if present():
    register()
