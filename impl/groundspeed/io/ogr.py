"""Shapefile, GeoPackage and FlatGeobuf through GDAL, as Arrow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio

from groundspeed.geometry import GeometryType
from groundspeed.io import arrays, encodings, gdal_nulls, geometry_metadata, sql
from groundspeed.io.problems import Problem, ReadError
from groundspeed.io.read_options import ReadOptions
from groundspeed.io.source import Chunk, Source

Audit = Callable[[Path, dict[str, Any], np.ndarray], list[Problem]]
BATCH = 65_536
SMALLEST = 4  # bytes of a record, of which a shapefile and FlatGeobuf spend as many on its size
# GDAL's own Arrow reader of FlatGeobuf writes wrong offsets where geometry is null (seen in 3.12.4); the
# generic one is right, and slower.
GENERIC = {"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"}


def shapefile(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`; the row is the position in the file."""
    gdal_nulls.require_parts(path)
    return _source(path, request, gdal_nulls.damaged_shapes)


def geopackage(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`; the row is the feature id."""
    return _source(path, request, gdal_nulls.damaged_blobs, counted=False)


def flatgeobuf(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`; the row is the position in the file."""
    return _source(path, request, gdal_nulls.none)


def information(path: Path, request: ReadOptions) -> dict[str, Any]:
    """What GDAL says about a layer: names, types, CRS, number of records.

    Raises:
        ReadError: a file or layer that GDAL cannot open.
    """
    with errors():
        return pyogrio.read_info(path, layer=request.layer, encoding=request.encoding)


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Errors of GDAL as ReadError."""
    try:
        yield
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.FieldError,
        pyogrio.errors.CRSError,
        IndexError,  # pyogrio's answer to a file without layers
    ) as error:
        raise ReadError(f"GDAL cannot read it, is it damaged or cut short? ({error})") from error


def _source(path: Path, request: ReadOptions, audit: Audit, counted: bool = True) -> Source:
    about = information(path, request)
    names = list(about["fields"])
    name = about["geometry_name"] or "geometry"
    if request.x is not None or request.wkt is not None or request.geometry not in (None, name):
        raise ReadError(f"the geometry is {name!r}; x, y, wkt and geometry do not apply to this format")
    crs = geometry_metadata.file_crs(about["crs"]) if request.crs is None else request.crs
    encoding = encodings.Wkb(name, crs, kind_of(about))
    needed = [one for one in request.needed([*names, name], (name,)) if one != name]
    promised = about["features"] if counted and request.bounds is None else 0
    if promised * SMALLEST > path.stat().st_size:
        raise ReadError(
            f"its header is damaged: it promises {promised} records, more than the file has room for"
        )
    where = None if counted else sql.where(request.where, _plain_types(about))
    tables = _tables(path, request, needed, where, request.rows or max(about["features"], BATCH))
    chunks = _chunks(tables, promised, needed, name, lambda rows: audit(path, about, rows))
    return Source(encoding, request.attributes(names, ()), chunks)


def kind_of(about: dict[str, Any]) -> GeometryType | None:
    """The type a layer is declared to have, None for any."""
    kind = (about["geometry_type"] or "").replace("2.5D ", "").partition(" ")[0].upper()
    return GeometryType[kind] if kind in GeometryType.__members__ else None


def _plain_types(about: dict[str, Any]) -> dict[str, str]:
    """GDAL's types by attribute, without narrower kinds: booleans, 16-bit integers, 32-bit floats."""
    kinds = zip(about["fields"], about.get("ogr_types", ()), about.get("ogr_subtypes", ()), strict=False)
    return {name: type for name, type, subtype in kinds if subtype == "OFSTNone"}


def _chunks(
    tables: Iterator[tuple[pa.Table, bool]],
    promised: int,
    needed: list[str],
    name: str,
    audit: Callable[[np.ndarray], list[Problem]],
) -> Iterator[Chunk]:
    read = 0
    for table, last in tables:
        table, rows = _named(table, needed, name)
        read += len(table)
        if np.any(rows[1:] < rows[:-1]):  # an index gives them in its own order
            order = np.argsort(rows)
            table, rows = table.take(pa.array(order)), rows[order]
        problems = audit(rows[_empty(table[name])])
        if problems:
            keep = ~np.isin(rows, [one.row for one in problems])
            table, rows = table.filter(pa.array(keep)), rows[keep]
        problems += _missing(read, promised) if last else []
        yield Chunk(table, rows, problems)


def _missing(read: int, promised: int) -> list[Problem]:
    """Records that the header promises and the file lacks."""
    return [Problem(row, "", "missing: the file is cut short or damaged") for row in range(read, promised)]


def _tables(
    path: Path, request: ReadOptions, needed: list[str], where: str | None, size: int
) -> Iterator[tuple[pa.Table, bool]]:
    """Tables of about `size` rows, and whether it is the last; at least one."""
    held: list[pa.RecordBatch] = []
    schema, count = None, 0
    for schema, batch in _batches(path, request, needed, where, min(size, BATCH)):
        if count >= size and held:
            yield pa.Table.from_batches(held, schema), False
            held, count = [], 0
        if batch is not None:
            held.append(batch)
            count += len(batch)
    yield pa.Table.from_batches(held, schema), True


def _batches(
    path: Path, request: ReadOptions, needed: list[str], where: str | None, size: int
) -> Iterator[tuple[pa.Schema, pa.RecordBatch | None]]:
    """Record batches that are sound, starting anew with GDAL's generic reader where they are not."""
    done = 0
    for config in ({}, GENERIC) if path.suffix.lower() == ".fgb" else ({},):
        with (
            _configured(config),
            errors(),
            pyogrio.raw.open_arrow(
                path,
                layer=request.layer,
                encoding=request.encoding,
                columns=needed,
                bbox=request.bounds,
                where=where,
                skip_features=done,
                return_fids=True,
                batch_size=size,
                use_pyarrow=True,
            ) as (_, reader),
        ):
            yield reader.schema, None
            for batch in reader:
                if path.suffix.lower() != ".fgb" or config:
                    batch.validate(full=True)
                elif _suspicious(batch):
                    break
                yield reader.schema, batch
                done += len(batch)
            else:
                return


def _suspicious(batch: pa.RecordBatch) -> bool:
    """Whether GDAL's reader of FlatGeobuf met null geometry."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        return True
    return bool(_empty(batch.column(batch.num_columns - 1)).any())


@contextlib.contextmanager
def _configured(options: dict[str, str]) -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _empty(column: Any) -> np.ndarray:
    """(n,) bool, where there is no geometry."""
    return np.asarray(pc.binary_length(arrays.plain(column)).fill_null(0)) == 0


def _named(table: pa.Table, needed: list[str], name: str) -> tuple[pa.Table, np.ndarray]:
    """Feature ids apart, and the geometry under its name: GDAL gives fids first and the geometry last."""
    fids = table.column(0).to_numpy()
    table = table.remove_column(0)
    table = table.rename_columns([*table.column_names[:-1], name])
    return table.select([*needed, name]), fids
