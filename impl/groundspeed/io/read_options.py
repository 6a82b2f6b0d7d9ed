"""What a caller asks of a reader, checked before any file is opened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from groundspeed.geometry import GeometryType
from groundspeed.geometry.build import as_crs, as_type

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class ReadOptions:
    """The arguments of `read`; its docstring describes them.

    Attributes:
        rows: about how many rows a chunk may have; None for the whole file at once.
    """

    columns: tuple[str, ...] | None = None
    bounds: Bounds | None = None
    where: Any = None
    geometry: str | None = None
    x: str | None = None
    y: str | None = None
    wkt: str | None = None
    crs: Any = None
    type: GeometryType | None = None
    layer: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    text: tuple[str, ...] = ()
    drop_z: bool = False
    rows: int | None = None

    @property
    def expression(self) -> Any:
        """`where` as a pyarrow expression, or None."""
        return None if self.where is None else pq.filters_to_expression(self.where)

    @property
    def where_columns(self) -> list[str]:
        """Columns that `where` looks at."""
        if self.where is None:
            return []
        nested = isinstance(self.where[0], list)
        terms = [term for group in self.where for term in group] if nested else self.where
        return list(dict.fromkeys(term[0] for term in terms))

    def needed(self, names: Sequence[str], geometry: Sequence[str]) -> list[str]:
        """The columns of a file to read.

        Args:
            names: all columns of the file.
            geometry: those that make the geometry.

        Raises:
            ValueError: a column the file does not have.
        """
        wanted = list(names) if self.columns is None else [*self.columns]
        wanted = list(dict.fromkeys([*wanted, *self.where_columns, *geometry]))
        for name in wanted:
            if name not in names:
                raise ValueError(
                    f"column {name!r} is not in the file, which has {', '.join(map(repr, names)) or 'none'}; "
                    "correct columns, where, geometry, x, y or wkt"
                )
        return wanted

    def attributes(self, names: Sequence[str], geometry: Sequence[str]) -> list[str]:
        """The columns of a file that become attributes, in the order asked for."""
        if self.columns is not None:
            return [name for name in self.columns if name not in geometry]
        return [name for name in names if name not in geometry]


def make(
    *,
    columns: Any = None,
    bounds: Any = None,
    where: Any = None,
    text: Any = None,
    crs: Any = None,
    type: Any = None,
    x: Any = None,
    y: Any = None,
    rows: Any = None,
    **others: Any,
) -> ReadOptions:
    """A ReadOptions from the arguments of `read`.

    Raises:
        TypeError, ValueError: an argument of the wrong form, named.
    """
    for argument, names in (("columns", columns), ("text", text)):
        if isinstance(names, str):
            raise TypeError(f"{argument} must be a list of names, got {names!r}; write [{names!r}]")
    if (x is None) != (y is None):
        raise ValueError(f"x and y go together, got x={x!r} and y={y!r}; give both or none")
    if rows is not None and rows < 1:
        raise ValueError(f"rows must be at least 1, got {rows}")
    return ReadOptions(
        columns=None if columns is None else tuple(columns),
        bounds=None if bounds is None else _bounds(bounds),
        where=_where(where),
        text=tuple(text or ()),
        crs=as_crs(crs),
        type=None if type is None else as_type(type),
        x=x,
        y=y,
        rows=rows,
        **others,
    )


def _bounds(bounds: Any) -> Bounds:
    values = tuple(float(value) for value in bounds)
    if len(values) != 4 or any(map(math.isnan, values)):
        raise ValueError(f"bounds must be (min x, min y, max x, max y), got {bounds!r}")
    for axis, low, high in (("x", values[0], values[2]), ("y", values[1], values[3])):
        if low > high:
            raise ValueError(
                f"bounds: min {axis} {low} is greater than max {axis} {high}; a box across the antimeridian "
                "is two boxes"
            )
    return values  # type: ignore[return-value]


def _where(where: Any) -> Any:
    if where is None:
        return None
    try:
        if not where:
            raise ValueError("it is empty")
        pq.filters_to_expression(where)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(
            f"where must be conditions that all hold, e.g. [('height', '>', 3)], or a list of such lists of "
            f"which one holds, got {where!r} ({error})"
        ) from error
    return where
