"""The files to be read: the same points in every format, written when one is first asked for."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import groundspeed as gs
from groundspeed.referee.competitors import scratch
from groundspeed.referee.model import Inputs


@dataclass(frozen=True)
class Form:
    """One way to store points.

    Attributes:
        title: what a reader of the report sees.
        ending: of the file.
        write: writes points to a path.
        reading: options of `groundspeed.read` that the file itself cannot say.
    """

    title: str
    ending: str
    write: Callable[[gs.GeometryColumn, Path], None] = gs.write
    reading: dict[str, Any] = field(default_factory=dict)


def _ours(**options: Any) -> Callable[[gs.GeometryColumn, Path], None]:
    return functools.partial(gs.write, **options)


def _grouped(title: str, encoding: str) -> Form:
    """Row groups of 131,072 rows; no checksums, which other writers leave out by default."""
    return Form(title, ".parquet", _ours(encoding=encoding, write_page_checksum=False))


def _pandas(points: gs.GeometryColumn, path: Path) -> None:
    gs.Table.from_frame({"x": points.x, "y": points.y}).to_pandas().to_parquet(path)


def _geopandas(encoding: str) -> Callable[[gs.GeometryColumn, Path], None]:
    """GeoPandas' own file, of one row group up to a million rows."""

    def write(points: gs.GeometryColumn, path: Path) -> None:
        points.to_geopandas().to_frame("geometry").to_parquet(path, geometry_encoding=encoding)

    return write


OTHER_SEED = 1_000_003
"""Added to a seed for other points."""

FORMS = {
    "csv": Form("CSV, columns x and y", ".csv", _ours(encoding="xy")),
    "csv_wkt": Form("CSV, well-known text", ".csv", _ours(encoding="wkt"), {"wkt": "geometry"}),
    "parquet": _grouped("Parquet, columns x and y", "xy"),
    "parquet_pandas": Form("Parquet, columns x and y, as pandas writes it", ".parquet", _pandas),
    "geoparquet": _grouped("GeoParquet 1.1, WKB", "wkb"),
    "geoparquet_geopandas": Form(
        "GeoParquet 1.1, WKB, as GeoPandas writes it", ".parquet", _geopandas("WKB")
    ),
    "geoparquet_geoarrow": _grouped("GeoParquet 1.1, GeoArrow", "geoarrow"),
    "geoparquet_geoarrow_geopandas": Form(
        "GeoParquet 1.1, GeoArrow, as GeoPandas writes it", ".parquet", _geopandas("geoarrow")
    ),
    "geoparquet_native": _grouped("GeoParquet 2.0", "native"),
    "arrow": Form("Arrow IPC, GeoArrow", ".arrow"),
    "shapefile": Form("shapefile", ".shp", reading={"columns": ()}),  # has an attribute, because it must
    "geopackage": Form("GeoPackage", ".gpkg"),
    "flatgeobuf": Form("FlatGeobuf", ".fgb"),
    "geojson": Form("GeoJSON", ".geojson"),
}


@dataclass(frozen=True)
class PointFile(os.PathLike[str]):
    """A path to a temporary file of `n` points, uniform in longitude and latitude, without attributes.

    Attributes:
        form: one of FORMS.
        n: number of points; the first k do not depend on it.
        seed: of the generator.
    """

    form: str
    n: int
    seed: int = 1

    def __fspath__(self) -> str:
        inputs = {"form": self.form, "n": self.n, "seed": self.seed}
        return str(scratch.folder(inputs, _write) / f"points{FORMS[self.form].ending}")

    def __str__(self) -> str:
        return f"{self.n:,} points as {FORMS[self.form].title}, uniform in degrees, seed {self.seed}"

    def reseeded(self) -> PointFile:
        """The file of as many other points."""
        return replace(self, seed=self.seed + OTHER_SEED)

    def content(self) -> np.ndarray:
        """The coordinates in it, x and y of every point."""
        return _places(self.n, self.seed).ravel()

    def first(self, n: int) -> PointFile:
        """The file of the first n points."""
        return replace(self, n=n)


def _places(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 2)) * [360, 180] - [180, 90]


def _write(inputs: Inputs, folder: Path) -> None:
    form = FORMS[inputs["form"]]
    places = _places(inputs["n"], inputs["seed"])
    points = gs.GeometryColumn.from_points(places[:, 0], places[:, 1], crs="OGC:CRS84")
    form.write(points, folder / f"points{form.ending}")
