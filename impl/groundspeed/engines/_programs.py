"""Kernels as PTX and machine code, kept on disk by content, so that no process compiles what another has."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from groundspeed.engines import _compile, _device_functions, _link, _numba_cuda
from groundspeed.engines._compile import Capability, compile_ptx, typeof
from groundspeed.engines._kept import folder, kept
from groundspeed.engines.reached import reached_hash

DISTRIBUTIONS = (
    "numba", "llvmlite", "numba-cuda", "numba-cuda-mlir", "nvidia-nvvm", "nvidia-cuda-nvvm-cu12",
    "nvidia-cuda-nvcc-cu12", "nvidia-nvjitlink", "nvidia-nvjitlink-cu12", "cuda-bindings",
)  # fmt: skip
"""What takes part in compiling; a toolkit of the system is told by where it is."""

_ENTRY = re.compile(r"\.entry\s+([\w$]+)")


class Image(NamedTuple):
    """A kernel that a driver can load.

    Attributes:
        name: of the kernel.
        code: machine code; or PTX that ends with a zero, where there is no nvJitLink, and the driver has to
            compile it.
    """

    name: str
    code: bytes


def ptx(
    kernel: Callable[..., None], arguments: tuple[Any, ...], capability: Capability, lines: bool = False
) -> str:
    """PTX of a kernel, compiled if nobody has.

    Args:
        kernel: undecorated kernel function.
        arguments: host values of the types it is called with.
        capability: compute capability, e.g. `(9, 0)`.
        lines: whether the PTX says which line of Python each instruction comes from.
    """

    def compiled() -> bytes:
        return compile_ptx(kernel, arguments, capability, lines).encode()

    file = _file(kernel, arguments, capability, "ptx", lines)
    return (compiled() if file is None else kept(file, compiled)).decode()


def image(kernel: Callable[..., None], arguments: tuple[Any, ...], capability: Capability) -> Image:
    """What a driver loads for a kernel, compiled and linked if nobody has."""

    def linked() -> bytes:
        source = ptx(kernel, arguments, capability)
        code = source.encode() + b"\0"
        if has_linker():
            code, _ = _link.link(source, "sm_{}{}".format(*capability))
        return entry(source).encode() + b"\n" + code

    file = _file(kernel, arguments, capability, _image_ending())
    name, _, code = (linked() if file is None else kept(file, linked)).partition(b"\n")
    return Image(name.decode(), code)


def is_kept(kernel: Callable[..., None], arguments: tuple[Any, ...], capability: Capability) -> bool:
    """Whether `image` would have nothing to compile."""
    file = _file(kernel, arguments, capability, _image_ending())
    return file is not None and (folder() / file).exists()


def entry(source: str) -> str:
    """Name of the kernel in PTX.

    >>> entry(".visible .entry _ZN6double(")
    '_ZN6double'
    """
    found = _ENTRY.search(source)
    if found is None:
        raise ValueError("the PTX has no kernel")
    return found[1]


@functools.cache
def _content(kernel: Callable[..., None], lines: bool) -> str | None:
    """Hash of what a kernel is made of, None where it reaches something that has no lasting description."""
    try:
        return reached_hash(kernel, toolchain(), _own_files(), lines=lines)
    except TypeError:
        return None


def _file(
    kernel: Callable[..., None],
    arguments: tuple[Any, ...],
    capability: Capability,
    ending: str,
    lines: bool = False,
) -> str | None:
    """What a compiled kernel is kept under."""
    content = _content(kernel, lines)
    signature = [str(typeof(one)) for one in arguments]
    named = hashlib.sha256(repr((content, signature, capability)).encode()).hexdigest()[:32]
    return content and f"{named}.{ending}"


@functools.cache
def _own_files() -> str:
    """What the compiler is told beside the kernel."""
    modules = (_compile, _device_functions, _numba_cuda)
    texts = (Path(str(module.__file__)).read_bytes() for module in modules)
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def _image_ending() -> str:
    return "cubin" if has_linker() else "image"


@functools.cache
def has_linker() -> bool:
    """Whether nvJitLink is installed; it comes with the extras of this package."""
    try:
        from cuda.bindings import nvjitlink

        nvjitlink.version()
    except Exception:  # cuda.bindings raises its own errors for a missing library
        return False
    return True


@functools.cache
def toolchain() -> tuple[str, ...]:
    """What compiles here: versions of the packages, and the toolkit of the system."""
    return (*_versions(DISTRIBUTIONS), *(os.environ.get(name, "") for name in ("CUDA_HOME", "CUDA_PATH")))


def _versions(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
