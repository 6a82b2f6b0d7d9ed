"""How long one process may measure."""

from __future__ import annotations

from dataclasses import dataclass

MOST_REPETITIONS = 199
"""Samples of one process beyond these say nothing new, and records are published. An odd number: the inputs
alternate, and the last repetition is on the same as the first."""

GRACE = 30.0
"""Seconds between the stopwatch's own limit and asv's, so that the stopwatch is the one that says why."""


@dataclass(frozen=True)
class Budget:
    """When one process has measured enough.

    Attributes:
        repetitions, seconds: repeat until both are reached ...
        slow: ... but stop when they took so many seconds together; one that takes longer is not repeated.
        limit: seconds after which the process gives up with the verdict `timeout`.
        part: seconds that a repetition on the largest part takes, where a case is too large (above `slow`).
        profile: whose budget it is, "" where it is nobody's.
    """

    repetitions: int = 3
    seconds: float = 0.5
    slow: float = 10.0
    limit: float = 600.0
    part: float = 2.0
    profile: str = ""

    def enough(self, walls: list[float]) -> bool:
        """Whether repetitions that took so long each are enough.

        >>> Budget(repetitions=3, seconds=0.5).enough([0.1, 0.1, 0.1])
        False
        >>> Budget(repetitions=3, seconds=0.5, slow=10.0).enough([11.0])
        True
        >>> Budget(repetitions=3, seconds=0.5).enough([1e-6] * MOST_REPETITIONS)
        True
        """
        total = sum(walls)
        if total >= self.slow or len(walls) >= MOST_REPETITIONS:
            return True
        return len(walls) >= self.repetitions and total >= self.seconds


ONCE = Budget(repetitions=1, seconds=0.0, slow=1.0, part=0.05)
_ALL = (
    Budget(repetitions=2, seconds=0.0, slow=2.0, limit=60.0, part=0.1, profile="smoke"),
    Budget(repetitions=3, seconds=0.3, slow=2.5, limit=120.0, part=1.0, profile="quick"),
    Budget(repetitions=5, seconds=3.0, slow=10.0, limit=900.0, part=4.0, profile="full"),
)
BUDGETS = {budget.profile: budget for budget in _ALL}
"""By profile."""
