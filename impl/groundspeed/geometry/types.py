"""What the rows of a column are, and what a column is made of: plain data that everything else builds on."""

from __future__ import annotations

import enum
from typing import Any, ClassVar, NamedTuple, Protocol


class GeometryType(enum.IntEnum):
    """OGC geometry types, numbered as in WKB."""

    POINT = 1
    LINESTRING = 2
    POLYGON = 3
    MULTIPOINT = 4
    MULTILINESTRING = 5
    MULTIPOLYGON = 6

    @property
    def levels(self) -> int:
        """How many offset arrays the type has: 0 for points to 3 for multipolygons."""
        return {1: 0, 2: 1, 3: 2, 4: 1, 5: 2, 6: 3}[int(self)]

    @property
    def is_multi(self) -> bool:
        """Whether a row may have several parts."""
        return self >= GeometryType.MULTIPOINT

    @property
    def part(self) -> GeometryType:
        """The type of one part: POLYGON for MULTIPOLYGON; a single type is its own part."""
        return GeometryType(self - 3) if self.is_multi else self

    @property
    def offset_names(self) -> tuple[str, ...]:
        """What each offset array divides into, outermost first, as GeoArrow calls it."""
        return {
            GeometryType.POINT: (),
            GeometryType.LINESTRING: ("vertices",),
            GeometryType.POLYGON: ("rings", "vertices"),
            GeometryType.MULTIPOINT: ("points",),
            GeometryType.MULTILINESTRING: ("linestrings", "vertices"),
            GeometryType.MULTIPOLYGON: ("polygons", "rings", "vertices"),
        }[self]


class Parts(NamedTuple):
    """The arguments of GeometryColumn, which describes them: what every conversion gives back."""

    type: GeometryType
    x: Any
    y: Any
    offsets: tuple[Any, ...] = ()
    validity: Any = None
    single: Any = None
    crs: Any = None


class Layout(Protocol):
    """The arrays of a column, as checks and selections read them."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def type(self) -> GeometryType:
        """Of all rows."""

    @property
    def x(self) -> Any:
        """(v,) coordinates."""

    @property
    def y(self) -> Any:
        """(v,) coordinates."""

    @property
    def offsets(self) -> tuple[Any, ...]:
        """Outermost first."""

    @property
    def validity(self) -> Any:
        """(n,) bool or None."""

    @property
    def single(self) -> Any:
        """(n,) bool or None."""

    @property
    def crs(self) -> Any:
        """CRS or None."""

    @property
    def vertex_offsets(self) -> Any:
        """(n + 1,) int64."""

    @property
    def is_null(self) -> Any:
        """(n,) bool."""

    @property
    def is_empty(self) -> Any:
        """(n,) bool."""

    @property
    def dtype(self) -> Any:
        """Of the coordinates."""

    @property
    def num_vertices(self) -> int:
        """Of all rows."""

    @property
    def on_device(self) -> bool:
        """Whether the arrays live on a GPU."""

    def __len__(self) -> int: ...

    def to_host(self) -> Layout:
        """The same over NumPy arrays."""
