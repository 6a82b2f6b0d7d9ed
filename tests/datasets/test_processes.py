"""Other programs: their progress moves a bar, their last words become the error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from groundspeed.datasets import DatasetError, clients, processes
from groundspeed.datasets.entry import Source

SAYS = "for n in (0, 300, 1000): print(f'Progress {n} of 1000')\nprint('Saved it')"


class Bar:
    """What tqdm was told."""

    def __init__(self, **options: Any) -> None:
        self.n, self.total, self.options, self.seen = 0, 0, options, []

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, more: int) -> None:
        self.n += more
        self.seen.append((self.n, self.total))


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    made: list[Bar] = []
    monkeypatch.setattr(processes, "tqdm", lambda **options: made.append(Bar(**options)) or made[-1])
    return made


def test_bytes_move_the_bar(bars: list[Bar], tmp_path: Path) -> None:
    processes.run("toy", [sys.executable, "-c", SAYS], tmp_path, "do something else")
    assert bars[0].seen == [(0, 1000), (300, 1000), (1000, 1000)]
    assert (bars[0].options["desc"], bars[0].options["unit"]) == ("toy", "B")


def test_progress_is_no_reason(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"failed: Saved it; do something else$"):
        processes.run("toy", [sys.executable, "-c", f"{SAYS}\nexit(3)"], tmp_path, "do something else")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"toy: no-such-program cannot be started: .*; do something else"):
        processes.run("toy", ["no-such-program"], tmp_path, "do something else")


@pytest.mark.parametrize(
    ("version", "bar"), [("24.0", "off"), ("24.1", "raw"), ("26.3.1", "raw"), ("23", "off")]
)
def test_pip_counts_where_it_can(
    version: str, bar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(clients.metadata, "version", lambda name: version)
    monkeypatch.setattr(clients, "_run", lambda name, source, command, folder: seen.append(command))
    with pytest.raises(DatasetError, match="left nothing"):
        clients.download("toy", Source("pypi", "toy.whl", package="toy", version="1"), tmp_path)
    assert seen[0][seen[0].index("--progress-bar") + 1] == bar
