"""Data that a program makes: a real package, installed by the real pip, from a folder of this machine."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_datasets import CSV, leftovers, sha256

from groundspeed.datasets import DatasetError, fetching, load, pins, programs, registry

MAKER = f"""#!python
import pathlib, sys
if sys.argv[1:] != ["--rows", "six or so"]:
    sys.exit("error: unknown rows")
pathlib.Path("points.csv").write_bytes({CSV!r})
pathlib.Path("other.txt").write_text("not wanted")
"""
ABOUT = "Metadata-Version: 2.1\nName: toy-points\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(folder: Path, program: str = MAKER) -> Path:
    """A package with one program, `toy-maker`."""
    info = "toy_points-1.0.dist-info"
    files = {
        "toy_points-1.0.data/scripts/toy-maker": program,
        f"{info}/METADATA": ABOUT,
        f"{info}/WHEEL": WHEEL,
    }
    lines = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    path = folder / "toy_points-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in [*files.items(), (f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,"]))]:
            about = zipfile.ZipInfo(name)
            about.external_attr = 0o100755 << 16  # pip keeps the mode of a program
            packed.writestr(about, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def made(
    register: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """Register the toy as what `toy-maker` makes; keywords replace parts of the entry."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    def write(command: str = "toy-maker --rows 'six or so'", pin: str = "", program: str = MAKER) -> Path:
        package = wheel(tmp_path, program)
        path = register(package, kind="program", member="points.csv")
        text = path.read_text().replace(package.name, "toy-6.zip")
        lines = [line for line in text.splitlines() if not line.startswith(("sha256", "bytes"))]
        about = [
            f'command = "{command}"',
            f'wheels = ["{pin or sha256(package.read_bytes())}"]',
            "limit = 1_000",
        ]
        at = lines.index("[toy.source]") + 1
        path.write_text("\n".join([*lines[:at], *about, *lines[at:]]))
        return path

    return write


def test_a_program_makes_the_data(made: Callable[..., Path], data_folder: Path) -> None:
    made()
    assert len(load("toy.points")) == 6
    assert fetching.fetch("toy").name.startswith("toy-")
    assert fetching.verify("toy") == []
    assert [path.name for path in (fetching.fetch("toy") / "files").iterdir()] == ["points.csv"]
    assert "toy-maker --rows" in pins.path(registry.get("toy")).read_text()
    assert leftovers(data_folder) == []


def test_another_package_is_not_run(made: Callable[..., Path]) -> None:
    made(pin="0" * 64)
    with pytest.raises(DatasetError, match=r"toy: .* install .* failed: .*(HASH|hash)"):
        load("toy.points")


REFUSED = [
    ({"command": "toy-taker"}, "toy: toy-points 1.0 has no program 'toy-taker'"),
    ({"command": "toy-maker --rows 7"}, "`toy-maker --rows 7` failed: error: unknown rows"),
    ({"program": "#!python\n"}, "cannot be unpacked: \"There is no item named 'points.csv'"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=lambda one: str(one)[:20])
def test_a_program_that_fails(
    change: dict, message: str, made: Callable[..., Path], data_folder: Path
) -> None:
    made(**change)
    with pytest.raises(DatasetError) as caught:
        load("toy.points")
    assert message in str(caught.value)
    assert leftovers(data_folder) == []


def test_another_result_is_refused(made: Callable[..., Path], data_folder: Path) -> None:
    """The key in the cache is that of the package and command; the wheel may be of another platform."""
    made()
    home = fetching.fetch("toy")
    for path in home.rglob("*.*"):
        path.unlink()
    (home / "files").rmdir()
    made(program=MAKER.replace("7,8", "7,9"))
    with pytest.raises(DatasetError, match=r"has changed toy-points 1\.0 toy-maker .* since it was first"):
        load("toy.points")


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("b", "a") if number == 1 else ("a", "b"):
            (folder / name).write_text(name)
        programs.pack(folder, tmp_path / f"{number}.zip")
        assert list(folder.iterdir()) == []
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
