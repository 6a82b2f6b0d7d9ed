"""Benchmarks are tested code: each runs once, on the smoke profile, through the type that asv uses."""

import math
from dataclasses import replace

import numpy as np
import pytest
from asv_runner.benchmarks.mark import SkipNotImplemented
from asv_runner.discovery import get_benchmark_from_name

from benchmarks import operations as suite
from benchmarks._optime import DisagreementError, OpTime
from groundspeed.referee import code, discovery
from groundspeed.referee.measure.plan import class_name

ALL = [
    (operation.name, case.name, name)
    for operation in discovery.all_operations()
    for case in discovery.cases(operation.name, "smoke")
    for name in discovery.competitors(operation.name, case)
]


def benchmark(operation, case, implementation, **extra):
    """The benchmark of one combination, found by name as in the process that asv starts."""
    cls = getattr(suite, class_name(operation))
    cases, names = cls.params
    index = cases.index(case) * len(names) + names.index(implementation)
    name = f"operations.{class_name(operation)}.optime_run-{index}"
    return get_benchmark_from_name("benchmarks", name, extra_params={"repeat": 1, **extra})


def test_every_operation_has_a_smoke_case():
    assert {operation for operation, _, _ in ALL} == {each.name for each in discovery.all_operations()}


@pytest.mark.parametrize(("operation", "case", "implementation"), ALL)
def test_runs_once_and_agrees(operation, case, implementation):
    one = benchmark(operation, case, implementation)
    assert isinstance(one, OpTime)
    if one.do_setup():
        assert discovery.unavailable(discovery.implementations(operation)[implementation])
        return
    try:
        result = one.do_run()
    except SkipNotImplemented as extrapolated:
        assert "extrapolated from" in str(extrapolated)
        return
    assert result["number"] == 1
    assert all(math.isfinite(seconds) and seconds > 0 for seconds in result["samples"])


def test_quick_runs_record_nothing_and_measured_ones_do(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("GROUNDSPEED_SHARD", "7")
    turns = 3  # the smoke profile wants two, and the last is on the case's own inputs
    for repeat, shards, samples in ((1, 0, 1), (0, 1, turns)):
        one = OpTime("operations.Doubling.optime_run", lambda *params: (toy, *params), [_With(repeat)])
        assert len(one.run("tiny", "numpy sum")["samples"]) == samples
        assert len(list(tmp_path.rglob("7.json"))) == shards


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("numpy wrong", DisagreementError),
        ("numpy raising", DisagreementError),
        ("python loop", SkipNotImplemented),
    ],
)
def test_no_agreement_no_time(toy, name, error):
    one = OpTime("operations.Doubling.optime_run", lambda *params: (toy, *params), [_With(1)])
    with pytest.raises(error):
        one.run("tiny", name)


def test_the_version_follows_what_is_asked_and_no_implementation(toy, monkeypatch):
    operation = discovery.operation(toy)
    before = suite._version(operation)
    all_of_them = discovery.implementations(toy)
    all_of_them["numpy sum"] = replace(all_of_them["numpy sum"], shown="values * 2.0", caveat="another")
    first, *others = operation.cases
    retitled = replace(operation, cases=(replace(first, title="another", profile="full"), *others))
    assert suite._version(operation) == suite._version(retitled) == before

    larger = replace(operation, cases=(replace(first, inputs={"values": np.arange(2000.0)}), *others))
    assert suite._version(larger) != before
    monkeypatch.setattr(code, "METHOD", "another way of measuring")
    assert suite._version(operation) != before


class _With:
    """An attribute source, as asv hands `-a repeat=1` to a benchmark."""

    def __init__(self, repeat):
        self.repeat = repeat
