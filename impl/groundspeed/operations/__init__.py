"""The operations, in topics: a topic is a folder of operations that share a rule, kernels and competitors.

`<family>/<topic>/__init__.py` says WHAT (the public functions, named in its `__all__`; a docstring is the
rule), `kernels.py` HOW by us, `foss4g.py` HOW by others, `cases.py` how it is judged. A folder is all it
takes: nothing lists operations by hand. A folder whose name begins with `_` is no topic, but what several
share.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@functools.cache
def topics() -> dict[str, tuple[str, ...]]:
    """Topic, e.g. `"joins.point_in_polygon"` -> its operations; read from the files, without an import.

    Raises:
        ValueError: a topic lists no operations, or a name is taken already; names the file.
    """
    found: dict[str, tuple[str, ...]] = {}
    folders: dict[str, Path] = {}
    for file in sorted(HERE.glob("[!_]*/[!_]*/__init__.py")):
        listed = _listed(file)
        if (first := folders.setdefault(file.parent.name, file)) is not file:
            raise ValueError(f"{file}: another topic has this name, {first}; rename one of them")
        for name in listed:
            others = [topic for topic, names in found.items() if name in names]
            if others or listed.count(name) > 1:
                where = HERE.joinpath(*others[0].split(".")) if others else "itself"
                raise ValueError(f"{file}: the operation {name!r} stands in {where} too; rename one of them")
        found[".".join(file.parent.relative_to(HERE).parts)] = listed
    return found


def _listed(file: Path) -> tuple[str, ...]:
    """What a topic's `__all__` says."""
    literal = re.search(r"^__all__ = (\[[^\]]*\])", file.read_text(encoding="utf-8"), re.MULTILINE)
    if literal is None or not (names := ast.literal_eval(literal[1])):
        raise ValueError(
            f'{file} lists no operations; give it __all__ = ["..."], or a name that begins with _ to the '
            "folder if it is no topic"
        )
    return tuple(names)


@functools.cache
def names() -> dict[str, str]:
    """Operation -> topic, in alphabetical order of topics, and in a topic in the order of its `__all__`."""
    return {name: topic for topic, listed in topics().items() for name in listed}


def folder(topic: str) -> Path:
    """Where a topic lies."""
    return HERE.joinpath(*topic.split("."))


def module(name: str) -> Any:
    """The package of the topic that an operation belongs to."""
    return importlib.import_module(f"{__name__}.{names()[name]}")


def function(name: str) -> Callable[..., Any]:
    """The public function of one operation."""
    found: Callable[..., Any] = getattr(module(name), name)
    return found


def kernel_modules() -> Iterator[str]:
    """The modules `kernels.py` of the topics that have one."""
    modules = (f"{__name__}.{topic}.kernels" for topic in topics())
    return (module for module in modules if importlib.util.find_spec(module))


def kernels() -> Iterator[tuple[str, Any]]:
    """(topic, kernel) of everything in the tuples `KERNELS` of these modules."""
    for module in kernel_modules():
        for kernel in getattr(importlib.import_module(module), "KERNELS", ()):
            yield module.split(".")[-2], kernel
