"""What formats cannot hold, found before anything is written."""

from __future__ import annotations

import numpy as np

from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.geometry.arrays import compose, first


def require_no_empties(column: GeometryColumn, format: str) -> None:
    """Refuse empty geometries and parts, for a format that knows only null.

    Raises:
        ValueError: naming the row.
    """
    row = first(column.is_empty)
    if row >= 0:
        raise ValueError(f"row {row} is empty, which {format} cannot tell from null; drop it or make it null")
    require_no_empty_parts(column, format)


def require_no_empty_points(column: GeometryColumn, format: str) -> None:
    """Refuse empty points, alone or in a multipoint.

    Raises:
        ValueError: naming the row.
    """
    if column.type.part is GeometryType.POINT:
        require_no_empties(column, format)


def require_no_empty_parts(column: GeometryColumn, format: str) -> None:
    """Refuse multi geometries with a part without vertices.

    Raises:
        ValueError: naming the row.
    """
    if not column.type.is_multi:
        return
    if column.type is GeometryType.MULTIPOINT:
        empty = np.isnan(column.x) & np.isnan(column.y)
    else:
        vertices = compose(column.offsets[1:])
        empty = vertices[1:] == vertices[:-1]
    part = first(empty)
    if part >= 0:
        row = int(np.searchsorted(column.offsets[0], part, side="right")) - 1
        raise ValueError(f"row {row} has an empty part, which {format} cannot hold; drop the part")


def require_no_singles(column: GeometryColumn, format: str) -> None:
    """Refuse single geometries among multi ones.

    Raises:
        ValueError: naming the row.
    """
    row = -1 if column.single is None else first(column.single)
    if row >= 0:
        raise ValueError(
            f"row {row} is a single {column.type.part.name} among {column.type.name}, which {format} cannot "
            "tell apart; take another encoding or format"
        )
