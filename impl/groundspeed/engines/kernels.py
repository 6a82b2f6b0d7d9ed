"""What an operation says about each of its CUDA kernels, for the compile table and the emulator tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Kernel:
    """One kernel with one signature.

    Attributes:
        name: unique within the operation, e.g. `"haversine_float32"`.
        function: the `@njit` body `body(i, *columns)` of an elementwise kernel, or the undecorated
            function of a cooperative kernel.
        example: values of the right types for the arguments after `i` (elementwise) or for all arguments
            (cooperative), e.g. `(np.empty(1), np.float64(0))`; only their types matter.
        bytes_per_element: bytes read and written in device memory per element, at least.
        flops_per_element: floating-point operations per element, 0 where data decide.
        elementwise: whether `function` is a body for `Engine.for_each`.
        dtype: of the coordinates.
        block: threads per block it is launched with.
        allows_f64: why a float32 kernel may hold float64 instructions, "" if it may not.
        allows_spills: compiler -> why it may spill registers there; nowhere else may it.
    """

    name: str
    function: Callable[..., Any]
    example: tuple[Any, ...]
    bytes_per_element: float
    flops_per_element: float = 0.0
    elementwise: bool = True
    dtype: Literal["float64", "float32"] = "float64"
    block: int = 256
    allows_f64: str = ""
    allows_spills: Mapping[str, str] = field(default_factory=dict)

    def launched(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """The undecorated kernel function, and values of the types of all its arguments."""
        from groundspeed.engines.device import elementwise_kernel

        if not self.elementwise:
            return self.function, self.example
        return elementwise_kernel(self.function, len(self.example)), (np.int64(1), self.example)
