"""The operations, one folder each, grouped in families.

`<family>/<operation>/__init__.py` says WHAT (the public function, whose docstring is the rule, and
`OPERATION`), `kernels.py` HOW by us, `foss4g.py` HOW by others. A folder is all it takes: nothing lists
operations by hand.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@functools.cache
def names() -> dict[str, str]:
    """Operation name -> family, in alphabetical order of families and names."""
    folders = sorted(path.parent for path in HERE.glob("*/*/__init__.py"))
    return {folder.name: folder.parent.name for folder in folders}


def module(name: str) -> Any:
    """The package of one operation."""
    return importlib.import_module(f"{__name__}.{names()[name]}.{name}")


def function(name: str) -> Callable[..., Any]:
    """The public function of one operation."""
    return getattr(module(name), name)
