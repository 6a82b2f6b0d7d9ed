"""Files to tables: records that cannot be used are set aside and accounted for, never lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from groundspeed.engines.choice import settings
from groundspeed.geometry import GeometryColumn, GeometryType
from groundspeed.io import bounds as boxes
from groundspeed.io import csv, gpu, validity
from groundspeed.io.formats import reader_of
from groundspeed.io.problems import Problem, ReadError, as_table, one_per_row
from groundspeed.io.read_options import Bounds, ReadOptions, make
from groundspeed.io.source import Chunk, Source
from groundspeed.io.table import Table

OnError = Literal["raise", "reject"]
_POSITION = "__groundspeed_position"


def read(
    path: str | Path,
    *,
    columns: Any = None,
    bounds: Any = None,
    where: Any = None,
    geometry: str | None = None,
    x: str | None = None,
    y: str | None = None,
    wkt: str | None = None,
    crs: Any = None,
    type: GeometryType | str | None = None,
    layer: str | int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    text: Any = None,
    drop_z: bool = False,
    require_geometry: bool = False,
    require_valid: bool = False,
    on_error: OnError = "raise",
    engine: str | None = None,
) -> Table:
    """Geometries and attributes of a file.

    The format follows from the suffix: .csv .tsv .txt (also .gz), .parquet .geoparquet, .arrow .feather .ipc,
    .shp, .gpkg, .fgb, .geojson .json.

    Args:
        path: of the file.
        columns: names of the attributes to read; default: all. [] reads the geometry alone.
        bounds: (min x, min y, max x, max y) in the CRS of the file: keep geometries that have a point in
            common with the closed box; null and empty ones have none. Formats with an index or statistics
            read only what may meet the box; records they leave out are neither read nor checked.
        where: conditions on attributes that all hold, e.g. `[("height", ">", 3)]`, or a list of such lists of
            which one holds; see `pyarrow.parquet.filters_to_expression`.
        geometry: name of the geometry column where there are several (Parquet, Arrow).
        x, y: names of columns of coordinates (CSV, Parquet, Arrow); default: the geometry column, else x and
            y, lon and lat, or longitude and latitude.
        wkt: name of a column of well-known text (CSV).
        crs: overrides what the file says; nothing is transformed.
        type: keep this kind of geometry (points, linestrings or polygons, single or multi) where the file
            mixes them; default: the kind of the first row.
        layer: name or number of the layer (GeoPackage); default: the first.
        encoding: of the text (CSV, shapefile), e.g. "latin-1"; default: UTF-8, or what the file says.
        delimiter: of a CSV file; default: tab for .tsv, else comma.
        text: names of attributes of a CSV file that stay text, such as codes that begin with zeros; others
            become numbers, times and so on where every cell allows it.
        drop_z: drop Z and M coordinates instead of refusing them.
        require_geometry: whether a record without geometry is a bad record; else it is a null row.
        require_valid: whether a geometry that GEOS calls invalid, such as a polygon that crosses itself, is a
            bad record. Geometries no operation can use always are: unclosed rings, coordinates that are not
            finite, types that no column holds.
        on_error: `"raise"` at the first bad record, or `"reject"`: list them in `Table.rejected`.
        engine: where the coordinates go: `"cuda"` into GPU memory, where cuDF (if installed) reads clean CSV
            and Parquet files of x and y, and everything else is read on the host and copied; any other stays
            on the host. Default: that of `groundspeed.use`, else the host. Attributes stay on the host.

    Returns:
        Table: what was kept, and the account of what was not.

    Raises:
        ReadError: a file that cannot be read, and with `on_error="raise"` a bad record: with file, row,
            column, reason and fix.
        ValueError, TypeError: an argument that does not fit the file, named.
        FileNotFoundError: no such file.
        EngineUnavailable: the engine cannot run on this machine.

    Examples:
        >>> import groundspeed as gs, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "shops.csv")
        >>> _ = path.write_text("lon,lat,name\\n2.35,48.85,A\\n13.4,52.5,B\\n?,1,C\\n")
        >>> table = gs.read(path, crs="EPSG:4326", on_error="reject")
        >>> table
        <Table: 2 POINT, attributes name; read 3, rejected 1, filtered 0>
        >>> table.rejected.to_pylist()
        [{'row': 2, 'column': 'lon', 'reason': 'not a number', 'raw': '?'}]
    """
    request = make(
        columns=columns, bounds=bounds, where=where, geometry=geometry, x=x, y=y, wkt=wkt, crs=crs, type=type,
        layer=layer, encoding=encoding, delimiter=delimiter, text=text, drop_z=drop_z, rows=None,
    )  # fmt: skip
    tables = _tables(Path(path), request, _Checks(on_error, require_geometry, require_valid))
    name = engine or settings().engine
    return next(tables) if name is None else gpu.read(Path(path), request, name, lambda: next(tables))


def read_batches(path: str | Path, rows: int = 1_000_000, **options: Any) -> Iterator[Table]:
    """The tables of a file piece by piece, for files larger than memory.

    Args:
        path: of the file.
        rows: about how many records are read at a time.
        **options: as for `read`. Without `type`, the first geometry of the file says which kind is kept; a
            batch without any multi geometry has a column of singles. With `bounds`, the batches of a
            GeoPackage come in the order of its index.

    Yields:
        Table: one per batch, at least one; the accounts of all batches add up to that of the file. The types
        of CSV attributes are those of the first batch.

    Raises:
        As `read`, when the batch in question is asked for.

    Examples:
        >>> import groundspeed as gs, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "points.parquet")
        >>> gs.write(gs.GeometryColumn.from_points(range(10), range(10)), path)
        >>> [len(table) for table in gs.read_batches(path, rows=4)]
        [4, 4, 2]
    """
    checks = _Checks(**{name: options.pop(name) for name in _Checks.__slots__ if name in options})
    return _tables(Path(path), make(rows=rows, **options), checks)


class _Checks:
    """What is a bad record, and what happens to it."""

    __slots__ = ("on_error", "require_geometry", "require_valid")

    def __init__(
        self, on_error: OnError = "raise", require_geometry: bool = False, require_valid: bool = False
    ):
        if on_error not in ("raise", "reject"):
            raise ValueError(f"on_error must be 'raise' or 'reject', got {on_error!r}")
        self.on_error, self.require_geometry, self.require_valid = on_error, require_geometry, require_valid

    def problems(
        self, column: GeometryColumn, name: str, known: list[Problem], finite: bool
    ) -> list[Problem]:
        """Further problems of decoded rows, by position."""
        found = validity.problems(column, name, require_valid=self.require_valid, finite=finite)
        if self.require_geometry:
            bad = {problem.row for problem in known}
            null = [int(at) for at in np.flatnonzero(column.is_null) if at not in bad]
            found += [Problem(at, name, "no geometry, but require_geometry=True") for at in null]
        return found


def _tables(path: Path, request: ReadOptions, checks: _Checks) -> Iterator[Table]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    with _named(path):
        reader = reader_of(path)
    if request.text and reader is not csv.source:
        raise ValueError(
            f"text applies to CSV, and {path.name} says itself of which types it is; leave it out"
        )
    with _named(path):
        source = reader(path, request)
    kind, chunks = request.type, iter(source.chunks)
    while True:
        with _named(path):
            chunk = next(chunks, None)
        if chunk is None:
            return
        with _named(path):
            table = _assemble(path, source, chunk, request, checks, kind)
        yield table
        if kind is None and not table.geometry.is_null.all():
            kind = table.geometry.type.part


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of libraries and readers as errors about this file."""
    try:
        yield
    except ReadError as error:
        raise error if str(error).startswith(str(path)) else ReadError(f"{path}: {error}") from error
    except (pa.ArrowException, OSError, EOFError, UnicodeError) as error:
        raise ReadError(f"{path}: cannot be read, is it damaged or cut short? ({error})") from error


def _assemble(
    path: Path, source: Source, chunk: Chunk, request: ReadOptions, checks: _Checks, kind: GeometryType | None
) -> Table:
    table, rows, column = chunk.table, chunk.rows, chunk.geometry
    bad: list[Problem] = []
    if request.where is not None:
        positions = _matching(table, request.expression)
        table, rows = table.take(pa.array(positions)), _at(rows, positions)
        column = None if column is None else column.take(positions)
    if column is None:
        column, bad = source.encoding.decode(table, kind, request.drop_z)
    bad = one_per_row([*bad, *checks.problems(column, source.encoding.columns[0], bad, chunk.finite)])
    rejected = [Problem(int(rows[one.row]), one.column, one.reason, one.raw) for one in bad]
    rejected = one_per_row([*chunk.problems, *rejected])
    if rejected and checks.on_error == "raise":
        raise rejected[0].error(path)
    attributes = table.select(source.attributes)
    outside = 0
    if bad or request.bounds is not None:
        keep, outside = _wanted(column, bad, request.bounds)
        column, attributes = column.take(np.flatnonzero(keep)), attributes.filter(pa.array(keep))
    return Table(
        column,
        attributes,
        rejected=as_table(rejected),
        filtered=len(chunk.rows) - len(rows) + outside,
        read=len(chunk.rows) + len(chunk.problems),
        name=source.encoding.columns[0] if len(source.encoding.columns) == 1 else "geometry",
    )


def _wanted(column: GeometryColumn, bad: list[Problem], bounds: Bounds | None) -> tuple[np.ndarray, int]:
    """(n,) bool: rows that are good and meet the box; and how many are good but do not."""
    good = np.ones(len(column), dtype=bool)
    good[[problem.row for problem in bad]] = False
    keep = good if bounds is None else good & boxes.meet(column, bounds)
    return keep, int(np.count_nonzero(good)) - int(np.count_nonzero(keep))


def _at(rows: np.ndarray | range, positions: np.ndarray) -> np.ndarray:
    return positions + rows.start if isinstance(rows, range) else rows[positions]


def _matching(table: pa.Table, expression: Any) -> np.ndarray:
    """Positions of the rows that satisfy `where`, in order; a comparison with a missing value fails."""
    positions = pa.array(np.arange(len(table)))
    try:
        found = table.append_column(_POSITION, positions).filter(expression)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ReadError(f"where: {error}; compare a column with values of its type") from error
    return np.sort(found[_POSITION].to_numpy())
