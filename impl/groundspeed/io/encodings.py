"""How geometry lies in a table: two columns of numbers, WKB, WKT or GeoArrow; each becomes a GeometryColumn.

Every `decode` gives one row per row of the table, null where the geometry is bad, and says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.io import shapes, wkb, wkb_nested, wkt
from groundspeed.io.arrays import floats, plain, storage
from groundspeed.io.problems import Problem, ReadError

Decoded = tuple[GeometryColumn, list[Problem]]


class Encoding(Protocol):
    """The geometry of a file."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that make the geometry."""

    @property
    def crs(self) -> Any:
        """Of the geometry."""

    def decode(self, table: pa.Table, type: GeometryType | None, drop_z: bool) -> Decoded:
        """The geometries of all rows; the rows of the problems are positions in the table.

        Args:
            table: holds at least `columns`.
            type: the kind of geometry the file is to have, None for that of its first row.
            drop_z: whether Z and M are dropped or a problem.
        """


@dataclass(frozen=True)
class XY:
    """Points in two columns of numbers: both missing is a null row, NaN and NaN an empty point."""

    x: str
    y: str
    crs: Any = None

    @property
    def columns(self) -> tuple[str, ...]:
        """See Encoding."""
        return self.x, self.y

    def decode(self, table: pa.Table, type: GeometryType | None, drop_z: bool) -> Decoded:
        """See Encoding."""
        if type not in (None, GeometryType.POINT):
            raise ReadError(f"columns {self.x!r} and {self.y!r} hold points, not {type.name}; leave out type")
        axes = [floats(table[name], name) for name in self.columns]
        if not any(table[name].null_count for name in self.columns):
            return GeometryColumn.from_points(axes[0], axes[1], self.crs), []
        lost = [np.asarray(table[name].is_null()) for name in self.columns]
        null, half = lost[0] | lost[1], np.flatnonzero(lost[0] ^ lost[1])
        axes = [np.where(null, axis.dtype.type(np.nan), axis) for axis in axes]
        problems = [
            Problem(int(at), self.columns[int(lost[1][at])], "one coordinate is missing, the other is not")
            for at in half
        ]
        return GeometryColumn.from_points(axes[0], axes[1], self.crs, validity=~null), problems


@dataclass(frozen=True)
class Wkb:
    """Well-known binary; zero bytes are a null row."""

    column: str
    crs: Any = None
    type: GeometryType | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """See Encoding."""
        return (self.column,)

    def decode(self, table: pa.Table, type: GeometryType | None, drop_z: bool) -> Decoded:
        """See Encoding."""
        column = plain(table[self.column])
        part = None if type is None else type.part
        plain_rows = wkb.points(column, self.crs) if part in (None, GeometryType.POINT) else None
        if plain_rows is None:
            plain_rows = wkb_nested.column(column, self.crs, part)
        if plain_rows is not None:
            return plain_rows, []
        array = storage(column)
        values = array.to_numpy(zero_copy_only=False)
        values[np.asarray(pc.equal(pc.binary_length(array), 0).fill_null(False))] = None
        return shapes.decode("WKB", values, self.column, self.crs, type, self.type, drop_z)


@dataclass(frozen=True)
class Wkt:
    """Well-known text."""

    column: str
    crs: Any = None

    @property
    def columns(self) -> tuple[str, ...]:
        """See Encoding."""
        return (self.column,)

    def decode(self, table: pa.Table, type: GeometryType | None, drop_z: bool) -> Decoded:
        """See Encoding."""
        array = storage(table[self.column])
        points = wkt.points(array, self.crs) if type is None or type.part is GeometryType.POINT else None
        if points is not None:
            return points, []
        values = array.to_numpy(zero_copy_only=False).astype(object)
        return shapes.decode("WKT", values, self.column, self.crs, type, None, drop_z)


@dataclass(frozen=True)
class GeoArrow:
    """Nested lists of coordinates."""

    column: str
    type: GeometryType
    crs: Any = None

    @property
    def columns(self) -> tuple[str, ...]:
        """See Encoding."""
        return (self.column,)

    def decode(self, table: pa.Table, type: GeometryType | None, drop_z: bool) -> Decoded:
        """See Encoding."""
        if type is not None and type.part is not self.type.part:
            raise ReadError(f"column {self.column!r} holds {self.type.name}, not {type.name}; leave out type")
        array = storage(table[self.column])
        try:
            return GeometryColumn.from_arrow(array, self.crs, type=self.type, drop_z=drop_z), []
        except (TypeError, ValueError) as error:
            raise ReadError(f"column {self.column!r}: {error}") from error
