"""Tables of text and Parquet: rows with coordinates become points, rows of one track become lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute
import pyarrow.parquet

from groundspeed.datasets.errors import DatasetError
from groundspeed.geometry import GeometryColumn


def json_points(folder: Path, file: str, x: str, y: str, crs: str) -> GeometryColumn:
    """Points from a JSON object of records, with coordinates in two fields."""
    rows = _json_records(folder / file)
    return GeometryColumn.from_points([row[x] for row in rows], [row[y] for row in rows], crs)


def json_table(folder: Path, file: str, fields: Sequence[str]) -> pd.DataFrame:
    """Some fields of a JSON object of records."""
    return pd.DataFrame.from_records(_json_records(folder / file), columns=list(fields))


def _json_records(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return list(json.load(file).values())


def parquet_values(folder: Path, file: str, field: str) -> np.ndarray:
    """One numeric field of a Parquet file, as float64."""
    table = pyarrow.parquet.read_table(folder / file, columns=[field])
    return table.column(field).to_numpy().astype(np.float64)


def parquet_table(folder: Path, file: str) -> pd.DataFrame:
    """A whole Parquet file."""
    return pd.read_parquet(folder / file)


def parquet_points(folder: Path, file: str, x: str, y: str, crs: str) -> GeometryColumn:
    """Points from two fields of a Parquet file; NaN where one is missing."""
    table = pyarrow.parquet.read_table(folder / file, columns=[x, y])
    axes = [table.column(name).to_numpy().astype(np.float64) for name in (x, y)]
    return GeometryColumn.from_points(axes[0], axes[1], crs)


def points_by_code(
    folder: Path, file: str, field: str, places: str, key: str, x: str, y: str, crs: str
) -> GeometryColumn:
    """Points of the codes in a field of a Parquet file, looked up in a CSV table of places.

    Raises:
        DatasetError: a code is not in the table of places.
    """
    table = pyarrow.parquet.read_table(folder / file, columns=[field])
    codes = table.column(field).combine_chunks().dictionary_encode()
    at = _read_csv(folder / places, [key, x, y]).set_index(key)
    names = codes.dictionary.to_pylist()
    absent = [name for name in names if name not in at.index]
    if absent:
        raise DatasetError(f"{places} lacks the codes {', '.join(map(str, absent[:5]))} of {file}")
    coordinates = at.loc[names].to_numpy()[codes.indices.to_numpy()]
    return GeometryColumn.from_points(coordinates[:, 0], coordinates[:, 1], crs)


def csv_points(folder: Path, file: str, x: str, y: str, crs: str) -> GeometryColumn:
    """Points from two columns of a CSV file; longitudes above 180 are wrapped."""
    frame = _read_csv(folder / file, [x, y])
    return GeometryColumn.from_points(_wrapped(frame[x]), frame[y], crs)


def csv_table(folder: Path, file: str, fields: Sequence[str], times: Sequence[str] = ()) -> pd.DataFrame:
    """Some columns of a CSV file; those in `times` become timestamps."""
    return _read_csv(folder / file, [*fields]).astype(dict.fromkeys(times, "datetime64[us]"))


def csv_tracks(folder: Path, file: str, track: str, x: str, y: str, crs: str) -> GeometryColumn:
    """Lines from the rows of a CSV file that share a value of `track`; tracks of a single fix are left out.

    Raises:
        DatasetError: the rows of a track are not together.
    """
    frame = _read_csv(folder / file, [track, x, y])
    _, sizes = runs(frame[track], file)
    lines = sizes > 1
    rows = np.repeat(lines, sizes)
    offsets = np.concatenate([[0], np.cumsum(sizes[lines])])
    return GeometryColumn.from_ragged(
        "linestring", _wrapped(frame[x])[rows], frame[y].to_numpy()[rows], (offsets,), crs=crs
    )


def csv_tracks_table(folder: Path, file: str, track: str, fields: Sequence[str]) -> pd.DataFrame:
    """The first row of every track of `csv_tracks`, in its order, and the number of fixes."""
    frame = _read_csv(folder / file, [track, *fields])
    starts, sizes = runs(frame[track], file)
    lines = sizes > 1
    first = frame.iloc[starts[lines]].reset_index(drop=True)
    return first[[track, *fields]].assign(fixes=sizes[lines])


def _read_csv(path: Path, fields: list[str]) -> pd.DataFrame:
    """The fields in the order given. Only an empty cell is missing: "NA" is Namibia or the North Atlantic."""
    return pd.read_csv(path, usecols=fields, keep_default_na=False, na_values=[""])[fields]


def runs(values: pd.Series, file: str) -> tuple[np.ndarray, np.ndarray]:
    """First row and number of rows of every run of one value.

    Raises:
        DatasetError: a value comes in two runs.
    """
    starts = np.flatnonzero((values != values.shift()).to_numpy())
    if len(starts) != values.nunique():
        raise DatasetError(f"{file}: the rows of one {values.name} are not together; sort the file by it")
    return starts, np.diff(np.append(starts, len(values)))


def _wrapped(longitude: pd.Series) -> np.ndarray:
    """Longitudes above 180 less 360, rounded to 1e-6 degrees: the subtraction leaves noise in the last
    digits."""
    degrees = longitude.to_numpy(np.float64)
    return np.where(degrees > 180.0, np.round(degrees - 360.0, 6), degrees)
