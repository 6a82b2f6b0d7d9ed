"""What is counted of the work on a device, by the engines that can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields


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


class Watch:
    """Counts for whoever is watching; nothing is counted while nobody is."""

    def __init__(self) -> None:
        self._watching: list[Counters] = []

    @contextmanager
    def counting(self) -> Iterator[Counters]:
        """Count what is done inside a `with` block, by all threads."""
        counters = Counters()
        self._watching.append(counters)
        try:
            yield counters
        finally:
            # Not `remove`, which would take the first of equal ones.
            self._watching = [one for one in self._watching if one is not counters]

    def count(self, name: str, amount: int = 1) -> None:
        """Add to one of the counters."""
        for counters in self._watching:
            setattr(counters, name, getattr(counters, name) + amount)

    def read_back(self, size: int) -> None:
        """The host waits for so many bytes."""
        self.count("read_backs")
        self.count("copied_bytes", size)
