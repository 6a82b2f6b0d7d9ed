"""What CuPy has: names and parameters of its functions, ufuncs and array methods, as committed in cupy.json.

`python -m groundspeed.engines.emulator.cupy_table` writes the file anew from the CuPy that is installed; that
needs no GPU.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("cupy.json")

_LISTED = re.compile(r"\((.*?)\)")


@functools.cache
def table() -> dict[str, Any]:
    """The committed table: `version`, `functions` and `methods` (name to names of parameters), `ufuncs`.

    A parameter that begins with `*` takes any number of values.
    """
    held: dict[str, Any] = json.loads(FILE.read_text())
    return held


def read(cupy: Any) -> dict[str, Any]:
    """The table of an imported CuPy."""
    functions, ufuncs = {}, []
    for name in sorted(set(dir(cupy))):
        value = getattr(cupy, name)
        if name.startswith("_") or not callable(value) or isinstance(value, type):
            continue
        if isinstance(value, cupy.ufunc):
            ufuncs.append(name)
        else:
            functions[name] = _parameters(value)
    methods = {
        name: _parameters(getattr(cupy.ndarray, name))
        for name in sorted(set(dir(cupy.ndarray)))
        if not name.startswith("_") and callable(getattr(cupy.ndarray, name))
    }
    return {"version": cupy.__version__, "functions": functions, "ufuncs": ufuncs, "methods": methods}


def _parameters(function: Any) -> str:
    """Names of the parameters, from the signature or from the first line of a compiled method's text."""
    try:
        found = list(map(str, inspect.signature(function).parameters.values()))
    except (TypeError, ValueError):
        found = _LISTED.search((function.__doc__ or "()").partition("\n")[0])[1].split(", ")  # type: ignore[index]
    names = (re.split("[:=]", one)[0].split(" ")[-1] for one in found)
    return " ".join(name for name in names if name not in ("self", "*", "/"))


def known(kind: str, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """The options, if CuPy has them all.

    Raises:
        TypeError: more arguments, or others, than CuPy's function takes.
    """
    names = table()[kind][name].split()
    strange = [option for option in options if option not in names]
    if strange or (len(arguments) > len(names) and not any(one.startswith("*") for one in names)):
        said = f"argument {strange[0]!r}" if strange else f"{len(arguments)} arguments"
        raise TypeError(f"CuPy's {name}({', '.join(names)}) does not take {said}")
    return options


if __name__ == "__main__":
    import cupy

    FILE.write_text(json.dumps(read(cupy), indent=1) + "\n")
