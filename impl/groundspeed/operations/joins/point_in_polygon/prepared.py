"""Polygons ready to be asked: what an index of them is made of, and `prepare`, which keeps one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from groundspeed.dispatch import dispatch
from groundspeed.engines import Engine
from groundspeed.geometry import GeometryColumn
from groundspeed.inputs import as_polygons
from groundspeed.operations.joins.point_in_polygon import small
from groundspeed.operations.joins.point_in_polygon.asked import ANYWHERE, Asked
from groundspeed.operations.joins.point_in_polygon.index import CellIndex, build
from groundspeed.operations.joins.point_in_polygon.rings import checked
from groundspeed.operations.joins.point_in_polygon.small import SmallIndex
from groundspeed.operations.joins.point_in_polygon.subset import subset


@dataclass(frozen=True)
class Index:
    """Polygons ready to be asked, each in one of the two.

    Attributes:
        cells: of polygons with many edges, or None if there are none.
        small: of small polygons, or None if there are few.
    """

    cells: CellIndex | None
    small: SmallIndex | None


def indexed(engine: Engine, polygons: GeometryColumn, asked: Asked) -> Index:
    """Index polygons that live on the engine.

    Args:
        polygons: closed rings, finite coordinates.
        asked: the points that will be asked for.

    Raises:
        ValueError: see `index.build` and `small.build`.
    """
    boxed, others = small.build(engine, polygons)
    if boxed is None:
        return Index(build(engine, polygons, asked), None)
    if len(others) == 0:
        return Index(None, boxed)
    large = subset(engine, boxed.parts, boxed.vertices, others)
    return Index(build(engine, large, asked, others), boxed)


@dataclass(frozen=True)
class Prepared:
    """Polygons with an index for points anywhere, kept on an engine; made by `prepare`.

    Attributes:
        engine: name of the engine.
        dtype: of the coordinates.
        crs: of the polygons, or None.
        index: what the join asks.
    """

    engine: str
    dtype: Any
    crs: Any
    count: int
    index: Index

    def __len__(self) -> int:
        """How many polygons."""
        return self.count

    def __repr__(self) -> str:
        return f"<Prepared: {self.count:,} polygons, {self.dtype}, on engine {self.engine!r}>"


def prepare(polygons: Any, *, close_rings: bool = False, engine: str | None = None) -> Prepared:
    """Polygons indexed once, for many joins with points.

    `point_in_polygon` takes the result in place of polygons and answers the same. A join that brings its own
    polygons indexes only what its points ask for; this index is for points anywhere and takes longer to make.

    Args:
        polygons: as `point_in_polygon` takes them. Float32 polygons can be asked for float32 points only.
        close_rings: see `point_in_polygon`.
        engine: where the index is made and stays, and where joins with it run.

    Raises:
        ValueError, TypeError, EngineUnavailable: as `point_in_polygon` does for its polygons.

    Examples:
        >>> import groundspeed as gs, shapely
        >>> squares = gs.prepare([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
        >>> gs.point_in_polygon([(0.5, 0.5), (1.5, 1.5)], squares)
        (array([0, 1, 1]), array([0, 0, 1]))
    """
    column = as_polygons(polygons, "polygons")
    call = dispatch(engine, column)
    column = checked(call, column, close_rings)
    index = indexed(call.engine, column, ANYWHERE)
    return Prepared(call.engine.name, column.dtype, column.crs, len(column), index)
