"""From a Python function to GPU code: every `@njit` function that it calls becomes a device function.

numba-cuda converts `@njit` callees by itself, numba-cuda-mlir refuses them, and both keep what they compiled
per signature, whatever the compute capability. So a kernel is copied with its callees rebound to device
functions of its own, once per target. Callees are found by name among globals and closure variables: a kernel
must import a scalar function by name, not through its module.
"""

from __future__ import annotations

import functools
import importlib
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from numba.core.dispatcher import Dispatcher

from groundspeed.engines import _device_functions  # noqa: F401  (it tells the compiler what is what)
from groundspeed.engines._numba_cuda import COMPILER, cuda

Capability = tuple[int, int]
MEMREF = COMPILER == "mlir"
"""Whether kernels take arrays as memrefs; see `_arguments.Flattener`."""
_compiling = threading.RLock()


def rebind(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Copy a function with every `@njit` function that it can reach replaced by a CUDA device function.

    Args:
        function: a plain Python function.
        options: passed to `cuda.jit(device=True)`, e.g. `lineinfo=True`.
    """
    return _rebind(function, options, {})


def _rebind(function: Any, options: dict[str, Any], done: dict[Any, Any]) -> Any:
    def replaced(value: Any) -> Any:
        if not isinstance(value, Dispatcher):
            return value
        if value not in done:
            done[value] = _device_function(_rebind(value.py_func, options, done), options)
        return done[value]

    used = names(function.__code__)
    scope = {name: replaced(v) if name in used else v for name, v in function.__globals__.items()}
    cells = tuple(types.CellType(replaced(cell.cell_contents)) for cell in function.__closure__ or ())
    copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, cells)
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    return copy


def _device_function(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    device = cuda.jit(device=True, **options)(function)
    if (
        COMPILER == "mlir"
    ):  # 0.6.0 compiles a callee anew for every call, so nested calls take exponential time
        device._compile_as_device_callee = functools.cache(device._compile_as_device_callee)
    return device


def names(code: types.CodeType) -> set[str]:
    """Every name of a global or attribute that code and the functions within it use."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= names(constant)
    return found


def compile_ptx(
    kernel: Callable[..., None], arguments: tuple[Any, ...], capability: Capability, lineinfo: bool = False
) -> str:
    """Compile a kernel to PTX; needs neither a GPU nor a driver.

    Args:
        kernel: undecorated kernel function.
        arguments: values of the types it is called with.
        capability: compute capability, e.g. `(9, 0)`.
        lineinfo: whether the PTX says which line of Python each instruction comes from.
    """
    with _compiling, _pretend_device(capability):
        signature = tuple(typeof(argument) for argument in arguments)
        options = {"lineinfo": True} if lineinfo else {}
        ptx, _ = cuda.compile_ptx(rebind(kernel, **options), signature, cc=capability, lineinfo=lineinfo)
    return (ptx if isinstance(ptx, str) else ptx.decode()).rstrip("\0")


def typeof(value: Any) -> Any:
    """The type that the compiler in use gives to an argument."""
    if COMPILER == "mlir":
        from numba_cuda_mlir.numba_cuda.typing.typeof import typeof as mlir_typeof

        return mlir_typeof(value)
    from numba import typeof as numba_typeof

    return numba_typeof(value)


@contextmanager
def _pretend_device(capability: Capability) -> Iterator[None]:
    """Answer the compilers' question for the current device, which they ask even when told the capability."""
    with ExitStack() as stack:
        if COMPILER == "mlir":
            tools = importlib.import_module("numba_cuda_mlir.tools")
            dispatcher = importlib.import_module("numba_cuda_mlir.descriptor").MLIRDispatcher
            stack.enter_context(mock.patch.object(tools, "_cached_cc", capability))
            stack.enter_context(mock.patch.object(dispatcher, "compile", _once(dispatcher.compile)))
        else:
            module = importlib.import_module("numba.cuda.dispatcher")
            device = types.SimpleNamespace(compute_capability=capability)
            stack.enter_context(mock.patch.object(module, "get_current_device", lambda: device))
        yield


def _once(compile_method: Callable[..., Any]) -> Callable[..., Any]:
    """Compile an overload once: numba-cuda-mlir 0.6.0 does it anew for every call of it."""
    known: dict[Any, Any] = {}

    def compiled(self: Any, signature: Any, abi_info: Any = None, output: Any = None) -> Any:
        if not abi_info or output:
            return compile_method(self, signature, abi_info, output)
        key = self.py_func, signature, abi_info["abi_name"]
        if key not in known:
            known[key] = compile_method(self, signature, abi_info, output)
        return known[key]

    return compiled
