"""Machine code for loops: Numba's front end behind a target of our own, which does less than Numba's `cpu`.

Numba makes three functions of everything that a loop reaches (its code, and wrappers for Python and for C),
optimises each by itself and turns each into machine code, and then does it again in the function that calls
it. Here a callee is typed and lowered, no more; the loop is optimised and turned into machine code once, as a
whole. That halves the time until the first answer, and no code that is shared is ever out of reach of LLVM's
inliner.

The machine code is an object file (see `_entry`). To load and call it takes LLVM alone, not Numba's tables of
every function that NumPy has, which take 0.4 s to fill in each process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.core import codegen, cpu, event, sigutils, types, typing
from numba.core.compiler_lock import global_compiler_lock
from numba.core.descriptors import TargetDescriptor
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.runtime import rtsys
from numba.core.target_extension import (
    CPU,
    dispatcher_registry,
    jit_registry,
    target_override,
    target_registry,
)
from numba.core.targetconfig import ConfigStack
from numba.np.numpy_support import from_dtype

from groundspeed.engines._entry import entry_module

NAME = "groundspeed_loop"
OPTIONS = {"nopython": True, "error_model": "numpy", "_nrt": False}


class Compiled(NamedTuple):
    """A loop in machine code.

    Attributes:
        machine_code: the object file.
        assembly: makes the same as text.
        calls: functions of the process that it calls.
        portable: whether another process may use it, too: no address of this one is in it.
    """

    machine_code: bytes
    assembly: Callable[[], str]
    calls: tuple[str, ...]
    portable: bool


class LoopTarget(CPU):
    """The CPU, for functions that only loops call."""


class _Library(codegen.CPUCodeLibrary):
    """Is optimised and turned into machine code when it is the loop's, not when it is a callee's."""

    entry = ""
    bound = False

    def _optimize_final_module(self) -> None:
        if self.entry:
            names = (one.name for one in self._final_module.global_variables)
            self.bound = any(name.startswith("numba.dynamic.globals") for name in names)
            _hide(self._final_module, self.entry)
            super()._optimize_final_module()

    def _finalize_specific(self) -> None:
        pass


def _hide(module: Any, entry: str) -> None:
    """Let nothing but the entry be seen from outside: what is inlined everywhere is left out then."""
    for one in (*module.functions, *module.global_variables):
        if not one.is_declaration and one.name != entry:
            one.linkage = "internal"


class _Codegen(codegen.JITCPUCodegen):
    _library_class = _Library  # type: ignore[assignment]

    def _add_module(self, module: Any) -> None:
        pass

    def emit(self, library: _Library) -> Compiled:
        """What a finished library holds."""
        calls = (one.name for one in library._final_module.functions if one.is_declaration)
        return Compiled(
            machine_code=bytes(self._tm.emit_object(library._final_module)),
            assembly=lambda: str(self._tm.emit_assembly(library._final_module)),
            calls=tuple(name for name in calls if not name.startswith("llvm.")),
            portable=not library.bound,
        )


class _Typing(typing.Context):
    """Sees our kind of callee where the source has a function of Numba's."""

    settled = False

    def refresh(self) -> None:
        if not self.settled:
            super().refresh()

    def load_additional_registries(self) -> None:
        cpu_target.typing_context.__class__.load_additional_registries(self)

    def resolve_value_type(self, value: Any) -> Any:
        if type(value) is CPUDispatcher:
            value = _callee(value, _inherited(ConfigStack.top_or_none()))
        return super().resolve_value_type(value)


class _Context(cpu.CPUContext):
    """Reads Numba's tables of functions anew where one is not found, not before it compiles each."""

    settled = False

    def refresh(self) -> None:
        if not self.settled:
            super().refresh()

    def get_function(self, fn: Any, sig: Any, _firstcall: bool = True) -> Any:
        try:
            return super().get_function(fn, sig, _firstcall=False)
        except NotImplementedError:
            if not _firstcall or isinstance(fn, str):  # "__array__" and the like are asked for on trial
                raise
            super().refresh()
            return super().get_function(fn, sig, _firstcall=False)

    def init(self) -> None:
        super().init()
        self._internal_codegen = _Codegen("groundspeed.loops")

    def post_lowering(self, module: Any, library: Any) -> None:
        """Without the library that counts references: nothing here is counted."""
        if self.fastmath:
            cpu.fastmathpass.rewrite_module(module, self.fastmath)


class _Target(TargetDescriptor):
    options = cpu.CPUTargetOptions

    @functools.cached_property
    def typing_context(self) -> Any:
        return _Typing()

    @functools.cached_property
    def target_context(self) -> Any:
        return _Context(self.typing_context, NAME)


_target: Any = _Target(NAME)


class _Callee(CPUDispatcher):
    """A function as loops see it: typed and lowered for the types that it is called with."""

    targetdescr: Any = _target
    overloads: Any
    _compiler: Any

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]):
        super().__init__(
            function, targetoptions={**options, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        )
        self._compiler._customize_flags = _without_machine_code

    def compile(self, sig: Any) -> Any:
        with self._compiling_counter:
            arguments, result = sigutils.normalize_signature(sig)
            if arguments not in self.overloads:
                done = self._compiler.compile(arguments, result)._replace(entry_point=object())
                _target.target_context.insert_user_function(done.entry_point, done.fndesc, [done.library])
                self.overloads[arguments] = done
            return self.overloads[arguments].entry_point


def _without_machine_code(flags: Any) -> Any:
    flags.no_compile = True
    return flags


def _inherited(flags: Any) -> tuple[Any, ...]:
    """What a callee takes over from its caller where it says nothing itself; see `CPUTargetOptions`."""
    return (flags.nrt, str(flags.fastmath), flags.error_model, flags.forceinline) if flags else ()


@functools.cache
def _callee(function: Any, inherited: tuple[Any, ...]) -> _Callee:
    return _Callee(function.py_func, function.targetoptions)


target_registry[NAME] = LoopTarget
dispatcher_registry[LoopTarget] = _Callee
jit_registry[LoopTarget] = lambda **options: lambda function: _Callee(function, options)


def numba_type(value: Any) -> Any:
    """The Numba type of a column: an array, which loops may write to, or a NumPy number.

    Whether an array may be written to is not asked: bodies write to what an engine has allocated for them.
    """
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "biuf":
        raise ValueError("neither an array of numbers nor a number")
    dtype: Any = value.dtype
    kind: Any = from_dtype(dtype)
    if not isinstance(value, np.ndarray):
        return kind
    return types.Array(
        kind, value.ndim, "C" if value.flags.c_contiguous else "A", aligned=value.flags.aligned
    )


@global_compiler_lock
def compile_loop(function: Callable[..., Any], columns: tuple[Any, ...], entry: str) -> Compiled:
    """Compile `function(start, stop, *columns)`.

    Args:
        function: Python source, not decorated; it allocates nothing and returns nothing.
        columns: Numba types of its columns.
        entry: name of the entry, not that of any other.
    """
    _settle()
    loop = _Callee(function, OPTIONS)
    signature = types.void(types.int64, types.int64, *columns)
    details = {"dispatcher": loop, "args": signature.args, "return_type": signature.return_type}
    with target_override(NAME), event.trigger_event("numba:compile", data=details):
        loop.compile(signature)
        done: Any
        (done,) = loop.overloads.values()
        done.library.entry = entry
        done.library.add_ir_module(entry_module(done, entry))
        done.library.finalize()
        return done.target_context.codegen().emit(done.library)


def _settle() -> None:
    """Read Numba's tables, to which any import may have added, twice: what it finds may add to them, too."""
    rtsys.initialize(cpu_target.target_context)  # before ours would: it needs one that runs what it compiles
    typed, target = _target.typing_context, _target.target_context
    typed.settled = target.settled = False
    for context in (typed, target, typed):
        context.refresh()
    typed.settled = target.settled = True
