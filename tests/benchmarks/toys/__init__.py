"""A catalog of one toy operation instead of the real one."""

from __future__ import annotations

from pathlib import Path

from groundspeed import catalog, operations


def install():
    """Make `doubling` the only operation of this process."""
    here = Path(__file__).parent
    operations.HERE = here
    if str(here) not in operations.__path__:
        operations.__path__.append(str(here))
    for cached in (operations.names, catalog.operation, catalog.implementations):
        cached.cache_clear()
