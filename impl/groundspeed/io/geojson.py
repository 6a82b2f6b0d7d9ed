"""GeoJSON through GDAL, which drops what is no Feature and makes damaged geometry null; both are found.

The number of features and every null are compared with the text of the file; a large one is parsed only where
they do not agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely

from groundspeed.io import arrays, encodings, geometry_metadata, ogr
from groundspeed.io.problems import Problem, ReadError, shortened
from groundspeed.io.read_options import ReadOptions
from groundspeed.io.source import Chunk, Source

FEATURES = re.compile(rb'"features"\s*:\s*\[')
SMALL = 1 << 20  # bytes, below which parsing costs less than loading a compiled function


def source(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`; the row is the position among the features.

    GDAL holds a GeoJSON file in memory as a whole, so batches are cut after reading, and `bounds` after that.
    """
    if request.x is not None or request.wkt is not None or request.geometry not in (None, "geometry"):
        raise ReadError("the geometry is 'geometry'; x, y, wkt and geometry do not apply to GeoJSON")
    columns = None
    if request.columns is not None:
        columns = [name for name in (*request.columns, *request.where_columns) if name != "geometry"]
    with ogr.errors():
        about, table = pyogrio.raw.read_arrow(path, columns=columns, encoding=request.encoding)
    table = table.rename_columns([*table.column_names[:-1], "geometry"])
    needed = request.needed(table.column_names, ("geometry",))
    crs = geometry_metadata.file_crs(about["crs"]) if request.crs is None else request.crs
    encoding = encodings.Wkb("geometry", crs, ogr.kind_of(about))
    attributes = request.attributes(table.column_names, ("geometry",))
    return Source(encoding, attributes, _chunks(path, request, table.select(needed)))


def _chunks(path: Path, request: ReadOptions, table: pa.Table) -> Iterator[Chunk]:
    rows, problems = _account(path, table)
    if problems:
        keep = ~np.isin(rows, [problem.row for problem in problems])
        table, rows = table.filter(pa.array(keep)), rows[keep]
    size = request.rows or max(len(table), 1)
    for start in range(0, max(len(table), 1), size):
        first = int(rows[start]) if start else 0
        stop = int(rows[start + size]) if start + size < len(table) else np.inf
        some = [one for one in problems if first <= one.row < stop]
        yield Chunk(table.slice(start, size), rows[start : start + size], some)


def _account(path: Path, table: pa.Table) -> tuple[np.ndarray, list[Problem]]:
    """The position in the file of every row, and what GDAL dropped or made null."""
    null = np.asarray(pc.binary_length(arrays.plain(table["geometry"])).fill_null(0)) == 0
    text = path.read_bytes()
    if not null.any() and _count(text) == len(table):
        return np.arange(len(table)), []
    features = _features(text)
    is_feature = np.array([_is_feature(one) for one in features], dtype=bool)
    rows = np.flatnonzero(is_feature)
    if len(rows) != len(table):
        raise ReadError(f"the file has {len(rows)} features, but GDAL reads {len(table)}; write it anew")
    dropped = np.flatnonzero(~is_feature)
    problems = [
        Problem(int(row), "", "not a Feature", shortened(json.dumps(features[row]))) for row in dropped
    ]
    for row in rows[null]:
        geometry = features[row].get("geometry")
        if geometry is not None and not _is_empty(geometry):
            reason = f"not GeoJSON geometry ({_why(geometry)})"
            problems.append(Problem(int(row), "geometry", reason, shortened(json.dumps(geometry))))
    return rows, problems


def _count(text: bytes) -> int:
    """How many elements the list of features seems to have, -1 where only a parser can tell."""
    found = FEATURES.search(text)
    if found is None or len(text) < SMALL:
        return -1
    from groundspeed.io.json_elements import count

    return int(count(np.frombuffer(text, np.uint8), found.end()))


def _features(text: bytes) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"not JSON ({error})") from error
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(features, list):
        return features
    if isinstance(document, dict) and document.get("type") == "Feature":
        return [document]
    raise ReadError("no FeatureCollection, expected one with a list of features")


def _is_feature(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature"


def _is_empty(geometry: Any) -> bool:
    return isinstance(geometry, dict) and geometry.get("coordinates") == []


def _why(geometry: Any) -> str:
    try:
        shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, RecursionError) as error:
        return str(error).strip()
    return "GDAL cannot read it"
