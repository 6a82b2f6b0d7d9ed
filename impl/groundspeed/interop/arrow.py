"""Arrow arrays through the PyCapsule interface."""

from __future__ import annotations

from typing import Any

from groundspeed.columns import GeometryColumn, GeometryType


def from_arrow(
    data: Any, crs: Any = None, *, type: GeometryType | str | None = None, drop_z: bool = False
) -> GeometryColumn:
    """See GeometryColumn.from_arrow."""
    raise NotImplementedError("from_arrow is being written")


def to_arrow(column: GeometryColumn, encoding: str = "geoarrow") -> Any:
    """See GeometryColumn.to_arrow."""
    raise NotImplementedError("to_arrow is being written")


def schema_capsule(column: GeometryColumn) -> Any:
    """See GeometryColumn.__arrow_c_schema__."""
    raise NotImplementedError("schema_capsule is being written")
