"""A catalog of one toy operation instead of the real one."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from groundspeed import operations
from groundspeed.referee import discovery

HERE = Path(__file__).parent


def install(replace=setattr):
    """Make `doubling` the only operation of this process; `replace` may be `monkeypatch.setattr`."""
    replace(operations, "HERE", HERE)
    replace(operations, "__path__", [*operations.__path__, str(HERE)])
    forget()


@contextmanager
def installed(cache):
    """The toy catalog while the block runs, oracle answers in the folder `cache`; gives the operation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDSPEED_CACHE", str(cache))
        install(patch.setattr)
        yield "doubling"
    forget()


def forget():
    """Let the catalog look again."""
    for cached in (operations.names, discovery.operation, discovery.implementations):
        cached.cache_clear()
