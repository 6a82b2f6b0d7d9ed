"""GSHHG shorelines, rivers and borders as packed for basemap: float32 pairs and a text index of lines.

A line of the index is `level area points south north offset bytes id`: area in km2 (-1 for lines), offset and
bytes into the file of pairs. Rings are closed. A polygon that crosses the antimeridian is stored as two,
`<id>-E` and `<id>-W`, cut there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from groundspeed.datasets.errors import DatasetError
from groundspeed.geometry import GeometryColumn

INDEX = ["level", "area_km2", "vertices", "south", "north", "offset", "bytes", "id"]
PAIR = 8


def basemap_geometry(folder: Path, file: str, index: str, kind: str, crs: str) -> GeometryColumn:
    """Polygons of one ring each, or lines.

    Args:
        folder: of the files.
        file: the pairs.
        index: the text index.
        kind: `"polygon"` or `"linestring"`.
        crs: of the coordinates.

    Raises:
        DatasetError: the index does not cover the file without gap.
    """
    rows, pairs = _index(folder / index), np.fromfile(folder / file, "<f4").reshape(-1, 2)
    ends = np.concatenate([[0], np.cumsum(rows["vertices"].to_numpy())])
    if ends[-1] != len(pairs) or not np.array_equal(rows["offset"].to_numpy(), ends[:-1] * PAIR):
        raise DatasetError(f"{index} does not fit {file}: they must come from one archive")
    rings = (np.arange(len(rows) + 1),) if kind == "polygon" else ()
    x, y = pairs.T.astype(np.float64)
    return GeometryColumn.from_ragged(kind, x, y, (*rings, ends), crs=crs)


def basemap_table(folder: Path, index: str) -> pd.DataFrame:
    """The index, one row per geometry: level (1 land, 2 lake, 3 island in lake ...), area_km2, vertices,
    id."""
    return _index(folder / index)[["level", "area_km2", "vertices", "id"]]


def _index(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=r"\s+", header=None, names=INDEX, dtype={"id": str})
