"""A toy operation: twice every value."""

from __future__ import annotations

__all__ = ["doubling"]

CALLS = {"prepare": 0}


def doubling(values, engine=None):
    """Twice every value."""
    return values * 2
