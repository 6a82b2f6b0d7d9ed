"""Sets from their owners' servers: resumed, recorded at the first download, held to that record
afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_datasets import CSV, leftovers, sha256, zipped
from web_server import Web

from groundspeed.datasets import DatasetError, clients, fetching, load, pins, registry, resume
from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.resume import PIECE


@pytest.fixture
def unpinned(register: Callable[..., Path], archive: Path, web: Web) -> Dataset:
    """The toy set on a web server, without any checksum, in a zip file."""
    wheel = archive.with_suffix(".zip")
    shutil.copy(archive, wheel)
    path = register(wheel, kind="url", url=f"{web.address}/{wheel.name}")
    lines = [line for line in path.read_text().splitlines() if not line.startswith(("sha256", "bytes"))]
    text = "\n".join(lines).replace('archive = "', 'limit = 1_000\narchive = "').replace('"light"', '"web"')
    path.write_text(text)
    return registry.get("toy")


def forget(dataset: Dataset, data_folder: Path) -> None:
    """Lose the data, keep the record."""
    for path in data_folder.glob("toy-*"):
        shutil.rmtree(path)


def test_the_first_download_is_recorded(unpinned: Dataset, data_folder: Path) -> None:
    assert len(load("toy.points")) == 6
    record = json.loads(pins.path(unpinned).read_text())
    assert record["url"] == unpinned.source.url
    assert record["files"] == {"points.csv": {"bytes": len(CSV), "sha256": sha256(CSV)}}
    assert pins.known(unpinned).source.sha256 == record["sha256"]
    fetching.fetch("toy")
    assert fetching.verify("toy") == []
    assert leftovers(data_folder) == []


def test_verify_compares_with_the_record(unpinned: Dataset) -> None:
    home = fetching.fetch("toy")
    (home / "files" / "points.csv").write_bytes(CSV.replace(b"7,8", b"7,9"))
    assert "is not the file that was pinned" in fetching.verify("toy")[0]


def test_the_same_content_comes_again(unpinned: Dataset, data_folder: Path) -> None:
    fetching.fetch("toy")
    before = pins.path(unpinned).read_text()
    forget(unpinned, data_folder)
    assert len(load("toy.points")) == 6
    assert pins.path(unpinned).read_text() == before


def test_another_content_is_refused(unpinned: Dataset, data_folder: Path, tmp_path: Path) -> None:
    fetching.fetch("toy")
    forget(unpinned, data_folder)
    zipped(tmp_path / "toy-1.0.zip", **{"some/folder/points.csv": CSV + b"d,1,1\n"})
    with pytest.raises(DatasetError, match="The publisher has changed") as caught:
        load("toy.points")
    assert f"delete {pins.path(unpinned)}" in str(caught.value)
    pins.path(unpinned).unlink()
    with pytest.raises(DatasetError, match=r"\(7, None\)"):
        load("toy.points")


def test_a_damaged_record(unpinned: Dataset) -> None:
    fetching.fetch("toy")
    pins.path(unpinned).write_text("{}")
    with pytest.raises(DatasetError, match=r"is damaged .* delete it and fetch again"):
        fetching.verify("toy")


def test_an_unknown_size_has_a_limit(unpinned: Dataset, tmp_path: Path, data_folder: Path) -> None:
    zipped(tmp_path / "toy-1.0.zip", **{"some/folder/points.csv": CSV + b"0" * 2_000})
    with pytest.raises(DatasetError, match="longer than the 1,000 bytes"):
        load("toy.points")
    assert leftovers(data_folder) == []
    assert not pins.path(unpinned).exists()


@pytest.fixture
def big(tmp_path: Path) -> bytes:
    content = bytes(range(256)) * 20_000
    (tmp_path / "big.bin").write_bytes(content)
    return content


def fetch(web: Web, into: Path) -> bytes:
    into.mkdir(exist_ok=True)
    resume.download("big", f"{web.address}/big.bin", into / "big.bin")
    return (into / "big.bin").read_bytes()


def break_off(web: Web, into: Path) -> None:
    web.break_after = 2 * PIECE
    with pytest.raises(DatasetError, match=r"big: downloading .* failed: .*run it again to go on"):
        fetch(web, into)
    assert not (into / "big.bin").exists()
    web.break_after = None


def test_an_interrupted_download_goes_on(web: Web, big: bytes, data_folder: Path, tmp_path: Path) -> None:
    break_off(web, tmp_path / "one")
    assert fetch(web, tmp_path / "two") == big
    assert web.seen == [None, f"bytes={2 * PIECE}-"]
    assert not list((data_folder / "parts").iterdir())


def test_it_goes_on_more_than_once(web: Web, big: bytes, data_folder: Path, tmp_path: Path) -> None:
    break_off(web, tmp_path / "one")
    web.break_after = PIECE
    with pytest.raises(DatasetError):
        fetch(web, tmp_path / "two")
    web.break_after = None
    assert fetch(web, tmp_path / "three") == big
    assert web.seen[-1] == f"bytes={3 * PIECE}-"


ANEW = [{"tag": '"two"'}, {"ranges": False}, {"tag": ""}]


@pytest.mark.parametrize("change", ANEW, ids=str)
def test_it_starts_anew_where_it_cannot_go_on(
    change: dict, web: Web, big: bytes, data_folder: Path, tmp_path: Path
) -> None:
    """The file has changed, the server knows no ranges, or it had not said which version the part is of."""
    if change == {"tag": ""}:
        web.tag = ""
    break_off(web, tmp_path / "one")
    for name, value in change.items():
        setattr(web, name, value)
    (tmp_path / "big.bin").write_bytes(big[::-1])
    assert fetch(web, tmp_path / "two") == big[::-1]


def test_another_part_is_refused(web: Web, big: bytes, data_folder: Path, tmp_path: Path) -> None:
    break_off(web, tmp_path / "one")
    web.shift = 5
    with pytest.raises(DatasetError, match=r"asked for bytes from 2,097,152 on, got another part"):
        fetch(web, tmp_path / "two")


def test_a_weak_tag_is_none(web: Web, big: bytes, data_folder: Path, tmp_path: Path) -> None:
    web.tag = 'W/"one"'
    break_off(web, tmp_path / "one")
    assert fetch(web, tmp_path / "two") == big
    assert web.seen == [None, None]


def test_a_part_as_long_as_the_file_starts_anew(
    web: Web, big: bytes, data_folder: Path, tmp_path: Path
) -> None:
    break_off(web, tmp_path / "one")
    (tmp_path / "big.bin").write_bytes(big[: 2 * PIECE])
    assert fetch(web, tmp_path / "two") == big[: 2 * PIECE]


def test_offline_forbids_what_is_not_there(toy: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSPEED_OFFLINE", "1")
    with pytest.raises(DatasetError, match=r"GROUNDSPEED_OFFLINE forbids .* put toy-1\.0\.whl into"):
        load("toy.points")
    monkeypatch.setenv("GROUNDSPEED_OFFLINE", "0")
    load("toy.points")
    monkeypatch.setenv("GROUNDSPEED_OFFLINE", "1")
    assert len(load("toy.points")) == 6
    assert toy == ["toy"]


def test_no_apt_get(register: Callable[..., Path], archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients.shutil, "which", lambda name: None)
    register(archive, kind="debian")
    with pytest.raises(
        DatasetError, match=r"needs apt-get, .* `apt-get download toy-points=1\.0`, or put toy"
    ):
        load("toy.points")
