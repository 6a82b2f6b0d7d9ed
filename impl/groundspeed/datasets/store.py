"""Decoded columns on disk: geometries as .npz, arrays as .npy, tables as .parquet; each loads in a moment."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow

from groundspeed.columns import GeometryColumn, GeometryType
from groundspeed.datasets.errors import DatasetError

Data = GeometryColumn | np.ndarray | pd.DataFrame


def write(stem: Path, value: Data) -> Path:
    """Store a value; the suffix tells its kind.

    Args:
        stem: path without suffix.
        value: a column, a 1-D array or a table.

    Returns:
        The file written.
    """
    if isinstance(value, GeometryColumn):
        path = stem.with_name(f"{stem.name}.npz")
        np.savez(path, **_arrays(value))
    elif isinstance(value, np.ndarray):
        path = stem.with_name(f"{stem.name}.npy")
        np.save(path, value)
    else:
        path = stem.with_name(f"{stem.name}.parquet")
        value.to_parquet(path)
    return path


def find(stem: Path) -> Path | None:
    """The file of that stem, if there is one."""
    paths = (stem.with_name(f"{stem.name}{suffix}") for suffix in READERS)
    return next((path for path in paths if path.is_file()), None)


def read(path: Path) -> Data:
    """Inverse of `write`.

    Raises:
        DatasetError: the file is damaged.
    """
    try:
        return READERS[path.suffix](path)
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, pyarrow.ArrowException) as error:
        raise DatasetError(f"{path} is damaged ({error}); delete it and load again") from error


def _arrays(column: GeometryColumn) -> dict[str, Any]:
    offsets = {f"offsets{level}": values for level, values in enumerate(column.offsets)}
    flags = {"validity": column.validity, "single": column.single}
    crs = "" if column.crs is None else column.crs.to_string()
    given = {name: values for name, values in flags.items() if values is not None}
    return {"type": int(column.type), "crs": crs, "x": column.x, "y": column.y, **offsets, **given}


def _column(path: Path) -> GeometryColumn:
    with np.load(path, allow_pickle=False) as file:
        kind = GeometryType(int(file["type"]))
        offsets = tuple(file[f"offsets{level}"] for level in range(kind.levels))
        flags = {name: file[name] for name in ("validity", "single") if name in file}
        return GeometryColumn(kind, file["x"], file["y"], offsets, crs=str(file["crs"]) or None, **flags)


def _array(path: Path) -> np.ndarray:
    return np.load(path, allow_pickle=False)


def _table(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path)


READERS: dict[str, Callable[[Path], Data]] = {".npz": _column, ".npy": _array, ".parquet": _table}
