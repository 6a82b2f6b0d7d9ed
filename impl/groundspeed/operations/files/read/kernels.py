"""The kernels of reading, for the compile table: well-known binary walked and unpacked, a row per thread.

They live in `groundspeed.scalar.wkb`, because `groundspeed.io` uses them; today it does so on the cpu engine.
"""

from __future__ import annotations

import numpy as np

from groundspeed.engines.kernels import Kernel
from groundspeed.scalar import wkb

_N, _BYTES, _BITS = np.empty(1, np.int64), np.empty(1, np.uint8), np.empty(1, np.uint64)
_ROWS = (_N, _BYTES, np.int64(wkb.POLYGON))

KERNELS = (
    Kernel(
        name="measure_wkb",
        function=wkb.measure,
        example=(*_ROWS, (_N, _N, _N, _BYTES)),
        bytes_per_element=8 + wkb.HEADER + wkb.COUNT + 25,
    ),
    Kernel(
        name="unpack_wkb",
        function=wkb.unpack,
        example=(*_ROWS, (_N, _N, _N), (_N, _N), _BITS, _BITS),
        bytes_per_element=32 + wkb.HEADER + wkb.COUNT + 16,
    ),
)
