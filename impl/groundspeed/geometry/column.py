"""GeometryColumn: a column of geometries in GeoArrow layout with separated coordinates."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from groundspeed.geometry import build, checks, selection
from groundspeed.geometry.rows import Rows
from groundspeed.geometry.types import GeometryType


class GeometryColumn(Rows):
    """Geometries of one type (singles among multis allowed), nulls included, over NumPy or CuPy arrays.

    Make one with `from_points`, `from_ragged`, `from_shapely`, `from_geopandas`, `from_arrow`, `from_wkb` or
    `from_wkt`; the plain constructor takes arrays as they are and checks only what costs nothing.

    Attributes:
        type: the type of all rows; POLYGON rows may be stored in a MULTIPOLYGON column (see `single`).
        x, y: (v,) float64 or float32 coordinates of all vertices, contiguous.
        offsets: int64 arrays from the geometries down to the vertices, each one longer than what it divides:
            () for points, (vertices,) for linestrings and multipoints, (rings, vertices) for polygons,
            (parts, vertices) for multilinestrings, (parts, rings, vertices) for multipolygons.
        validity: (n,) bool, False where a row is null; None when no row is.
        single: (n,) bool, True where a row of a multi column was a single geometry; None when none was.
        crs: pyproj.CRS or None; anything `pyproj.CRS.from_user_input` takes may be given.

    Null points and empty points are NaN, NaN; other null and empty rows have no vertices.

    Examples:
        >>> import groundspeed as gs
        >>> points = gs.GeometryColumn.from_points([0.0, 1.0, 2.0], [5.0, 6.0, 7.0], crs="EPSG:4326")
        >>> points
        <GeometryColumn: 3 POINT, float64, EPSG:4326>
        >>> print(points[1])
        POINT (1 6)
        >>> points[1:].x
        array([1., 2.])
    """

    @classmethod
    def from_points(cls, x: Any, y: Any, crs: Any = None, *, validity: Any = None) -> GeometryColumn:
        """A column of points from its coordinates, without a copy where they are contiguous floats.

        Args:
            x, y: (n,) numbers, or one; NaN, NaN is an empty point. NumPy, CuPy, pandas, cuDF...
            crs: anything `pyproj.CRS.from_user_input` takes.
            validity: (n,) bool, False where a row is null.

        Raises:
            TypeError: values that are not real numbers.
            ValueError: lengths differ.

        Examples:
            >>> import groundspeed as gs
            >>> len(gs.GeometryColumn.from_points([0, 1], [2, 3]))
            2
        """
        column = cls(*build.from_points(x, y, crs, validity))
        return column if column.validity is None else column._with_checked_offsets()

    @classmethod
    def from_ragged(
        cls,
        type: GeometryType | str,
        x: Any,
        y: Any,
        offsets: Any,
        *,
        validity: Any = None,
        single: Any = None,
        crs: Any = None,
    ) -> GeometryColumn:
        """A column from coordinates and offsets, fully checked.

        Args:
            type: a GeometryType or its name, e.g. `"polygon"`.
            x, y: (v,) numbers.
            offsets: integer arrays as under Attributes, outermost first; a single array may stand alone.
            validity, single, crs: see Attributes.

        Raises:
            TypeError: coordinates that are not real numbers, offsets that are not integers.
            ValueError: lengths or offsets that do not fit, naming the argument and the position.

        Examples:
            >>> import groundspeed as gs
            >>> gs.GeometryColumn.from_ragged("linestring", [0, 1, 2], [0, 1, 0], [0, 3])
            <GeometryColumn: 1 LINESTRING of 3 vertices, float64>
        """
        return cls(*build.from_ragged(type, x, y, offsets, validity, single, crs))._with_checked_offsets()

    @classmethod
    def from_shapely(
        cls,
        geometries: Any,
        crs: Any = None,
        *,
        type: GeometryType | str | None = None,
        drop_z: bool = False,
        argument: str = "geometries",
    ) -> GeometryColumn:
        """A column from Shapely geometries; None is a null row.

        Args:
            geometries: one geometry or a 1-D array-like of them.
            crs: anything `pyproj.CRS.from_user_input` takes.
            type: of a column without any geometry (empty or all null); default POINT.
            drop_z: drop Z and M coordinates instead of refusing them.
            argument: what error messages call the geometries.

        Raises:
            TypeError: something that is not a geometry.
            ValueError: rows of different families, collections, rings, or Z coordinates, naming the row.

        Examples:
            >>> import groundspeed as gs, shapely
            >>> gs.GeometryColumn.from_shapely([shapely.Point(0, 1), None])
            <GeometryColumn: 2 POINT, 1 null, float64>
        """
        from groundspeed.geometry import geos

        return cls(*geos.from_shapely(geometries, crs, type=type, drop_z=drop_z, argument=argument))

    @classmethod
    def from_geopandas(
        cls,
        frame: Any,
        *,
        type: GeometryType | str | None = None,
        drop_z: bool = False,
        argument: str = "frame",
    ) -> GeometryColumn:
        """A column from a GeoSeries or the active geometry of a GeoDataFrame, with CRS, without index.

        Raises:
            TypeError: not a GeoPandas object.
            ValueError: as `from_shapely`.
        """
        from groundspeed.geometry import frames

        return cls(*frames.from_geopandas(frame, type=type, drop_z=drop_z, argument=argument))

    @classmethod
    def from_wkb(cls, values: Any, crs: Any = None, *, drop_z: bool = False) -> GeometryColumn:
        """A column from well-known binary (bytes or hexadecimal strings); None is a null row.

        Raises:
            ValueError: as `from_shapely`, or a value that is not WKB, naming the row.
        """
        from groundspeed.geometry import geos

        return cls(*geos.from_wkb(values, crs, drop_z=drop_z))

    @classmethod
    def from_wkt(cls, values: Any, crs: Any = None, *, drop_z: bool = False) -> GeometryColumn:
        """A column from well-known text; None is a null row.

        Raises:
            ValueError: as `from_shapely`, or a value that is not WKT, naming the row.

        Examples:
            >>> import groundspeed as gs
            >>> gs.GeometryColumn.from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 0))"])
            <GeometryColumn: 1 POLYGON of 4 vertices, float64>
        """
        from groundspeed.geometry import geos

        return cls(*geos.from_wkt(values, crs, drop_z=drop_z))

    @classmethod
    def from_arrow(
        cls, data: Any, crs: Any = None, *, type: GeometryType | str | None = None, drop_z: bool = False
    ) -> GeometryColumn:
        """A column from any object with `__arrow_c_array__` or `__arrow_c_stream__`.

        Args:
            data: a GeoArrow array (separated coordinates without a copy, interleaved, WKB or WKT), or a table
                with exactly one such column.
            crs: overrides the CRS in the metadata.
            type: of nested lists that carry no GeoArrow extension type.
            drop_z: drop Z and M coordinates instead of refusing them.

        Raises:
            TypeError: not an Arrow object, or not a geometry layout.
            ValueError: as `from_shapely`; spherical edges.
        """
        from groundspeed.geometry import arrow_import

        return cls(*arrow_import.from_arrow(data, crs, type=type, drop_z=drop_z))._with_checked_offsets()

    def _with_checked_offsets(self) -> GeometryColumn:
        checks.check_offsets(self)
        return self

    def to_shapely(self) -> np.ndarray:
        """(n,) object array of Shapely geometries, None where null."""
        from groundspeed.geometry import geos

        return geos.to_shapely(self)

    def to_geopandas(self, index: Any = None) -> Any:
        """GeoSeries with the CRS, None where null."""
        from groundspeed.geometry import frames

        return frames.to_geopandas(self, index)

    def to_wkb(self) -> np.ndarray:
        """(n,) object array of WKB bytes, None where null."""
        from groundspeed.geometry import geos

        return geos.to_wkb(self)

    def to_arrow(self, encoding: Literal["geoarrow", "wkb"] = "geoarrow") -> Any:
        """pyarrow array with a GeoArrow extension type and the CRS.

        Args:
            encoding: `"geoarrow"` (nested lists over separated coordinates, which are not copied; float32 is
                widened as the format demands, and single geometries of a multi column become multis, which it
                cannot tell apart) or `"wkb"` (keeps singles).
        """
        from groundspeed.geometry import arrow_export

        return arrow_export.to_arrow(self, encoding)

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        return self.to_arrow().__arrow_c_array__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        from groundspeed.geometry import arrow_export

        return arrow_export.schema_capsule(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) and key.step in (None, 1):
            return self.slice(key.start, key.stop)
        if isinstance(key, slice):
            return self.take(np.arange(len(self))[key])
        if getattr(key, "ndim", 0) == 1 or isinstance(key, list):
            return self.take(selection.as_positions(self, key))
        row = operator.index(key)
        return self.take([row]).to_shapely()[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_shapely())
