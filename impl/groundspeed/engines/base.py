"""The interface every engine offers to operations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from groundspeed.engines.counting import counting, writing

Array = Any  # numpy.ndarray or cupy.ndarray


class Engine(ABC):
    """An array namespace, launchers and primitives.

    Attributes:
        name: `"cpu"`, `"cuda"` or `"emulator"`.
        xp: array namespace, NumPy or CuPy. Operations use only functions that both have.
        cooperative: whether `launch` (CUDA kernels with shared memory) is available.
    """

    name: ClassVar[str]
    cooperative: ClassVar[bool]
    xp: Any

    @abstractmethod
    def for_each(self, body: Callable[..., None], n: int, *columns: Any) -> None:
        """Run `body(i, *columns)` for every i in range(n), in parallel and in any order.

        `body` is a `@numba.njit` function that allocates nothing; columns are arrays of this engine, scalars
        or (nested) tuples of them.
        """

    @abstractmethod
    def launch(
        self,
        kernel: Callable[..., None],
        grid: int | tuple[int, ...],
        block: int | tuple[int, ...],
        *arguments: Any,
    ) -> None:
        """Launch an undecorated CUDA kernel function; only where `cooperative` is true."""

    @abstractmethod
    def to_host(self, array: Array) -> np.ndarray:
        """Copy to (or view as) a NumPy array."""

    @abstractmethod
    def group(self, keys: Array, values: Array, bound: int) -> tuple[Array, Array]:
        """Bring values of equal keys together, keeping input order within a group.

        Args:
            keys: (n,) integers in [0, bound).
            values: (n,) of any dtype.
            bound: number of possible keys.

        Returns:
            `grouped` (n,), the values sorted by key, and `starts` (bound + 1,) int64, so that
            `grouped[starts[k]:starts[k + 1]]` are the values whose key is k.
        """

    @abstractmethod
    def memory_available(self) -> int:
        """Bytes that a new allocation may use."""

    def asarray(self, array: Any, dtype: Any = None) -> Array:
        """Bring an array to this engine, contiguous, without a copy where it already fits."""
        return self.xp.ascontiguousarray(self.xp.asarray(array, dtype=dtype))

    def empty(self, shape: int | tuple[int, ...], dtype: Any = np.float64) -> Array:
        """Allocate without initialising."""
        return self.xp.empty(shape, dtype=dtype)

    def offsets(self, counts: Array) -> Array:
        """Exclusive scan with the total at the end: (n,) counts to (n + 1,) int64 offsets."""
        offsets = self.xp.zeros(len(counts) + 1, dtype=np.int64)
        self.xp.cumsum(counts, out=offsets[1:])
        return offsets

    @abstractmethod
    def expand(self, offsets: Array, dtype: Any = np.int64, total: int | None = None) -> Array:
        """The row of every item: (n + 1,) offsets that begin with 0 to (total,) rows in ascending order.

        As `repeat(arange(n), diff(offsets))`, which CuPy has not for counts on the device.

        Args:
            offsets: (n + 1,) that begin with 0.
            dtype: of the rows.
            total: the last offset where it is known: it need not be waited for.
        """

    def count_then_write(
        self, body: Callable[..., Any], n: int, columns: tuple[Any, ...], *dtypes: Any
    ) -> tuple[Array, tuple[Array, ...]]:
        """Collect the items of n rows that have any number of them.

        Args:
            body: `body(i, row, *columns)`, a `device` function, goes through the items of row i, hands each
                to `put(row, k, value)` (`put_two`, `put_three`) of `groundspeed.engines.counting`, k being
                the number of items before it, and returns their number.
            n: number of rows.
            columns: as for `for_each`.
            dtypes: of the values of an item, one to three.

        Returns:
            `offsets` (n + 1,) int64 and, for each dtype, the values (offsets[n],): those of row i are at
            `offsets[i]` to `offsets[i + 1]`, in the order in which they were put.

        Raises:
            ValueError: no dtype or more than three.

        Rule:
            Every row writes within its own count, even if an input changes between counting and writing:
            surplus items are dropped, missing ones are 0.

        Examples:
            >>> from groundspeed.engines import get
            >>> from groundspeed.engines.counting import put
            >>> from groundspeed.scalar.decorators import device
            >>> @device
            ... def divisors(i, row, numbers):
            ...     n = 0
            ...     for k in range(1, numbers[i] + 1):
            ...         if numbers[i] % k == 0:
            ...             n = put(row, n, k)
            ...     return n
            >>> get("cpu").count_then_write(divisors, 3, (np.array([6, 1, 7]),), np.int32)
            (array([0, 4, 5, 7]), (array([1, 2, 3, 6, 1, 1, 7], dtype=int32),))
        """
        write = writing(body, len(dtypes))
        counts = self.empty(n, np.int64)
        none = tuple(self.empty(0, dtype) for dtype in dtypes)
        self.for_each(counting(body), n, counts, none, columns)
        offsets = self.offsets(counts)
        (total,) = self.read(offsets[-1])
        targets = tuple(self.empty(total, dtype) for dtype in dtypes)
        self.for_each(write, n, offsets, targets, columns)
        return offsets, targets

    def read(self, *values: Any) -> tuple[Any, ...]:
        """Bring scalars to the host together, as Python's: a GPU is waited for once and not once for each.

        Args:
            values: arrays of one element of this engine, or numbers, which stay what they are.
        """
        return tuple(value.item() if hasattr(value, "item") else value for value in values)

    def fetch(self, reads: int, *arrays: Array) -> None:  # noqa: B027 (a GPU hides waiting behind threads)
        """Bring arrays into the caches as a stream, if that is worth it for so many random reads of them."""

    def threads(self, count: int | None) -> int:
        """Use that many CPU threads in later launches (None: all) and return how many; 0 on a GPU."""
        return 0

    def synchronize(self) -> None:  # noqa: B027 (on a CPU there is nothing to wait for)
        """Wait until everything launched has finished."""
