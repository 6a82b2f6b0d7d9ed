"""What the suite costs, told at its end: seconds per operation, and the tests that cost most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pytest

SECONDS_PER_OPERATION = 15
"""With sixty operations this is a quarter of an hour of one core, half of what the suite may take on two."""
DEAREST = 10


class Budget:
    """Adds up what tests took, set-up and tear-down included, over all processes."""

    def __init__(self, operations: Iterable[str]):
        self.operations = sorted(operations, key=len, reverse=True)
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.tests[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("cost")
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> Iterator[str]:
        groups: Counter[str] = Counter()
        for test, seconds in self.tests.items():
            groups[group(test, self.operations)] += seconds
        yield f"seconds per operation, for a budget of {SECONDS_PER_OPERATION}, and of the rest per folder:"
        for name, seconds in groups.most_common():
            over = name in self.operations and seconds > SECONDS_PER_OPERATION
            yield f"{seconds:8.1f}  {name}{'  (over the budget)' if over else ''}"
        yield f"{self.tests.total():8.1f}  in all"
        yield f"the {DEAREST} dearest tests:"
        for test, seconds in self.tests.most_common(DEAREST):
            yield f"{seconds:8.1f}  {test}"


def group(test: str, operations: Iterable[str]) -> str:
    """The operation that a test is about, by its path or parameters; the file or folder where it says none.

    Args:
        test: node id.
        operations: names, the longest first.

    Examples:
        >>> group("tests/operations/joins/test_point_in_polygon_cells.py::test_a", ["point_in_polygon"])
        'point_in_polygon'
        >>> group("tests/unit/test_every.py::test_a[haversine-cpu]", ["haversine"])
        'haversine'
        >>> group("tests/io/test_wkt.py::test_a", ["haversine"])
        'tests/io'
    """
    file, _, rest = test.partition("::")
    path = PurePosixPath(file)
    places = [part.removeprefix("test_") for part in (*path.parent.parts, path.stem)]
    values = rest.partition("[")[2].rstrip("]").split("-")
    for name in operations:
        if name in values or any(place == name or place.startswith(f"{name}_") for place in places):
            return name
    return file if "operations" in path.parts else "/".join(path.parts[:2])
