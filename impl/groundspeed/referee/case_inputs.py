"""The inputs of a case: loaded from their sources, in the dtype of the case."""

from __future__ import annotations

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

    loaded = {
        name: datasets.load(value) if is_source(value) else value for name, value in case.inputs.items()
    }
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
