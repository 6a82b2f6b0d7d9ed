"""The files that everybody reads: the same points in every format, written when one is first asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import groundspeed as gs
from groundspeed import scratch
from groundspeed.catalog import Inputs


@dataclass(frozen=True)
class Form:
    """One way to store points.

    Attributes:
        title: what a reader of the report sees.
        ending: of the file.
        writing: options of `groundspeed.write`; no checksums, which other writers leave out by default.
        reading: options of `groundspeed.read` that the file itself cannot say.
    """

    title: str
    ending: str
    writing: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)


def _parquet(title: str, encoding: str) -> Form:
    return Form(title, ".parquet", {"encoding": encoding, "write_page_checksum": False})


FORMS = {
    "csv": Form("CSV, columns x and y", ".csv", {"encoding": "xy"}),
    "csv_wkt": Form("CSV, well-known text", ".csv", {"encoding": "wkt"}, {"wkt": "geometry"}),
    "parquet": _parquet("Parquet, columns x and y", "xy"),
    "geoparquet": _parquet("GeoParquet 1.1, WKB", "wkb"),
    "geoparquet_geoarrow": _parquet("GeoParquet 1.1, GeoArrow", "geoarrow"),
    "geoparquet_native": _parquet("GeoParquet 2.0", "native"),
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

    def first(self, n: int) -> PointFile:
        """The file of the first n points."""
        return replace(self, n=n)


def _write(inputs: Inputs, folder: Path) -> None:
    form = FORMS[inputs["form"]]
    places = np.random.default_rng(inputs["seed"]).random((inputs["n"], 2)) * [360, 180] - [180, 90]
    points = gs.GeometryColumn.from_points(places[:, 0], places[:, 1], crs="OGC:CRS84")
    gs.write(points, folder / f"points{form.ending}", **form.writing)
