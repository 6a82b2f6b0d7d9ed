"""The cost that the suite tells at its end."""

from types import SimpleNamespace

import pytest
from budget import Budget, group

OPERATIONS = ["point_in_polygon_distance", "point_in_polygon", "read"]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/operations/test_point_in_polygon.py::test_a", "point_in_polygon"),
        ("tests/operations/joins/test_point_in_polygon_cells.py::test_a[x]", "point_in_polygon"),
        ("tests/operations/test_point_in_polygon_distance.py::test_a", "point_in_polygon_distance"),
        ("tests/operations/test_every_operation.py::test_a[read-arrow-cpu]", "read"),
        ("impl/groundspeed/operations/files/read/kernels.py::groundspeed.x", "read"),
        ("tests/operations/test_postgis.py::test_read", "tests/operations/test_postgis.py"),
        ("tests/io/test_reading.py::test_a[ready]", "tests/io"),
        ("impl/groundspeed/io/csv.py::groundspeed.io.csv", "impl/groundspeed"),
    ],
)
def test_groups(test, expected):
    assert group(test, OPERATIONS) == expected


def test_seconds_are_added_up():
    budget = Budget(OPERATIONS)
    for test, phase, seconds in [
        ("tests/operations/test_read.py::test_a", "setup", 10.0),
        ("tests/operations/test_read.py::test_a", "call", 6.5),
        ("tests/operations/test_point_in_polygon.py::test_b", "call", 2.0),
        *((f"tests/io/test_c.py::test_{k}", "call", 0.25) for k in range(20)),
    ]:
        budget.pytest_runtest_logreport(SimpleNamespace(nodeid=test, when=phase, duration=seconds))
    lines = [line.strip() for line in budget.lines()]
    assert lines[1:5] == [
        "16.5  read  (over the budget)",
        "5.0  tests/io",
        "2.0  point_in_polygon",
        "23.5  in all",
    ]
    assert lines[6] == "16.5  tests/operations/test_read.py::test_a"
    assert len(lines) == 6 + 10
