"""Where every public name lives, and the file that tells editors so."""

from __future__ import annotations

import functools
from pathlib import Path

from groundspeed import operations

STUB = Path(__file__).with_name("__init__.pyi")
OTHERS = {
    "groundspeed.engines.choice": ("EngineUnavailable", "available", "settings", "use"),
    "groundspeed.geometry": ("GeometryColumn", "GeometryType"),
    "groundspeed.operations.joins.point_in_polygon.prepared": ("Prepared", "prepare"),
    "groundspeed.io": ("ReadError", "Table", "read", "read_batches", "write"),
}
"""What is public beside the operations, by module."""


@functools.cache
def homes() -> dict[str, str]:
    """Public name -> module that has it; nothing is imported for it."""
    found = {name: f"{operations.__name__}.{topic}" for name, topic in operations.names().items()}
    return found | {name: module for module, names in OTHERS.items() for name in names}


def stub() -> str:
    """What `__init__.pyi` has to say: type checkers and editors cannot see names that are found when used."""
    lines = [f"from {module} import (\n    {name} as {name},\n)" for name, module in homes().items()]
    head = '"""Written by `groundspeed ops --stub`."""\n\n'
    return head + "\n".join(sorted(lines)) + "\n\n__version__: str\n"


def write_stub() -> Path:
    """Write that file anew; to be done when an operation is added or renamed."""
    STUB.write_text(stub(), encoding="utf-8")
    return STUB
