"""Arrays as strict as CuPy's: what would fail or wait on a GPU shows on the emulator.

An array of the device is a type of its own: NumPy gets it only by `get`, an operation on two of them gives
another even where it is one number, and there are no functions, methods and parameters but those that CuPy
has.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from groundspeed.engines.emulator.cupy_table import known
from groundspeed.engines.emulator.gpu import NUMBER, Gpu


class Pointer(NamedTuple):
    """As CuPy's MemoryPointer: an address on a device."""

    ptr: int
    device_id: int


class Memory:
    """One allocation, which an array and its views share."""

    def __init__(self, gpu: Gpu, size: int):
        gpu.allocate(self, size)


def plain(value: Any) -> Any:
    """What NumPy computes with; arrays of the host are refused, as CuPy does.

    Raises:
        TypeError: a NumPy array that is not one number.
    """
    if isinstance(value, DeviceArray):
        return value.held
    if isinstance(value, np.ndarray) and value.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>: bring it to the device first")
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


class DeviceArray:
    """An array as CuPy's `ndarray`; `held` is its memory, as the emulated kernels see it."""

    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, gpu: Gpu, held: np.ndarray, memory: Memory | None = None):
        self.gpu = gpu
        self.held = held
        self._memory = memory or Memory(gpu, held.nbytes)

    shape = property(lambda self: self.held.shape)
    dtype = property(lambda self: self.held.dtype)
    ndim = property(lambda self: self.held.ndim)
    size = property(lambda self: self.held.size)
    itemsize = property(lambda self: self.held.itemsize)
    nbytes = property(lambda self: self.held.nbytes)
    strides = property(lambda self: self.held.strides)
    flags = property(lambda self: self.held.flags)
    data = property(lambda self: Pointer(self.held.ctypes.data, NUMBER))
    T = property(lambda self: self.viewed(self.held.T))

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Tells others where the array is."""
        return {**self.held.__array_interface__, "version": 3, "stream": 1}

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__":
            return NotImplemented
        return getattr(self.gpu.xp, ufunc.__name__)(*inputs, **options)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if any(issubclass(kind, np.ndarray) for kind in types):
            return NotImplemented
        return getattr(self.gpu.xp, function.__name__)(*arguments, **options)

    def get(self) -> np.ndarray:
        """A copy on the host."""
        self.gpu.read_back(self.nbytes)
        return self.held.copy()

    def tolist(self) -> Any:
        """Python's numbers."""
        return self.get().tolist()

    def item(self) -> Any:
        """Python's number, of an array that has one."""
        return self.get().item()

    def __len__(self) -> int:
        return len(self.held)

    def __iter__(self) -> Iterator[DeviceArray]:
        return (self[position] for position in range(len(self)))

    def __repr__(self) -> str:
        return repr(self.get())

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __index__(self) -> int:
        return operator.index(self.get())

    def __format__(self, form: str) -> str:
        return format(self.item() if not self.ndim else self.get(), form)

    def __getitem__(self, key: Any) -> DeviceArray:
        if not _gathers(key):
            return self.viewed(self.held[key])
        return self._made(self.held[self._key(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.gpu.count("array_calls")
        self.held[self._key(key) if _gathers(key) else key] = plain(value)

    def _key(self, key: Any) -> Any:
        """As NumPy takes it; lists and arrays of the host are copied, and a mask has to be counted."""
        if isinstance(key, tuple):
            return tuple(map(self._key, key))
        if isinstance(key, DeviceArray):
            if key.dtype == np.bool_:
                self.gpu.read_back(8)
            return key.held
        if isinstance(key, np.ndarray | list):
            return self.gpu.xp.asarray(key).held
        return key

    def viewed(self, held: np.ndarray) -> DeviceArray:
        """An array over a part of the same memory."""
        return DeviceArray(self.gpu, np.asarray(held), self._memory)

    def _made(self, result: Any) -> Any:
        self.gpu.count("array_calls")
        return wrap(self.gpu, result)

    def reshape(self, *shape: Any, **options: Any) -> DeviceArray:
        """A view, or a copy where there is none."""
        held = self.held.reshape(*shape, **known("methods", "reshape", shape, options))
        return self.viewed(held) if np.shares_memory(held, self.held) else self._made(held)

    def view(self, dtype: Any) -> DeviceArray:
        """The same bytes as another dtype."""
        return self.viewed(self.held.view(dtype))

    def ravel(self) -> DeviceArray:
        """One dimension."""
        return self.reshape(-1)

    def astype(self, dtype: Any, **options: Any) -> DeviceArray:
        """A copy of another dtype; with copy=False the array itself where it has it."""
        same = self.dtype == np.dtype(dtype) and not options.get("copy", True)
        options = known("methods", "astype", (dtype,), options)
        return self if same else self._made(self.held.astype(dtype, **options))

    def copy(self) -> DeviceArray:
        """A copy in the order of C."""
        made: DeviceArray = self._made(self.held.copy())
        return made

    def nonzero(self) -> Any:
        """Positions of all that is not zero, which have to be counted."""
        self.gpu.read_back(8)
        return self._made(self.held.nonzero())

    def fill(self, value: Any) -> None:
        """Set all to one number."""
        self[...] = value

    def sort(self) -> None:
        """In place."""
        self.gpu.count("array_calls")
        self.held.sort(kind="stable")


def wrap(gpu: Gpu, result: Any, sources: tuple[Any, ...] = ()) -> Any:
    """NumPy's result as CuPy gives it; a view shares the memory of the array that it is of."""
    if isinstance(result, list | tuple):
        return type(result)(wrap(gpu, one, sources) for one in result)
    if not isinstance(result, np.ndarray | np.generic):
        return result
    held = np.asarray(result)
    for source in sources if held.base is not None else ():
        if isinstance(source, DeviceArray) and np.may_share_memory(held, source.held):
            return source.viewed(held)
    return DeviceArray(gpu, held)


def _gathers(key: Any) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    return any(isinstance(one, DeviceArray | np.ndarray | list) for one in keys)


def _method(name: str) -> Callable[..., Any]:
    def method(self: DeviceArray, *arguments: Any, **options: Any) -> Any:
        options = known("methods", name, arguments, options)
        return self._made(getattr(self.held, name)(*map(plain, arguments), **plain_options(options)))

    method.__name__ = name
    return method


def _operator(name: str, in_place: bool) -> Callable[..., Any]:
    def method(self: DeviceArray, *others: Any) -> Any:
        if others and isinstance(others[0], np.ndarray) and others[0].ndim:
            raise TypeError(f"Unsupported type {np.ndarray}: bring it to the device first")
        with np.errstate(all="ignore"):
            result = getattr(self.held, name)(*map(plain, others))
        if result is NotImplemented:
            return result
        if in_place:
            self.gpu.count("array_calls")
            return self
        return self._made(result)

    method.__name__ = name
    return method


def plain_options(options: dict[str, Any]) -> dict[str, Any]:
    """`plain` of every option."""
    return {name: plain(value) for name, value in options.items()}


_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift")
_OTHER = ("lt", "le", "eq", "ne", "gt", "ge", "neg", "pos", "abs", "invert")
_METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "cumprod", "cumsum", "max", "mean", "min", "prod",
    "searchsorted", "std", "sum", "take", "var",
)  # fmt: skip
for _name in (*_BINARY, *(f"r{name}" for name in _BINARY), *_OTHER):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__", in_place=False))
for _name in _BINARY:
    setattr(DeviceArray, f"__i{_name}__", _operator(f"__i{_name}__", in_place=True))
for _name in _METHODS:
    setattr(DeviceArray, _name, _method(_name))
