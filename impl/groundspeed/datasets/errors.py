"""The one error of this package."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DatasetError(Exception):
    """Data could not be had; the message says what, where and what to do."""


def unknown(kind: str, name: str, known: Iterable[str]) -> DatasetError:
    """The error for a name that is not among those known; it lists the nearest ones, or all if none is near.

    Args:
        kind: of what, e.g. `"data set"`.
        name: as given.
        known: all names there are.
    """
    names = sorted(known)
    near = [one for one in names if name in one][:3] or difflib.get_close_matches(
        name, names, n=3, cutoff=0.5
    )
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are: {', '.join(names)}"
    return DatasetError(f"no {kind} {name!r}; {hint}")
