"""One function per format that GDAL writes: a Table on the host to a file, whose attributes are compared."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio

from groundspeed.geometry import GeometryType
from groundspeed.io import geoparquet, limits, round_trip
from groundspeed.io.table import Table

NAMES = {"ESRI Shapefile": "a shapefile", "GPKG": "a GeoPackage"}
CHANGES: dict[str, dict[str, Any]] = {
    "ESRI Shapefile": {"rounding": 1e-14, "trims": True},
    "GeoJSON": {"rounding": 4e-16},
}
"""What a format does to attributes, as its documentation says: a shapefile keeps 15 digits of a number; GDAL
writes 0.30000000000000004 as 0.3 in GeoJSON."""


def shapefile(table: Table, path: Path, *, encoding: str = "UTF-8", **options: Any) -> None:
    """An ESRI shapefile; field names have ten characters at most."""
    for name in table.attributes.column_names:
        if len(name.encode()) > 10:
            raise ValueError(f"attribute {name!r}: a shapefile has names of at most 10 bytes; rename it")
    limits.require_no_empties(table.geometry, "a shapefile")
    kind = table.geometry.type if table.geometry.type is GeometryType.MULTIPOINT else table.geometry.type.part
    if kind is GeometryType.MULTIPOINT:
        limits.require_no_singles(table.geometry, "a shapefile")
    _write_gdal(table, path, "ESRI Shapefile", kind, encoding=encoding, **options)


def geopackage(table: Table, path: Path, *, layer: str | None = None, **options: Any) -> None:
    """One layer of a new GeoPackage."""
    options = {"GEOMETRY_NAME": table.name, **options}
    _write_gdal(table, path, "GPKG", None, layer=layer or path.stem, **options)


def flatgeobuf(table: Table, path: Path, **options: Any) -> None:
    """FlatGeobuf in the order of the rows, unless SPATIAL_INDEX="YES"."""
    limits.require_no_empties(table.geometry, "FlatGeobuf")
    ordered = {**options, "SPATIAL_INDEX": "NO"}
    _write_gdal(table, path, "FlatGeobuf", None, **ordered)
    if {**ordered, **options} != ordered:
        _write_gdal(table, path, "FlatGeobuf", None, compared=False, **options)


def geojson(table: Table, path: Path, **options: Any) -> None:
    """GeoJSON with all digits; a CRS other than OGC:CRS84 is named in a member `crs`, as GDAL does."""
    limits.require_no_empty_points(table.geometry, "GeoJSON")
    digits = {"SIGNIFICANT_FIGURES": "17"}
    _write_gdal(table, path, "GeoJSON", None, **{**digits, **options})


def _write_gdal(
    table: Table, path: Path, driver: str, kind: GeometryType | None, compared: bool = True, **options: Any
) -> None:
    """A new file, whose attributes are compared with those of the table."""
    column = table.geometry
    mixed = column.single is not None and kind is None
    kind = kind or column.type
    with warnings.catch_warnings(), _errors(path):
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        warnings.filterwarnings(
            "ignore", "Value |NaN of Infinity", RuntimeWarning
        )  # what is changed is refused
        pyogrio.write_arrow(
            _with_types(table.with_columns(**{table.name: column.to_arrow("wkb").storage})),
            path,
            driver=driver,
            geometry_name=table.name,
            geometry_type="Unknown" if mixed else geoparquet.NAMES[kind],
            crs=None if column.crs is None else column.crs.to_wkt(),
            **options,
        )
        if compared and len(table) and table.attributes.num_columns:
            _, found = pyogrio.read_arrow(path, read_geometry=False)
            name = NAMES.get(driver, driver)
            round_trip.require(table.attributes, found, name, **CHANGES.get(driver, {}))


def _with_types(rows: pa.Table) -> pa.Table:
    """The same rows, columns of nothing but nulls as text: GDAL has no type for them."""
    types = (pa.string() if pa.types.is_null(field.type) else field.type for field in rows.schema)
    return rows.cast(
        pa.schema([field.with_type(type) for field, type in zip(rows.schema, types, strict=True)])
    )


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (pyogrio.errors.DataLayerError, pyogrio.errors.DataSourceError) as error:
        raise ValueError(f"{path}: GDAL cannot write it ({error})") from error
