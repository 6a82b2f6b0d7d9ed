"""Inputs as tables for databases, and what they answer as arrays in the order of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.model import Implementation, Inputs, made


def rows(inputs: Inputs) -> dict[str, Any]:
    """The columns among the inputs, by name, and `i`, the number of the row: databases keep no order."""
    kinds = GeometryColumn | np.ndarray
    columns = {name: value for name, value in inputs.items() if isinstance(value, kinds)}
    return {"i": np.arange(min(map(len, columns.values()))), **columns}


def arrow(columns: Mapping[str, Any]) -> tuple[Any, str]:
    """An Arrow table of columns, geometries as well-known binary, and the SQL that brings these back."""
    import pyarrow as pa

    geometries = {name for name, value in columns.items() if isinstance(value, GeometryColumn)}
    given = {
        name: pa.array(value.to_wkb(), pa.binary()) if name in geometries else value
        for name, value in columns.items()
    }
    listed = [f"ST_GeomFromWKB({name}) as {name}" if name in geometries else name for name in columns]
    return pa.table(given), f"select {', '.join(listed)} from given"


def select(
    declare: Callable[..., Any], get: Callable[..., Any], expressions: tuple[str, ...]
) -> Implementation:
    """A competitor that computes SQL expressions for every row of the table `rows`; see `values`.

    Args:
        declare: decorator of the database's competitors.
        get: (connection, query) -> Arrow table.
        expressions: of the columns, which are called like the inputs.
    """
    listed = ", ".join(f"{each} as v{at}" for at, each in enumerate(expressions))
    query = f"select i, {listed} from rows"

    def run(connection: Any) -> Any:
        return get(connection, query)

    name = expressions[0].partition("(")[0].lower()
    return made(run, name, f"{', '.join(expressions)} of every row of a table in memory.", declare)


def values(result: Any) -> np.ndarray:
    """The values of a result by row number, null as NaN: (n,), or (n, k) where there are several."""
    order = result["i"].to_numpy()
    computed = [result[name].to_numpy() for name in result.column_names if name != "i"]
    out = np.empty((len(order), len(computed)), np.result_type(*computed))
    for at, column in enumerate(computed):
        out[order, at] = column
    return out[:, 0] if len(computed) == 1 else out
