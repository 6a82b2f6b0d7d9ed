"""Every case has second inputs, of the same kind and size and with other content."""

import numpy as np
import pandas as pd
import pytest

from groundspeed.datasets import reseeded
from groundspeed.datasets.generators import GENERATORS
from groundspeed.geometry import GeometryColumn
from groundspeed.referee import case_inputs, discovery

SMALL = [
    (operation.name, case.name)
    for operation in discovery.all_operations()
    for case in operation.cases
    if case.records <= 100_000 and not case.real
]


@pytest.mark.parametrize(("operation", "name"), SMALL)
def test_second_inputs_are_as_large_and_differ(operation, name):
    case = next(case for case in discovery.operation(operation).cases if case.name == name)
    first, second = case_inputs.resolve(case), case_inputs.second(case)
    assert first.keys() == second.keys()
    assert case_inputs.content_hash(first) != case_inputs.content_hash(second)
    assert case_inputs.content_hash(first) == case_inputs.content_hash(case_inputs.resolve(case))
    for key, value in first.items():
        if isinstance(value, GeometryColumn):
            assert (len(value), value.dtype, value.type) == (
                len(second[key]),
                second[key].dtype,
                second[key].type,
            )


def test_real_data_come_in_the_opposite_order(monkeypatch):
    lines = GeometryColumn.from_ragged("linestring", np.arange(5.0), np.zeros(5), [0, 2, 5])
    turned = case_inputs.backwards(lines)
    assert turned.x.tolist() == [2.0, 3.0, 4.0, 0.0, 1.0]
    assert turned.vertex_offsets.tolist() == [0, 3, 5]
    table = pd.DataFrame({"a": [1, 2]})
    assert case_inputs.backwards(table)["a"].tolist() == [2, 1]
    assert case_inputs.backwards(7) == 7


def test_content_is_what_is_in_the_inputs_in_any_process():
    case = discovery.operation("read").cases[0]
    assert case_inputs.content_hash(case_inputs.resolve(case)) == "82d61c900876b63c"


@pytest.mark.parametrize("n", [1, 3, 10, 99, 100, 1000])
def test_parts_are_spread_over_everything(n):
    rows = case_inputs.spread(np.arange(100), n)
    assert len(rows) == min(n, 100)
    assert len(set(rows.tolist())) == len(rows)
    assert rows[0] == 0
    assert 99 - rows[-1] <= 100 / len(rows)


def test_every_generator_takes_another_seed():
    for name in GENERATORS:
        assert reseeded(f"{name}(n=3, vertices=5, points=2)").startswith(f"{name}(n=3")
        assert "seed=1000003" in reseeded(f"{name}(n=3)")
    assert reseeded("flights_bts_3m.origin") == ""
    assert reseeded("uniform_points(n=3, seed=7).x") == "uniform_points(n=3, seed=1000010).x"
