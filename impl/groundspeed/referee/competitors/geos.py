"""GEOS through Shapely."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.competitors.threads import alone_and_together, over_chunks
from groundspeed.referee.cost import ROWS
from groundspeed.referee.model import Implementation, Inputs, implementation, made

CHUNK = 4_096
"""Rows: as many geometries as a thread takes at a time."""


def geometries(inputs: Inputs) -> dict[str, Any]:
    """The inputs, columns of geometries as arrays of Shapely's."""
    return {
        name: value.to_shapely() if isinstance(value, GeometryColumn) else value
        for name, value in inputs.items()
    }


def function(name: str, **options: Any) -> tuple[Implementation, ...]:
    """Two competitors: a function of Shapely on whole arrays, on one core and on a thread per core."""

    def run(threads: int, **inputs: Any) -> Any:
        import shapely

        compute, given = getattr(shapely, name), list(inputs.values())
        if threads == 1:
            return compute(*given)
        n = len(given[0])
        first = compute(*(each[:1] for each in given))
        out = np.empty((n, *first.shape[1:]), first.dtype)

        def work(some: slice) -> None:
            out[some] = compute(*(each[some] for each in given))

        over_chunks(work, n, CHUNK, threads)
        return out

    run.__name__ = name
    run.__doc__ = f"shapely.{name} of whole arrays."
    found = alone_and_together("shapely", prepare=geometries, **options)(run)
    return found.__competitors__  # type: ignore[attr-defined,no-any-return]


def loop(name: str, limit: int, **options: Any) -> Implementation:
    """A competitor: a Python loop over geometries that asks each for an attribute."""

    def run(**inputs: Any) -> Any:
        (given,) = inputs.values()
        return [getattr(one, name) if one is not None else np.nan for one in given]

    declare = implementation(
        "shapely",
        style="naive",
        cores="one",
        prepare=geometries,
        collect=np.array,
        limit=limit,
        cost=ROWS,
        **options,
    )
    return made(run, f"{name}_loop", f"A Python loop over geometries that asks each for `.{name}`.", declare)
