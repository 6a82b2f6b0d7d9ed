"""Machine code on disk: an object file per loop, which LLVM loads in a millisecond."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
import platformdirs
from numba.core.codegen import get_host_cpu_features

Entry = Callable[[int, int, tuple[Any, ...]], Any]
"""`entry(start, stop, columns)`: None, or the address of what the loop raised."""

SUFFIX = ".loop"
_PROTOTYPE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.py_object)
_lock = threading.Lock()


def folder() -> Path:
    """Where loops are kept: in NUMBA_CACHE_DIR if that is set, else in the user's cache."""
    given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    return (Path(given) if given else Path(platformdirs.user_cache_dir("groundspeed"))) / "loops"


def load(entry: str) -> Entry | None:
    """What is stored under the name of an entry.

    None if there is nothing, if it is damaged, or if it calls what this process has not loaded.
    """
    try:
        header, _, machine_code = _file(entry).read_bytes().partition(b"\n")
        described = json.loads(header)
    except (OSError, ValueError):
        return None
    if described["sha256"] != hashlib.sha256(machine_code).hexdigest():
        return None
    if not all(map(llvm.address_of_symbol, described["calls"])):  # LLVM would end the process
        return None
    return link(machine_code, entry)


def save(entry: str, machine_code: bytes, calls: Iterable[str]) -> None:
    """Store an object file for later processes, whole or not at all; a disk that is full stores nothing.

    Args:
        entry: name of its entry.
        machine_code: the object file.
        calls: functions of the process that it calls.
    """
    described = {"calls": list(calls), "sha256": hashlib.sha256(machine_code).hexdigest()}
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder(), suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(json.dumps(described).encode() + b"\n" + machine_code)
        Path(temporary).replace(_file(entry))
    except OSError:
        return


def some() -> bool:
    """Whether any loop was ever stored."""
    return next(folder().glob(f"*{SUFFIX}"), None) is not None


def _file(entry: str) -> Path:
    return folder() / f"{entry}{SUFFIX}"


def link(machine_code: bytes, entry: str) -> Entry:
    """Load an object file into this process."""
    with _lock:
        _engine().add_object_file(llvm.ObjectFileRef.from_data(machine_code))
        _engine().finalize_object()
        return _PROTOTYPE(_engine().get_function_address(entry))


@functools.cache
def machine() -> tuple[str, str, str]:
    """What machine code here is made for: LLVM's triple, and name and features of the processor."""
    name = numba.config.CPU_NAME or llvm.get_host_cpu_name()  # type: ignore[attr-defined]
    features = numba.config.CPU_FEATURES  # type: ignore[attr-defined]
    return llvm.get_process_triple(), name, get_host_cpu_features() if features is None else features


@functools.cache
def _engine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple, cpu, features = machine()
    target = llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu,
        features=features,
        reloc="static" if triple.startswith("x86") else "default",
        codemodel="jitdefault",
        jit=True,
    )
    use = getattr(numba.config, "USE_LLVMLITE_MEMORY_MANAGER", None)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), target, use_lmm=use)
