"""Rows: the arrays of a column, what must hold of them, and columns of some of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from groundspeed.geometry import build, checks, selection
from groundspeed.geometry.arrays import compose, host, namespace
from groundspeed.geometry.types import GeometryType


@dataclass(frozen=True, eq=False, repr=False)
class Rows:
    """What GeometryColumn is made of; its attributes are described there."""

    type: GeometryType
    x: Any
    y: Any
    offsets: tuple[Any, ...] = ()
    validity: Any = None
    single: Any = None
    crs: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", GeometryType(self.type))
        object.__setattr__(self, "offsets", tuple(self.offsets))
        object.__setattr__(self, "crs", build.as_crs(self.crs))
        checks.check_layout(self)

    def __len__(self) -> int:
        return len(self.offsets[0]) - 1 if self.offsets else len(self.x)

    def __repr__(self) -> str:
        return selection.describe(self)

    @property
    def dtype(self) -> np.dtype:
        """Of the coordinates."""
        return self.x.dtype

    @property
    def num_vertices(self) -> int:
        """Number of vertices of all rows."""
        return len(self.x)

    @property
    def on_device(self) -> bool:
        """Whether the arrays live on a GPU."""
        return hasattr(self.x, "__cuda_array_interface__")

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(int(array.nbytes) for array in self._arrays() if array is not None)

    @property
    def vertex_offsets(self) -> Any:
        """(n + 1,) int64: the vertices of row i are `vertex_offsets[i]` to `vertex_offsets[i + 1]`."""
        if not self.offsets:
            return namespace(self.x).arange(len(self) + 1, dtype=np.int64)
        return compose(self.offsets)

    @property
    def is_null(self) -> Any:
        """(n,) bool, True where a row is null."""
        return namespace(self.x).zeros(len(self), dtype=bool) if self.validity is None else ~self.validity

    @property
    def is_empty(self) -> Any:
        """(n,) bool, True where a row is a geometry without any point; False where null."""
        return selection.is_empty(self)

    @property
    def total_bounds(self) -> tuple[float, float, float, float]:
        """(min x, min y, max x, max y) of all rows, NaN where there is no vertex."""
        return selection.total_bounds(self)

    def check_rings(self, argument: str = "column") -> None:
        """Raise ValueError naming the first ring with fewer than four vertices or not closed."""
        checks.check_rings(self, argument)

    def check_finite(self, argument: str = "column") -> None:
        """Raise ValueError naming the first row with a NaN or infinity; nulls and empty points pass."""
        checks.check_finite(self, argument)

    def equals(self, other: object) -> bool:
        """Whether both hold the same rows: type, dtype, bits of the coordinates, nulls, singles and CRS."""
        return isinstance(other, Rows) and selection.equals(self, other)

    def take(self, indices: Any) -> Self:
        """The rows at these positions, in their order; negative positions count from the end.

        Raises:
            IndexError: a position outside the column, named.
        """
        return selection.take(self, indices)

    def slice(self, start: int | None, stop: int | None) -> Self:
        """Rows start..stop as in Python; coordinates are views."""
        return selection.cut(self, *slice(start, stop).indices(len(self))[:2])

    def astype(self, dtype: Any) -> Self:
        """Coordinates as float64 or float32; the column itself where they already are."""
        if np.dtype(dtype) == self.dtype:
            return self
        return replace(self, x=self.x.astype(dtype), y=self.y.astype(dtype))

    def set_crs(self, crs: Any) -> Self:
        """The same coordinates declared to be in another CRS (or None); nothing is transformed."""
        return replace(self, crs=crs)

    def to_engine(self, engine: Any) -> Self:
        """The column over arrays of an engine; the column itself where they are there already."""
        return self._map(lambda array: engine.asarray(host(array) if engine.xp is np else array))

    def to_host(self) -> Self:
        """The column over NumPy arrays; the column itself where they are."""
        return self._map(host)

    def _arrays(self) -> tuple[Any, ...]:
        return (self.x, self.y, *self.offsets, self.validity, self.single)

    def _map(self, move: Any) -> Self:
        before = self._arrays()
        after = [None if array is None else move(array) for array in before]
        if all(new is old for new, old in zip(after, before, strict=True)):
            return self
        x, y, *offsets, validity, single = after
        return replace(self, x=x, y=y, offsets=tuple(offsets), validity=validity, single=single)
