"""A kernel's arguments as the flat list of numbers that its parameters are.

The compilers pass a tuple as its members, and an array as several numbers; a launch with them ready costs a
few microseconds, while numba-cuda's dispatcher looks at every argument anew: 140 to 820 us.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

Key = tuple[Any, ...]
"""The types of some arguments; equal for arguments that one compiled kernel takes."""

OPEN, CLOSE = "(", ")"
_SCALARS: dict[type, str] = {
    bool: "?",
    int: "q",
    float: "d",
    np.bool_: "?",
    np.int8: "b",
    np.int16: "h",
    np.int32: "i",
    np.int64: "q",
    np.uint8: "B",
    np.uint16: "H",
    np.uint32: "I",
    np.uint64: "Q",
    np.float32: "f",
    np.float64: "d",
}
"""Formats of `struct`."""


class Flattener:
    """Flattens arguments of one array library.

    Args:
        array_type: of the arrays; they have CuPy's attributes.
        memref: whether arrays go as numba-cuda-mlir wants them: allocated, aligned, offset, shape, strides in
            elements. numba-cuda wants owner (two words, unused), size, item size, address, shape, strides in
            bytes.
    """

    def __init__(self, array_type: type, memref: bool):
        self._array_type = array_type
        self._describe: Callable[[Any, int, tuple[int, ...], list[Any]], None] = _memref if memref else _numba
        self._words = 3 if memref else 5

    def __call__(self, arguments: tuple[Any, ...], device: int) -> tuple[Key, list[Any]]:
        """Types and numbers of some arguments.

        Args:
            arguments: arrays, scalars and nested tuples of them.
            device: number of the GPU that the arrays have to be on.

        Raises:
            ValueError: an array that is not C-contiguous or is on another GPU.
            TypeError: something that no kernel takes.
        """
        key: list[Any] = []
        values: list[Any] = []
        self._flatten(arguments, device, key, values)
        return tuple(key), values

    def _flatten(self, arguments: tuple[Any, ...], device: int, key: list[Any], values: list[Any]) -> None:
        describe = self._describe
        for value in arguments:
            kind = type(value)
            if kind is self._array_type:
                data, strides = value.data, value.strides
                ndim = len(strides)
                # Of a vector the stride tells as much as the flags, in a third of the time.
                one = ndim == 1 and (strides[0] == value.itemsize or value.size < 2)
                if data.device_id != device or not (one or value.flags.c_contiguous):
                    _refuse(value, device)
                key += (value.dtype.char, ndim)
                describe(value, data.ptr, strides, values)
            elif kind in _SCALARS:
                key.append(kind)
                values.append(value)
            elif isinstance(value, tuple):
                key.append(OPEN)
                self._flatten(value, device, key, values)
                key.append(CLOSE)
            else:
                raise TypeError(
                    f"a kernel takes arrays of its engine, numbers and tuples of them, not {kind.__name__}; "
                    "bring it there with Engine.asarray"
                )

    def packer(self, key: Key) -> struct.Struct:
        """What puts the numbers of such arguments where the kernel's parameters are."""
        parts = []
        position = 0
        while position < len(key):
            item = key[position]
            position += 1
            if isinstance(item, type):
                parts.append(_SCALARS[item])
            elif item not in (OPEN, CLOSE):
                parts.append("q" * (self._words + 2 * key[position]))
                position += 1
        return struct.Struct("@" + "".join(parts))


def examples(arguments: tuple[Any, ...], array_type: Any) -> tuple[Any, ...]:
    """Host values of the same types: like a GPU's, the arrays of a kernel are all writable and contiguous."""
    return tuple(_example(value, array_type) for value in arguments)


def _example(value: Any, array_type: Any) -> Any:
    if isinstance(value, tuple):
        return examples(value, array_type)
    return np.empty((0,) * value.ndim, value.dtype) if isinstance(value, array_type) else value


def _numba(array: Any, address: int, strides: tuple[int, ...], values: list[Any]) -> None:
    if len(strides) == 1:
        size = array.size
        values += (0, 0, size, array.itemsize, address, size, *strides)
    else:
        values += (0, 0, array.size, array.itemsize, address, *array.shape, *strides)


def _memref(array: Any, address: int, strides: tuple[int, ...], values: list[Any]) -> None:
    itemsize = array.itemsize
    values += (address, address, 0, *array.shape, *(stride // itemsize for stride in strides))


def _refuse(array: Any, device: int) -> None:
    if array.data.device_id != device:
        raise ValueError(
            f"an array of shape {array.shape} is on GPU {array.data.device_id}, but GPU {device} is the "
            f"current one; call inside `with cupy.cuda.Device({array.data.device_id}):`, or copy the array"
        )
    raise ValueError(
        f"an array of shape {array.shape} is not C-contiguous, which kernels need; "
        "pass it through ascontiguousarray"
    )
