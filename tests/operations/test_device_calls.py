"""What a call of every operation does on a device may not grow: launches, array calls, waits."""

from dataclasses import replace

import pytest
from requirements import need

from groundspeed import operations
from groundspeed.referee import discovery
from groundspeed.referee.device_calls import BOUNDS, Calls, count, read_committed, risen, write_committed

CASES = [(name, case.name) for name in operations.names() for case in discovery.cases(name, "smoke")]
SMALL = Calls("haversine_distance", "small", 4, 9, 2, 16, 800)


@pytest.mark.parametrize(("name", "case_name"), CASES)
def test_no_counter_rose(name, case_name):
    need("gcc", "numba_cuda")
    operation = discovery.operation(name)
    case = next(one for one in operation.cases if one.name == case_name)
    assert risen([count(operation, case)], read_committed()) == []


def test_every_row_is_of_a_smoke_case():
    assert sorted(row.key for row in read_committed()) == sorted(CASES)


@pytest.mark.parametrize("counter", BOUNDS)
def test_what_rose_is_named(counter):
    before = getattr(SMALL, counter)
    (said,) = risen([replace(SMALL, **{counter: before + 1})], [SMALL])
    assert f"haversine_distance/small: {counter} rose from {before} to {before + 1} a call" in said
    assert risen([replace(SMALL, **{counter: before - 1})], [SMALL]) == []


def test_a_case_without_bounds_is_named():
    assert "not in the committed table" in risen([SMALL], [])[0]


def test_an_update_leaves_other_operations_alone(tmp_path):
    write_committed([SMALL, replace(SMALL, operation="point_in_polygon")], tmp_path)
    write_committed([replace(SMALL, launches=1)], tmp_path)
    rows = {row.operation: row for row in read_committed(tmp_path)}
    assert rows["haversine_distance"].launches == 1
    assert rows["point_in_polygon"].launches == SMALL.launches
