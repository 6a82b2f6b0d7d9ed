"""What the time of an implementation grows with, so that parts of a case tell what the whole takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Work that can be counted in the inputs.

    Attributes:
        unit: of the work, in plural, e.g. `"pairs of points"`.
        of: inputs -> how much of it they ask for; exact where possible, and quick to count.
    """

    unit: str
    of: Callable[[Mapping[str, Any]], float]


def _rows(inputs: Mapping[str, Any]) -> float:
    return float(max(len(value) for value in inputs.values() if hasattr(value, "nbytes")))


ROWS = Cost("rows", _rows)
"""The rows of the longest input: what a loop over rows costs."""


def _vertices(inputs: Mapping[str, Any]) -> float:
    return float(sum(value.num_vertices for value in inputs.values() if hasattr(value, "num_vertices")))


VERTICES = Cost("vertices", _vertices)
"""The vertices of all geometries: what a loop over coordinates costs."""
