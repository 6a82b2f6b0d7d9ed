"""Which reader and writer a file has, by the end of its name. A new format is one line in each table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from groundspeed.io import csv, geojson, ipc, ogr, parquet
from groundspeed.io.problems import ReadError
from groundspeed.io.source import Reader

READERS: dict[str, Reader] = {
    ".csv": csv.source,
    ".csv.gz": csv.source,
    ".tsv": csv.source,
    ".tsv.gz": csv.source,
    ".txt": csv.source,
    ".parquet": parquet.source,
    ".geoparquet": parquet.source,
    ".arrow": ipc.source,
    ".feather": ipc.source,
    ".ipc": ipc.source,
    ".shp": ogr.shapefile,
    ".gpkg": ogr.geopackage,
    ".fgb": ogr.flatgeobuf,
    ".geojson": geojson.source,
    ".json": geojson.source,
}


def reader_of(path: Path) -> Reader:
    """The reader of a file.

    Raises:
        ReadError: a suffix without a reader.
    """
    return READERS[suffix(path, READERS)]


def suffix(path: Path, known: Iterable[str]) -> str:
    """The end of the file's name that says its format.

    Raises:
        ReadError: none that is known.
    """
    name = path.name.lower()
    for one in sorted(known, key=len, reverse=True):
        if name.endswith(one):
            return one
    raise ReadError(f"{path}: the name must end in one of {', '.join(known)}")
