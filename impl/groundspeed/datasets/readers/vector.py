"""Vector formats that GDAL reads: shapefile, GeoPackage, OpenStreetMap extracts, zipped or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from groundspeed.datasets.zipped import SEPARATOR, extracted
from groundspeed.geometry import GeometryColumn


def vector(
    folder: Path, file: str, crs: str, layer: str | None = None, where: str | None = None
) -> GeometryColumn:
    """The geometries of a layer; `crs` is declared, nothing is transformed.

    Args:
        folder: of the files.
        file: its name; `archive.zip!member.shp` for a shapefile inside an archive kept whole.
        crs: of the coordinates as published.
        layer: which one, where the file has several.
        where: condition on the attributes, as OGR SQL.
    """
    unread: list[str] | None = (
        [] if where is None else None
    )  # GDAL finds nothing by a condition on fields it does not read
    frame = _frame(folder, file, columns=unread, layer=layer, where=where)
    return GeometryColumn.from_shapely(frame.geometry.to_numpy(), crs=crs)


def vector_table(
    folder: Path,
    file: str,
    layer: str | None = None,
    where: str | None = None,
    fields: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The attributes of the same layer, or some of them, one row per geometry."""
    columns = None if fields is None else list(fields)
    return _frame(folder, file, read_geometry=False, layer=layer, where=where, columns=columns)


def _frame(folder: Path, file: str, **options: object) -> pd.DataFrame:
    import pyogrio

    archive, inside, member = file.partition(SEPARATOR)
    if not inside:
        return pyogrio.read_dataframe(folder / file, **options)
    stem = member.rpartition(".")[0]
    with extracted(folder / archive, f"{stem}.*") as place:
        return pyogrio.read_dataframe(place / Path(member).name, **options)
