"""The asv suite: one benchmark per operation, generated from the catalog, measured by our own stopwatch."""

import os
import sys
import tempfile
from pathlib import Path

from asv_runner.benchmarks import benchmark_types

if Path(sys.argv[0]).parts[-2:] == ("asv", "benchmark.py"):
    # A process that asv started: its cold call must compile, so nothing that was kept on disk may help it.
    os.environ["GROUNDSPEED_CHECKOUT"] = str(Path(__file__).parents[1])
    _compiled = tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True)
    for _cache in ("NUMBA_CACHE_DIR", "CUPY_CACHE_DIR", "CUDA_CACHE_PATH"):
        os.environ[_cache] = _compiled.name

from ._optime import OpTime

if OpTime not in benchmark_types:
    benchmark_types.append(OpTime)
