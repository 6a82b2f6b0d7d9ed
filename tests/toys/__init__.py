"""A catalog of one toy operation instead of the real one."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from groundspeed import _public, operations
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
    forgotten = operations.topics, operations.names, discovery.operation, discovery.implementations
    for cached in (*forgotten, _public.homes, discovery._judged, discovery._declared):
        cached.cache_clear()
