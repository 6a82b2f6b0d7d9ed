"""A GPU's memory on a CPU: nothing but a count of what costs time or memory on a GPU.

Not modelled: CuPy's work space inside its functions, and the speed of anything.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

NUMBER = 0
"""Of the emulated GPU."""


@dataclass
class Counters:
    """What some calls did on the device.

    Attributes:
        launches: of the engine's own kernels.
        array_calls: of CuPy's functions and operators, each one launch or more; views cost nothing.
        read_backs: times that the host waited for the device.
        copied_bytes: between host and device.
        device_peak_bytes: most that was allocated at one time, beyond what was before.
    """

    launches: int = 0
    array_calls: int = 0
    read_backs: int = 0
    copied_bytes: int = 0
    device_peak_bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Gpu:
    """Device memory, with what happens to it counted for those who watch.

    Attributes:
        xp: the array namespace.
    """

    def __init__(self) -> None:
        from groundspeed.engines.emulator.namespace import Namespace

        self.xp = Namespace(self)
        self._watched: list[tuple[Counters, int]] = []
        self._held = 0

    @contextmanager
    def counting(self) -> Iterator[Counters]:
        """Count what is done inside a `with` block, by all threads."""
        watched = Counters(), self._held
        self._watched.append(watched)
        try:
            yield watched[0]
        finally:
            self._watched.remove(watched)

    def count(self, name: str, amount: int = 1) -> None:
        """Add to one of the counters."""
        for counters, _ in self._watched:
            setattr(counters, name, getattr(counters, name) + amount)

    def read_back(self, size: int) -> None:
        """The host waits for so many bytes."""
        self.count("read_backs")
        self.count("copied_bytes", size)

    def allocate(self, owner: Any, size: int) -> None:
        """Take so many bytes for as long as the owner lives."""
        self._held += size
        weakref.finalize(owner, self._free, size)
        for counters, before in self._watched:
            counters.device_peak_bytes = max(counters.device_peak_bytes, self._held - before)

    def _free(self, size: int) -> None:
        self._held -= size
