"""CSV through pyarrow: a fast pass over clean files, a careful one as soon as anything is wrong.

The careful pass reads every cell as text and converts column by column, so that a bad cell costs its row and
nothing else. Records are counted from 0 after the header; blank lines are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from groundspeed.io import cells, encodings, geometry_metadata
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import Problem, ReadError, one_per_row, shortened
from groundspeed.io.read_options import ReadOptions
from groundspeed.io.source import Chunk, Source

UTF8, BYTE_ORDER_MARK = "utf8", "\ufeff"
BLOCKS = (
    1 << 16,
    1 << 20,
    1 << 25,
)  # bytes to look for a header in; no record may be longer than the largest
HEADER_ROWS = 2  # pyarrow counts from 1 and counts the header


def source(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`."""
    raw_names = _header(path, request)
    names = [name if request.encoding else _decoded(name) for name in raw_names]
    if request.geometry is not None:
        raise ReadError("CSV has no geometry column; name a column of well-known text with wkt=")
    _require_distinct(names)
    encoding: Encoding | None = (
        encodings.Wkt(request.wkt, request.crs)
        if request.wkt is not None
        else geometry_metadata.of_names(names, request.x, request.y, request.crs)
    )
    if encoding is None:
        raise ReadError(f"no columns x and y among {', '.join(names)}; name them with x= and y=, or wkt=")
    needed = request.needed(names, encoding.columns)
    attributes = request.attributes(names, encoding.columns)
    for name in request.text:
        if name not in attributes:
            raise ValueError(
                f"text: {name!r} is no attribute that is read; there are: {', '.join(attributes)}"
            )
    chunks = _chunks(path, request, encoding, names, needed)
    return Source(encoding, attributes, chunks)


def _chunks(
    path: Path, request: ReadOptions, encoding: Encoding, names: list[str], needed: list[str]
) -> Iterator[Chunk]:
    table = _fast(path, request, encoding, needed) if request.rows is None else None
    if table is not None:
        yield Chunk(table, range(len(table)))
        return
    types = dict.fromkeys(request.text, pa.string())
    for raw, rows, problems in _careful(path, request):
        raw = raw.rename_columns(names).select(needed)
        table, bad = cells.convert(raw, encoding, types, by_byte=request.encoding is None)
        bad = one_per_row(bad)
        keep = np.ones(len(rows), dtype=bool)
        keep[[problem.row for problem in bad]] = False
        problems += [Problem(int(rows[one.row]), one.column, one.reason, one.raw) for one in bad]
        yield Chunk(table.filter(pa.array(keep)), rows[keep], problems)


def _fast(path: Path, request: ReadOptions, encoding: Encoding, needed: list[str]) -> pa.Table | None:
    """The whole file with the types pyarrow infers; None if any cell or row gave trouble."""
    geometry = pa.float64() if isinstance(encoding, encodings.XY) else pa.string()
    try:
        table = pacsv.read_csv(
            _opened(path),
            read_options=_reading(request.encoding or UTF8),
            parse_options=_parsing(path, request),
            convert_options=pacsv.ConvertOptions(
                include_columns=needed,
                column_types={
                    **dict.fromkeys(request.text, pa.string()),
                    **dict.fromkeys(encoding.columns, geometry),
                },
                **cells.MISSING,
            ),
        )
    except (pa.ArrowInvalid, UnicodeError):
        return None
    if any(pa.types.is_binary(field.type) for field in table.schema):
        return None
    return table


def _careful(path: Path, request: ReadOptions) -> Iterator[tuple[pa.Table, np.ndarray, list[Problem]]]:
    """Cells as text, their rows, and the records with too few or too many cells."""
    skipped: dict[int, Problem] = {}

    def skip(row: pacsv.InvalidRow) -> str:
        reason = f"{row.actual_columns} cells, expected {row.expected_columns}"
        number = row.number - HEADER_ROWS
        text = row.text if request.encoding else cells.as_utf8(row.text, errors="replace")
        skipped[number] = Problem(number, "", reason, shortened(text))
        return "skip"

    with pacsv.open_csv(
        _opened(path),
        read_options=_reading(
            request.encoding or cells.BYTE_BY_BYTE, use_threads=False, block_size=BLOCKS[-1]
        ),
        parse_options=_parsing(path, request, newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(_header(path, request), pa.string()),
            **cells.MISSING,
        ),
    ) as reader:
        first = 0
        for table, last in _gather(reader, request.rows):
            rows = _without(skipped, first, len(table))
            stop = int(rows[-1]) + 1 if len(rows) else first
            if last:
                stop = max([stop, *(row + 1 for row in skipped)])
            problems = [skipped[row] for row in sorted(skipped) if first <= row < stop]
            yield table, rows, problems
            first = stop


def _without(skipped: dict[int, Problem], first: int, count: int) -> np.ndarray:
    """The first `count` rows from `first` on that were not skipped."""
    bad = np.array([row for row in skipped if row >= first], dtype=np.int64)
    return np.setdiff1d(np.arange(first, first + count + len(bad)), bad, assume_unique=True)[:count]


def _gather(reader: pacsv.CSVStreamingReader, size: int | None) -> Iterator[tuple[pa.Table, bool]]:
    """Tables of `size` rows (all of them if None), and whether it is the last; at least one."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in reader:
        held.append(batch)
        count += len(batch)
        while size is not None and count > size:
            table = pa.Table.from_batches(held)
            yield table.slice(0, size), False
            held, count = table.slice(size).to_batches(), count - size
    yield pa.Table.from_batches(held, schema=reader.schema), True


def _decoded(name: str) -> str:
    try:
        return cells.as_utf8(name).removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise ReadError(f"column {name!r} is not UTF-8 text; pass e.g. encoding='latin-1'") from error


def _require_distinct(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ReadError(f"column {name!r} appears {names.count(name)} times in the header; rename one")


def _header(path: Path, request: ReadOptions) -> list[str]:
    """Names of the columns, in the encoding of the careful pass."""
    encoding = request.encoding or cells.BYTE_BY_BYTE
    for block_size in BLOCKS:
        try:
            with pacsv.open_csv(
                _opened(path),
                read_options=_reading(encoding, use_threads=False, block_size=block_size),
                parse_options=_parsing(path, request, newlines_in_values=True, invalid_row_handler=_skip),
            ) as reader:
                return list(reader.schema.names)
        except pa.ArrowInvalid as error:
            reason = error
    raise ReadError(f"no header line to be found ({reason})") from reason


def _skip(row: pacsv.InvalidRow) -> str:
    return "skip"


def _opened(path: Path) -> pa.NativeFile:
    """The bytes of the file, mapped into memory unless they are compressed: pyarrow then copies none."""
    return pa.input_stream(str(path)) if path.suffix.lower() == ".gz" else pa.memory_map(str(path))


def _reading(encoding: str, **options: int) -> pacsv.ReadOptions:
    return pacsv.ReadOptions(encoding=encoding, **options)


def _parsing(path: Path, request: ReadOptions, **options: object) -> pacsv.ParseOptions:
    tabs = ".tsv" in path.name.lower()
    return pacsv.ParseOptions(delimiter=request.delimiter or ("\t" if tabs else ","), **options)
