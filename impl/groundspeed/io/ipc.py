"""Arrow IPC files (Feather version 2) and streams, mapped into memory: coordinates are not copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from groundspeed.io import encodings, geometry_metadata
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import ReadError
from groundspeed.io.read_options import ReadOptions
from groundspeed.io.source import Chunk, Source


def source(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`."""
    schema, batches = _open(path)
    encoding = of_schema(schema, request)
    needed = request.needed(schema.names, encoding.columns)
    chunks = _chunks(schema, batches, needed, request.rows)
    return Source(encoding, request.attributes(schema.names, encoding.columns), chunks)


def of_schema(schema: pa.Schema, request: ReadOptions) -> Encoding:
    """The encoding of the geometry: as asked for, the one GeoArrow column, or columns of coordinates.

    Raises:
        ReadError: none, or several.
    """
    if request.wkt is not None:
        return encodings.Wkt(request.wkt, request.crs)
    if request.x is None:
        found = [geometry_metadata.of_field(field, request.crs) for field in schema]
        found = [one for one in found if one is not None and request.geometry in (None, *one.columns)]
        if len(found) > 1:
            names = ", ".join(one.columns[0] for one in found if one is not None)
            raise ReadError(f"several geometry columns ({names}); choose one with geometry=")
        if found and found[0] is not None:
            return found[0]
    if request.geometry is not None:
        return encodings.Wkb(request.geometry, request.crs)
    axes = geometry_metadata.of_names(schema.names, request.x, request.y, request.crs)
    if axes is None:
        raise ReadError(
            f"no geometry and no columns x and y among {', '.join(schema.names)}; name them with geometry=, "
            "x= and y=, or wkt="
        )
    return axes


def _open(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    memory = pa.memory_map(str(path))
    with geometry_metadata.types_of_others():
        if memory.size() and memory.read(6) == b"ARROW1":
            file = pa.ipc.open_file(memory)
            return file.schema, (file.get_batch(number) for number in range(file.num_record_batches))
        memory.seek(0)
        stream = pa.ipc.open_stream(memory)
        return stream.schema, iter(stream)


def _chunks(
    schema: pa.Schema, batches: Iterator[pa.RecordBatch], needed: list[str], rows: int | None
) -> Iterator[Chunk]:
    first = 0
    for table in _tables(schema, batches, rows):
        table.validate(full=True)  # a damaged offset would be followed out of bounds
        yield Chunk(table.select(needed), range(first, first + len(table)))
        first += len(table)


def _tables(schema: pa.Schema, batches: Iterator[pa.RecordBatch], rows: int | None) -> Iterator[pa.Table]:
    if rows is None:
        yield pa.Table.from_batches(batches, schema)
        return
    any_yet = False
    for batch in batches:
        for start in range(0, len(batch), rows):
            any_yet = True
            yield pa.Table.from_batches([batch.slice(start, rows)], schema)
    if not any_yet:
        yield schema.empty_table()
