"""How geometry lies in a table: two columns of numbers, WKB, WKT or GeoArrow; each becomes a GeometryColumn.

Every `decode` gives one row per row of the table, null where the geometry is bad, and says what is wrong.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundspeed.columns import GeometryColumn, GeometryType
from groundspeed.columns.build import as_crs
from groundspeed.io import shapes, threads, wkb, wkt
from groundspeed.io.problems import Problem, ReadError, shortened

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
        points = wkb.points(column, self.crs) if type is None or type.part is GeometryType.POINT else None
        if points is not None:
            return points, []
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


def of_field(field: pa.Field, crs: Any) -> Encoding | None:
    """The encoding of a column with a GeoArrow extension type, None without one.

    Raises:
        ReadError: spherical edges of anything but points, which operations would take as straight.
    """
    if isinstance(field.type, pa.BaseExtensionType):
        name, raw = field.type.extension_name, field.type.__arrow_ext_serialize__()
    else:
        metadata = field.metadata or {}
        name = metadata.get(b"ARROW:extension:name", b"").decode(errors="replace")
        raw = metadata.get(b"ARROW:extension:metadata", b"")
    if not name.startswith(("geoarrow.", "ogc.")):
        return None
    about = _json(raw or b"{}", field.name)
    crs = file_crs(about.get("crs")) if crs is None else crs
    kind = name.partition(".")[2]
    if kind in ("wkb", "wkt"):
        require_planar(about.get("edges", "planar"), field.name)
        return Wkb(field.name, crs) if kind == "wkb" else Wkt(field.name, crs)
    if kind.upper() not in GeometryType.__members__:
        raise ReadError(f"column {field.name!r} has Arrow type {name!r}, which no column can hold")
    type = GeometryType[kind.upper()]
    if type.part is not GeometryType.POINT:
        require_planar(about.get("edges", "planar"), field.name)
    return GeoArrow(field.name, type, crs)


def _json(raw: bytes, column: str) -> dict[str, Any]:
    try:
        about = json.loads(raw)
    except ValueError as error:
        raise ReadError(f"column {column!r}: its GeoArrow metadata are no JSON ({error})") from error
    if not isinstance(about, dict):
        raise ReadError(f"column {column!r}: its GeoArrow metadata are {about!r}, expected an object")
    return about


def file_crs(crs: Any) -> Any:
    """The CRS that a file names.

    Raises:
        ReadError: PROJ does not understand it.
    """
    try:
        return _crs(json.dumps(crs) if isinstance(crs, dict) else crs)
    except ValueError as error:
        raise ReadError(f"the file's {error}, or pass crs= to override it") from error


_crs = functools.lru_cache(as_crs)  # PROJ takes longer over a CRS than a file of 100,000 points


def require_planar(edges: str, column: str) -> None:
    """Refuse edges that are not straight lines.

    Raises:
        ReadError: naming the column.
    """
    if edges != "planar":
        raise ReadError(
            f"column {column!r} has {edges} edges, but operations take edges as straight; densify and write "
            "them as planar"
        )


def of_names(names: list[str], x: str | None, y: str | None, crs: Any) -> XY | None:
    """Columns of coordinates, as told or by their usual names, None where there are none."""
    if x is not None and y is not None:
        return XY(x, y, crs)
    for pair in (("x", "y"), ("lon", "lat"), ("longitude", "latitude")):
        if set(pair) <= set(names):
            return XY(*pair, crs)
    return None


def floats(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """A float64 or float32 array, NaN where null; no copy of one chunk of floats without nulls."""
    type = column.type
    if pa.types.is_integer(type) or pa.types.is_decimal(type) or pa.types.is_null(type):
        column = column.cast(pa.float64())
    elif not (pa.types.is_float64(type) or pa.types.is_float32(type)):
        raise ReadError(f"column {name!r} must hold numbers, not {shortened(type)}; choose others as x and y")
    if column.num_chunks == 1:
        return column.chunk(0).to_numpy(zero_copy_only=False)
    return _joined(column)


def _joined(column: pa.ChunkedArray) -> np.ndarray:
    """One array of floats, filled by all cores, in memory that pyarrow has kept: fresh pages take as long."""
    dtype = np.dtype(column.type.to_pandas_dtype())
    joined = np.frombuffer(pa.allocate_buffer(len(column) * dtype.itemsize), dtype)

    def copy(todo: Iterator[tuple[int, pa.Array]]) -> None:
        for end, chunk in todo:
            joined[end - len(chunk) : end] = chunk.to_numpy(zero_copy_only=False)

    threads.share(copy, [*zip(accumulate(map(len, column.chunks)), column.chunks, strict=True)])
    return joined


def plain(column: Any) -> Any:
    """An array or a chunked one without extension type, which pyarrow gives where somebody registered it."""
    is_plain = not isinstance(column.type, pa.BaseExtensionType)
    return column if is_plain else column.cast(column.type.storage_type)


def storage(column: pa.ChunkedArray) -> pa.Array:
    """One array without extension type, not copied where there is one chunk."""
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # more than one array can hold
        raise ReadError("the geometries have more than 2 GiB in one chunk; use read_batches")
    return array.storage if isinstance(array, pa.ExtensionArray) else array
