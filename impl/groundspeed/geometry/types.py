"""GeometryType: what the rows of a column are."""

from __future__ import annotations

import enum


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
