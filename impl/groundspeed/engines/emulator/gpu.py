"""A GPU's memory on a CPU: nothing but a count of what costs time or memory on a GPU.

Not modelled: CuPy's work space inside its functions, and the speed of anything.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from groundspeed.engines.counters import Counters, Watch

NUMBER = 0
"""Of the emulated GPU."""


class Gpu(Watch):
    """Device memory, with what happens to it counted for those who watch.

    Attributes:
        xp: the array namespace.
    """

    def __init__(self) -> None:
        from groundspeed.engines.emulator.namespace import Namespace

        super().__init__()
        self.xp = Namespace(self)
        self._before: dict[int, int] = {}
        self._held = 0

    @contextmanager
    def counting(self) -> Iterator[Counters]:
        """Count what is done inside a `with` block, by all threads; memory beyond what was held before."""
        with super().counting() as counters:
            self._before[id(counters)] = self._held
            try:
                yield counters
            finally:
                del self._before[id(counters)]

    def allocate(self, owner: Any, size: int) -> None:
        """Take so many bytes for as long as the owner lives."""
        self._held += size
        weakref.finalize(owner, self._free, size)
        for counters in self._watching:
            grown = self._held - self._before.get(id(counters), self._held)
            counters.device_peak_bytes = max(counters.device_peak_bytes, grown)

    def _free(self, size: int) -> None:
        self._held -= size
