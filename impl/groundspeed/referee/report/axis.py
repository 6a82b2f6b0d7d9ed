"""A logarithmic axis in percent of its width, for pictures that the page draws itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

SHORTEST = 1.0
ROOM = 0.1
"""What a bar chart asks of an axis, so that its smallest value is not a bar of no length."""


@dataclass(frozen=True)
class LogAxis:
    """From `10**low` to `10**high`.

    Attributes:
        low, high: whole decades, `high > low`.
    """

    low: int
    high: int

    @classmethod
    def over(cls, values: Iterable[float], room: float = 0.0) -> LogAxis:
        """The whole decades that hold all values and leave the smallest `room` (in decades) for a bar to see.

        Examples:
            >>> LogAxis.over([0.002, 3.0])
            LogAxis(low=-3, high=1)
            >>> LogAxis.over([])
            LogAxis(low=-1, high=0)
        """
        logs = [math.log10(value) for value in values if value > 0]
        low = math.floor(min(logs, default=-1) - room)
        return cls(low, max(low + 1, math.ceil(max(logs, default=0))))

    def position(self, value: float) -> float:
        """Percent of the width.

        Examples:
            >>> LogAxis(-3, 1).position(0.1)
            50.0
        """
        return round(100 * (math.log10(value) - self.low) / (self.high - self.low), 2)

    def bar(self, value: float) -> float:
        """Length of a bar; never so short that it vanishes."""
        return max(SHORTEST, self.position(value))

    @property
    def ticks(self) -> list[tuple[float, float]]:
        """(position, value) of every decade, at most nine of them."""
        step = -(-(self.high - self.low) // 8)
        return [(self.position(10.0**power), 10.0**power) for power in range(self.low, self.high + 1, step)]
