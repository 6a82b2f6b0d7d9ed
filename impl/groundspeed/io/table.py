"""Table: geometries with attributes, and an account of every record that is not among them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa

from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import host
from groundspeed.geometry.selection import as_positions
from groundspeed.io import frames, to_frames
from groundspeed.io.frames import Content
from groundspeed.io.problems import as_table


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Geometries and attributes, row by row, as `read` gives them or a frame holds them.

    Attributes:
        geometry: (n,) GeometryColumn.
        attributes: pyarrow.Table of n rows, without the geometry.
        rejected: pyarrow.Table with columns row, column, reason and raw: the bad records of the file.
        filtered: records that are good but outside `bounds` or `where`.
        read: records that were read: always kept + rejected + filtered. Records that an index of the file or
            its statistics left out (see `read`) are not read.
        name: what the geometry is called where it becomes a column of a frame.

    Examples:
        >>> import groundspeed as gs
        >>> table = gs.Table.from_frame({"x": [0.0, 1.0], "y": [5.0, 6.0], "height": [3, 4]})
        >>> table
        <Table: 2 POINT, attributes height; read 2, rejected 0, filtered 0>
        >>> table[table.geometry.x > 0.5].attributes["height"].to_pylist()
        [4]
    """

    geometry: GeometryColumn
    attributes: pa.Table
    rejected: pa.Table = field(default_factory=lambda: as_table([]))
    filtered: int = 0
    read: int = -1
    name: str = "geometry"

    def __post_init__(self) -> None:
        if self.attributes.num_columns == 0:  # a pyarrow table without columns forgets how many rows it has
            object.__setattr__(self, "attributes", _no_columns(len(self.geometry)))
        if self.attributes.num_rows != len(self.geometry):
            raise ValueError(
                f"attributes must have one row per geometry: expected {len(self.geometry)}, got "
                f"{self.attributes.num_rows}"
            )
        counted = len(self.geometry) + self.rejected.num_rows + self.filtered
        if self.read < 0:
            object.__setattr__(self, "read", counted)
        if self.read != counted:
            raise ValueError(
                f"{self.read} records were read, but {len(self.geometry)} kept + {self.rejected.num_rows} "
                f"rejected + {self.filtered} filtered are {counted}; a reader lost some: please report it"
            )

    def __len__(self) -> int:
        return len(self.geometry)

    def __repr__(self) -> str:
        names = ", ".join(self.attributes.column_names)
        return (
            f"<Table: {len(self):,} {self.geometry.type.name}"
            + (f", attributes {names}" if names else "")
            + f"; read {self.read:,}, rejected {self.rejected.num_rows:,}, filtered {self.filtered:,}>"
        )

    def __getitem__(self, key: Any) -> Self:
        """Some rows, by slice, positions or mask, as a table without an account of a file."""
        rows = np.arange(len(self))[key] if isinstance(key, slice) else as_positions(self.geometry, key)
        geometry = self.geometry.take(rows)
        return type(self)(geometry, self.attributes.take(pa.array(host(rows))), name=self.name)

    def to_host(self) -> Self:
        """The table with its coordinates on the host; the table itself where they are."""
        return replace(self, geometry=self.geometry.to_host()) if self.geometry.on_device else self

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        geometry: str | None = None,
        x: str | None = None,
        y: str | None = None,
        crs: Any = None,
        drop_z: bool = False,
    ) -> Table:
        """A table from a GeoDataFrame, pandas, polars or cuDF frame, Arrow table or dictionary of arrays.

        Coordinates are not copied where they are one contiguous array of floats without nulls. Those of a
        cuDF frame, and CuPy or DLPack arrays on a GPU, stay there; attributes always go to the host. An index
        that does more than count rows (it has a name, several levels or no integers) becomes attributes.

        Args:
            frame: GeoDataFrame, pandas.DataFrame, polars.DataFrame, cudf.DataFrame, anything with
                `__arrow_c_stream__`, or a dictionary of NumPy, CuPy, DLPack or array-like values.
            geometry: name of a column of GeoArrow, WKB, WKT or Shapely geometries; default: the active
                geometry, or the one column with a GeoArrow type.
            x, y: names of columns of coordinates; default: x and y, lon and lat, or longitude and latitude.
            crs: overrides the CRS of the frame.
            drop_z: drop Z and M coordinates instead of refusing them.

        Raises:
            TypeError: not a frame.
            ValueError: no geometry found, or a bad one, with its row.
        """
        content = frames.from_frame(frame, geometry=geometry, x=x, y=y, crs=crs, drop_z=drop_z)
        return cls(content.geometry, content.attributes, name=content.name)

    def _content(self) -> Content:
        return Content(self.geometry, self.attributes, self.name)

    def to_arrow(self, encoding: Literal["geoarrow", "wkb"] = "geoarrow") -> pa.Table:
        """pyarrow.Table of the attributes and a GeoArrow or WKB column, coordinates not copied."""
        return to_frames.to_arrow(self._content(), encoding)

    def with_columns(self, **columns: Any) -> pa.Table:
        """The attributes and further columns of Arrow arrays."""
        return self._content().with_columns(**columns)

    def to_pandas(self) -> Any:
        """pandas.DataFrame with the attributes and, for points, columns x and y; else a column of WKB."""
        return to_frames.to_pandas(self._content())

    def to_geopandas(self) -> Any:
        """GeoDataFrame with the CRS."""
        return to_frames.to_geopandas(self._content())

    def to_polars(self) -> Any:
        """polars.DataFrame as `to_pandas`."""
        return to_frames.to_polars(self._content())

    def to_cudf(self) -> Any:
        """cudf.DataFrame with the attributes and columns x and y; coordinates on a GPU stay there.

        Raises:
            TypeError: not points; cuDF holds no geometries.
        """
        return to_frames.to_cudf(self._content())

    def to_like(self, frame: Any) -> Any:
        """A frame of the same kind as another one, with its index where the attributes that make it are here.

        Examples:
            >>> import groundspeed as gs, pandas as pd
            >>> frame = pd.DataFrame({"x": [0.0, 1.0], "y": [5.0, 6.0], "height": [3, 4]})
            >>> table = gs.Table.from_frame(frame)
            >>> table[table.geometry.x > 0.5].to_like(frame)
               height    x    y
            0       4  1.0  6.0
        """
        return to_frames.to_like(self._content(), frame)


def _no_columns(rows: int) -> pa.Table:
    return pa.table({"": pa.nulls(rows)}).select([])
