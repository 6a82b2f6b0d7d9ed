"""A kernel built for the emulator, and its launch: arguments flattened as the compiler's ABI wants."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from groundspeed.engines.emulator import build
from groundspeed.engines.emulator.faults import Fault, KernelError, describe
from groundspeed.engines.emulator.operands import c_name, parameter_offsets
from groundspeed.engines.emulator.parse import parse
from groundspeed.engines.emulator.ptx import SIZES, Variable
from groundspeed.engines.emulator.translate import translate

MAX_FAULTS = 64
MAX_THREADS_PER_BLOCK = 1024
Extent = int | tuple[int, ...]


class _Range(ctypes.Structure):
    _fields_ = (("low", ctypes.c_uint64), ("high", ctypes.c_uint64), ("writable", ctypes.c_uint64))


class _Fault(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_int32),
        ("line", ctypes.c_int32),
        ("block", ctypes.c_uint32 * 3),
        ("thread", ctypes.c_uint32 * 3),
        ("a", ctypes.c_int64),
        ("b", ctypes.c_int64),
    )


class _Launch(ctypes.Structure):
    _fields_ = (
        ("grid", ctypes.c_uint32 * 3),
        ("block", ctypes.c_uint32 * 3),
        ("shared_bytes", ctypes.c_uint32),
        ("seed", ctypes.c_uint32),
        ("range_count", ctypes.c_uint64),
        ("ranges", ctypes.POINTER(_Range)),
        ("arguments", ctypes.c_char_p),
        ("fault_count", ctypes.c_uint64),
        ("faults", _Fault * MAX_FAULTS),
    )


class Program:
    """The first kernel of a PTX module, ready to run on the CPU.

    Args:
        ptx: PTX source.
        name: what to call the kernel in errors.
        check: check bounds, alignment and races.
        contract: let a product and a sum be fused into one rounding, as ptxas does.
        memref: whether arrays are passed as numba-cuda-mlir does rather than as numba-cuda does.
    """

    def __init__(self, ptx: str, name: str, check: bool = True, contract: bool = True, memref: bool = False):
        self.name = name
        self.module = parse(ptx)
        self.memref = memref
        self.translation = translate(self.module, check)
        self.entry = next(function for function in self.module.functions if function.entry)
        self._library = build.library(self.translation.c_source, contract)
        self._run = getattr(self._library, f"launch_{c_name(self.entry.name)}")
        self._data = (_Range * max(1, len(self.module.variables)))()
        self._data_count = self._library.data_ranges(self._data)

    def launch(
        self, grid: Extent, block: Extent, arguments: tuple[Any, ...], seed: int = 0, shared: int = 0
    ) -> None:
        """Run the kernel.

        Args:
            grid: blocks in x, or in x, y, z.
            block: threads per block in x, or in x, y, z.
            arguments: NumPy arrays, which the kernel changes in place, scalars and nested tuples of them.
            seed: order of blocks and threads; 0 for the natural one.
            shared: bytes of shared memory beyond what the kernel declares.

        Raises:
            KernelError: the kernel did something wrong.
            ValueError: a grid or block that no GPU accepts, or an array that is not C-contiguous.
        """
        values = list(flatten(arguments, self.memref))
        if len(values) != len(self.entry.parameters):
            raise ValueError(
                f"kernel {self.name!r} takes {len(self.entry.parameters)} values, got {len(values)}"
            )
        packed = _pack(self.entry.parameters, values, parameter_offsets(self.entry))
        self.launch_packed(grid, block, packed, list(map(_range, _arrays(arguments))), seed, shared)

    def launch_packed(
        self,
        grid: Extent,
        block: Extent,
        packed: bytes,
        reachable: list[_Range],
        seed: int = 0,
        shared: int = 0,
    ) -> None:
        """Run the kernel on parameters as a driver gets them.

        Args:
            packed: the parameters, each aligned to its size.
            reachable: the memory that a checked kernel may touch.
            grid, block, seed, shared: as for `launch`.
        """
        ranges = [*self._data[: self._data_count], *reachable]
        launch = _Launch(
            grid=_extent("grid", grid),
            block=_extent("block", block),
            shared_bytes=self.translation.static_shared + shared,
            seed=seed,
            range_count=len(ranges),
            ranges=(_Range * max(1, len(ranges)))(*ranges),
            arguments=packed,
        )
        if np.prod(launch.block) > MAX_THREADS_PER_BLOCK:
            raise ValueError(f"block must have at most {MAX_THREADS_PER_BLOCK} threads, got {block}")
        self._run(ctypes.byref(launch))
        if launch.fault_count:
            raise KernelError(self.name, launch.fault_count, self._faults(launch))

    def _faults(self, launch: _Launch) -> list[Fault]:
        recorded = launch.faults[: min(launch.fault_count, MAX_FAULTS)]
        first: dict[tuple[int, int], Fault] = {}
        for f in recorded:
            fault = describe(self.module, f.kind, f.line, f.a, f.b, list(f.block), list(f.thread))
            first.setdefault((f.kind, f.line), fault)
        return list(first.values())


def flatten(value: Any, memref: bool) -> Iterator[Any]:
    """The scalars that a kernel's parameters are, in order.

    numba-cuda passes an array as (meminfo, parent, size, item size, data, shape, strides in bytes);
    numba-cuda-mlir passes a memref: (allocated, aligned, offset, shape, strides in elements).
    """
    if isinstance(value, tuple):
        for member in value:
            yield from flatten(member, memref)
    elif not isinstance(value, np.ndarray):
        yield value
    elif memref:
        yield from (value.ctypes.data, value.ctypes.data, 0, *value.shape)
        yield from (stride // value.itemsize for stride in value.strides)
    else:
        yield from (0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides)


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, tuple):
        for member in value:
            yield from _arrays(member)
    elif isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise ValueError(
                f"an array of shape {value.shape} is not C-contiguous, which kernels need; "
                "pass it through numpy.ascontiguousarray"
            )
        yield value


def _range(array: np.ndarray) -> _Range:
    return _Range(array.ctypes.data, array.ctypes.data + array.nbytes, array.flags.writeable)


def _extent(name: str, extent: Extent) -> Any:
    sizes = (*extent, 1, 1)[:3] if isinstance(extent, tuple) else (extent, 1, 1)
    if min(sizes) < 1:
        raise ValueError(f"{name} must be at least 1 in every direction, got {extent}")
    return (ctypes.c_uint32 * 3)(*map(int, sizes))


def _pack(parameters: list[Variable], values: list[Any], offsets: dict[str, int]) -> bytes:
    buffer = bytearray(max((offsets[p.name] + p.size for p in parameters), default=0) + 8)
    for parameter, value in zip(parameters, values, strict=True):
        struct.pack_into(_format(parameter, value), buffer, offsets[parameter.name], _plain(value))
    return bytes(buffer)


def _format(parameter: Variable, value: Any) -> str:
    size = SIZES[parameter.type] * parameter.count
    if isinstance(value, float | np.floating):
        return {4: "<f", 8: "<d"}[size]
    letter = {1: "b", 2: "h", 4: "i", 8: "q"}[size]
    return f"<{letter if value < 0 else letter.upper()}"


def _plain(value: Any) -> int | float:
    return float(value) if isinstance(value, float | np.floating) else int(value)
