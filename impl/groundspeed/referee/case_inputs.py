"""The inputs of a case: loaded from their sources, in the dtype of the case; and a second set, equally hard.

Repetitions alternate between the two, so that whoever keeps an answer has the wrong one. Generated data are
generated again from another seed; of real data all rows come in the opposite order, which keeps everything
that makes them easy or hard.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.model import Case, Inputs


def is_source(value: Any) -> bool:
    """Whether an input of a case names data and is not a plain value: sources hold a dot or a parenthesis.

    >>> is_source("uniform_points(n=10, seed=1)"), is_source("us_counties.geometry"), is_source("within")
    (True, True, False)
    """
    return isinstance(value, str) and ("." in value or "(" in value)


def resolve(case: Case) -> Inputs:
    """Load the inputs of a case, coordinates cast to its dtype.

    Raises:
        groundspeed.datasets.DatasetError: a source does not exist or cannot be fetched.
    """
    from groundspeed import datasets

    return _ready(case, {name: datasets.load(v) if is_source(v) else v for name, v in case.inputs.items()})


def second(case: Case) -> Inputs:
    """Other inputs of the same kind, size and difficulty: what a case is measured on between repetitions.

    An object that is neither array, column nor table may have a method `reseeded()` that gives its like.

    Raises:
        groundspeed.datasets.DatasetError: a source does not exist or cannot be fetched.
    """
    from groundspeed import datasets

    def other(value: Any) -> Any:
        if not is_source(value):
            return value.reseeded() if hasattr(value, "reseeded") else backwards(value)
        reseeded = datasets.reseeded(value)
        return datasets.load(reseeded) if reseeded else backwards(datasets.load(value))

    return _ready(case, {name: other(value) for name, value in case.inputs.items()})


def backwards(value: Any) -> Any:
    """The rows of an array, column or table in the opposite order; any other value as it is.

    >>> backwards(np.arange(3)).tolist(), backwards("within")
    ([2, 1, 0], 'within')
    """
    if isinstance(value, GeometryColumn):
        return value.take(np.arange(len(value))[::-1])
    if hasattr(value, "iloc"):
        return value.iloc[::-1].reset_index(drop=True)
    return np.ascontiguousarray(value[::-1]) if isinstance(value, np.ndarray) else value


def spread(value: Any, n: int) -> Any:
    """About n rows of an array or column, at equal distances from the first to the last, all where n is more.

    >>> spread(np.arange(10), 5).tolist()
    [0, 2, 4, 6, 8]
    """
    rows = np.arange(min(n, len(value))) * len(value) // max(1, min(n, len(value)))
    return value.take(rows)


def content_hash(inputs: Inputs) -> str:
    """Hash of what is in the inputs, the same in every process; of a file what it was written from.

    >>> content_hash({"x": np.arange(3.0)}) == content_hash({"x": np.arange(3.0)[::-1]})
    False
    """
    made = hashlib.sha256()
    for name, value in sorted(inputs.items()):
        made.update(f"{name}:{_content(value)}\0".encode())
    return made.hexdigest()[:16]


def _content(value: Any) -> str:
    """A file says itself what is in it: some formats store when they were written."""
    from groundspeed.datasets import content

    held = value.content() if hasattr(value, "content") else value
    if isinstance(held, GeometryColumn | np.ndarray) or hasattr(held, "iloc"):
        return f"{getattr(held, 'dtype', '')} {content.digest(held)}"
    return repr(held)


def _ready(case: Case, loaded: dict[str, Any]) -> Inputs:
    for value in loaded.values():
        if isinstance(value, os.PathLike):
            os.fspath(value)  # a file of generated data is written when its path is asked for first
    return cast(loaded, case.dtype)


def cast(inputs: Inputs, dtype: str) -> Inputs:
    """Inputs with the coordinates of columns, and arrays of floating-point numbers, in the given dtype."""
    return {name: _cast(value, dtype) for name, value in inputs.items()}


def _cast(value: Any, dtype: str) -> Any:
    floating = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype(dtype) if floating or isinstance(value, GeometryColumn) else value
