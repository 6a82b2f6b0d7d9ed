"""Parquet: columns of coordinates, GeoParquet 1.0 to 2.0, and native geometry types with or without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from groundspeed.geometry import GeometryType
from groundspeed.io import encodings, geometry_metadata, geoparquet, ipc, points, row_groups
from groundspeed.io.encodings import Encoding
from groundspeed.io.problems import ReadError
from groundspeed.io.read_options import Bounds, ReadOptions
from groundspeed.io.source import Chunk, Source


def source(path: Path, request: ReadOptions) -> Source:
    """See `groundspeed.read`. Row groups that `bounds` or `where` rule out are not read."""
    with geometry_metadata.types_of_others():
        file = row_groups.opened(path)
    geo = geoparquet.metadata_of(file)
    encoding = _encoding(file, geo, request)
    names = file.schema_arrow.names
    covering = geoparquet.covering_of(geo, encoding.columns[0])
    bounding = {one.partition(".")[0] for one in covering or ()}
    needed = request.needed(names, encoding.columns)
    if request.columns is None:
        needed = [name for name in needed if name not in bounding or name in request.where_columns]
    attributes = [name for name in request.attributes(names, encoding.columns) if name in needed]
    groups = _groups(path, file, encoding, covering, request)
    if len(groups) > 1 and _only_points(encoding, request):
        return Source(encoding, attributes, _side_by_side(path, file, groups, needed, encoding))
    return Source(encoding, attributes, _chunks(file, groups, needed, request.rows))


def _encoding(file: pq.ParquetFile, geo: dict, request: ReadOptions) -> Encoding:
    if request.x is None and request.wkt is None:
        found = geoparquet.encoding_of(geo, request.geometry, request.crs)
        found = found or geoparquet.native(file, request.geometry, request.crs)
        if found is not None:
            return found
    return ipc.of_schema(file.schema_arrow, request)


def _only_points(encoding: Encoding, request: ReadOptions) -> bool:
    """Whether the metadata speak of points, all of them wanted at once and only as geometry."""
    return (
        points.promised(encoding)
        and request.rows is None
        and request.type in (None, GeometryType.POINT)
        and not {*encoding.columns} & {*request.where_columns}
    )


def _side_by_side(
    path: Path, file: pq.ParquetFile, groups: list[int], needed: list[str], encoding: Encoding
) -> Iterator[Chunk]:
    """The whole file; its geometry is decoded already, unless there is more to say about it."""
    found = row_groups.chunk(path, file, groups, _positions(file, groups), needed, encoding)
    yield from _chunks(file, groups, needed, None) if found is None else [found]


def _positions(file: pq.ParquetFile, groups: list[int]) -> np.ndarray | range:
    """The rows of some row groups."""
    if len(groups) == file.num_row_groups:
        return range(file.metadata.num_rows)
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    starts = np.cumsum([0, *sizes])
    return np.concatenate([np.arange(0), *(starts[one] + np.arange(sizes[one]) for one in groups)])


def _chunks(file: pq.ParquetFile, groups: list[int], needed: list[str], rows: int | None) -> Iterator[Chunk]:
    positions = _positions(file, groups)
    if rows is None or not len(positions):
        yield _chunk(file.read_row_groups(groups, columns=needed), needed, positions)
        return
    first = 0
    for batch in file.iter_batches(rows, row_groups=groups, columns=needed):
        yield _chunk(pa.Table.from_batches([batch]), needed, positions[first : first + len(batch)])
        first += len(batch)
    if first != len(positions):
        raise ReadError(f"the file promises {len(positions)} rows, but has {first}")


def _chunk(table: pa.Table, needed: list[str], positions: np.ndarray | range) -> Chunk:
    if len(table) != len(positions):
        raise ReadError(f"the file promises {len(positions)} rows, but has {len(table)}")
    table.validate(full=True)
    return Chunk(table.select(needed), positions)


def _groups(
    path: Path,
    file: pq.ParquetFile,
    encoding: Encoding,
    covering: tuple[str, ...] | None,
    request: ReadOptions,
) -> list[int]:
    """The row groups that may hold wanted rows, as far as statistics tell."""
    groups = list(range(file.num_row_groups))
    if request.where is not None and groups:
        (fragment,) = ds.dataset(path, format="parquet").get_fragments()
        groups = [group.id for group in fragment.subset(filter=request.expression).row_groups]
    if request.bounds is None:
        return groups
    paths = {file.schema.column(number).path: number for number in range(len(file.schema))}
    return [
        group
        for group in groups
        if _may_meet(file.metadata.row_group(group), paths, encoding, covering, request.bounds)
    ]


def _may_meet(
    group: pq.RowGroupMetaData,
    paths: dict[str, int],
    encoding: Encoding,
    covering: tuple[str, ...] | None,
    bounds: Bounds,
) -> bool:
    """Whether a row of the group may meet the box: unless statistics are there and say no."""
    if isinstance(encoding, encodings.XY):
        sides = [*encoding.columns, *encoding.columns]
    elif isinstance(encoding, encodings.GeoArrow) and covering is None:
        inner = [path for path in paths if path.startswith(f"{encoding.column}.")]
        sides = [path for _ in range(2) for axis in "xy" for path in inner if path.endswith(f".{axis}")]
    elif covering is not None:
        sides = list(covering)
    else:
        statistics = group.column(paths[encoding.columns[0]]).geo_statistics
        if statistics is None or statistics.xmin is None or statistics.xmin > statistics.xmax:
            return True
        return _overlap((statistics.xmin, statistics.ymin), (statistics.xmax, statistics.ymax), bounds)
    if len(sides) != 4 or not set(sides) <= paths.keys():
        return True
    found = [group.column(paths[side]).statistics for side in sides]
    if any(one is None or not one.has_min_max for one in found):
        return True
    return _overlap((found[0].min, found[1].min), (found[2].max, found[3].max), bounds)


def _overlap(low: tuple, high: tuple, bounds: Bounds) -> bool:
    return not (low[0] > bounds[2] or low[1] > bounds[3] or high[0] < bounds[0] or high[1] < bounds[1])
