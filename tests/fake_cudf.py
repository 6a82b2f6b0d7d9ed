"""A cuDF made of pandas and NumPy: only what the real one has, on a GPU made of NumPy, and no more.

Names and parameters were read in the source of cuDF 26.10; `test_names_on_the_real_cudf` compares them with
the cuDF that is installed, where there is one.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from geometry.device import DeviceArray, to_device

SERIES = {
    "astype": {"dtype"},
    "dtype": set(),
    "from_arrow": {"array"},
    "index": set(),
    "null_count": set(),
    "to_arrow": set(),
    "to_cupy": {"dtype", "copy", "na_value"},
    "values": set(),
}
FRAME = {
    "columns": set(),
    "drop": {"labels", "axis", "index", "columns", "level", "inplace", "errors"},
    "index": set(),
    "set_index": {"keys"},
    "to_arrow": {"preserve_index"},
}


class Series:
    """A column on the device with a mask of nulls."""

    ndim = 1

    def __init__(self, data: Any, index: Any = None) -> None:
        self.held = pa.array(data.get() if isinstance(data, DeviceArray) else data)
        self.data = data if isinstance(data, DeviceArray) else None
        self.index = pd.RangeIndex(len(self.held)) if index is None else index

    def __len__(self) -> int:
        return len(self.held)

    @property
    def dtype(self) -> np.dtype:
        kind = self.held.type
        return np.dtype(object) if pa.types.is_string(kind) else np.dtype(kind.to_pandas_dtype())

    @property
    def null_count(self) -> int:
        return self.held.null_count

    @property
    def values(self) -> DeviceArray:
        if self.null_count or self.dtype.kind not in "iufb":
            raise ValueError("cuDF refuses nulls and text here")
        if self.data is None:
            self.data = to_device(self.held.to_numpy(zero_copy_only=False))
        return self.data

    def astype(self, dtype: str) -> Series:
        return Series(self.held.cast(pa.float64() if dtype == "float64" else pa.from_numpy_dtype(dtype)))

    def to_cupy(self, dtype: Any = None, copy: bool = False, na_value: Any = None) -> DeviceArray:
        if self.dtype.kind != "f" and self.null_count and na_value != na_value:
            raise TypeError("cannot fill integers with NaN")
        return to_device(self.held.fill_null(na_value).to_numpy(zero_copy_only=False))

    def to_arrow(self) -> pa.Array:
        return self.held

    @classmethod
    def from_arrow(cls, array: Any) -> Series:
        return cls(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise TypeError("implicit conversion to a host NumPy array is not allowed")


class DataFrame:
    """Series by name."""

    def __init__(self, data: dict[str, Any], index: Any = None) -> None:
        self.held = {
            name: one if isinstance(one, Series) else Series(one, index) for name, one in data.items()
        }
        self.index = index if index is not None else next(iter(self.held.values())).index

    @property
    def columns(self) -> pd.Index:
        return pd.Index(list(self.held))

    def __getitem__(self, name: str) -> Series:
        return self.held[name]

    def __getattr__(self, name: str) -> Series:
        if name.startswith("_") or name == "held" or name not in self.held:
            raise AttributeError(name)
        return self.held[name]

    def drop(self, *, columns: list[str]) -> DataFrame:
        return DataFrame(
            {name: one for name, one in self.held.items() if name not in columns}, index=self.index
        )

    def to_arrow(self, preserve_index: bool | None = None) -> pa.Table:
        if preserve_index is None:
            raise ValueError("the index may become a column, or it may not")
        kept = {"__index_level_0__": pa.array(self.index)} if preserve_index else {}
        return pa.table({**{name: one.held for name, one in self.held.items()}, **kept})

    def set_index(self, keys: list[str]) -> DataFrame:
        (key,) = keys
        return DataFrame(self.drop(columns=keys).held, pd.Index(self.held[key].held.to_pandas(), name=key))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise AssertionError("silently copied to the host")


class Index:
    """An index has no null_count."""

    def __init__(self, data: Any) -> None:
        self.values = to_device(data)
        self.dtype = self.values.dtype


for one in (Series, DataFrame, Index):
    one.__module__ = "cudf.core"


def fake_cudf() -> types.ModuleType:
    """The module."""
    module = types.ModuleType("cudf")
    module.Series, module.DataFrame, module.Index = Series, DataFrame, Index  # type: ignore[attr-defined]
    return module
