"""The asv suite: one benchmark per operation, generated from the catalog, measured by our own stopwatch."""

from asv_runner.benchmarks import benchmark_types

from ._optime import OpTime

if OpTime not in benchmark_types:
    benchmark_types.append(OpTime)
