"""Sets of one package are served by one download."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_datasets import leftovers, sha256, zipped

from groundspeed.datasets import fetching, load, registry

SHIPPED = registry.read(registry.SHIPPED)


@pytest.fixture
def twins(
    register: Callable[..., Path], archive: Path, client: list[str], tmp_path: Path
) -> Callable[..., None]:
    """Register `toy` and `twin`, which come from one archive; keywords change the twin's entry."""

    def write(restricted: bool = False, **overrides: object) -> None:
        toy = register(archive).read_text()
        path = register(archive, name="twin", **overrides)
        twin = path.read_text()
        if restricted:
            twin = twin.replace("records = 6\nextent", 'restricted = "No."\nrecords = 6\nextent')
        path.write_text(toy + twin)

    return write


@pytest.mark.parametrize("first", ["toy", "twin"])
def test_one_download_for_two_sets(
    first: str, twins: Callable[..., None], client: list[str], data_folder: Path
) -> None:
    twins()
    for name in (first, "toy", "twin"):
        assert len(load(f"{name}.points")) == 6
        fetching.fetch(name)
        assert fetching.verify(name) == []
    assert client == [first]
    assert leftovers(data_folder) == []


def test_the_other_is_not_decoded_before_it_is_asked_for(
    twins: Callable[..., None], data_folder: Path
) -> None:
    twins()
    load("toy.points")
    assert len(list(data_folder.glob("twin-*/files/*"))) == 1
    assert not list(data_folder.glob("twin-*/columns"))


def test_without_consent_nothing_of_the_other_is_kept(
    twins: Callable[..., None], client: list[str], data_folder: Path
) -> None:
    twins(restricted=True)
    load("toy.points")
    assert not list(data_folder.glob("twin-*"))
    fetching.fetch("twin", accept_licence=True)
    assert client == ["toy", "twin"]


def test_another_version_is_another_download(
    twins: Callable[..., None], client: list[str], archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = zipped(tmp_path / "other" / archive.name, **{"some/folder/points.csv": b"track,x,y\na,1,2\n"})
    twins(size=other.stat().st_size, sha256=sha256(other.read_bytes()), file_size=18)
    load("toy.points")
    assert client == ["toy"]
    assert not fetching.fetched(registry.get("twin"))


def test_what_is_there_already_stays(twins: Callable[..., None], data_folder: Path) -> None:
    twins()
    load("twin.points")
    file = next(data_folder.glob("twin-*/files/*"))
    file.write_text("changed")
    shutil.rmtree(next(data_folder.glob("toy-*")))
    load("toy.points")
    assert file.read_text() == "changed"


def test_the_tracktable_sets_share_theirs() -> None:
    assert SHIPPED["tracktable_ais"].source == SHIPPED["tracktable_gshhg_h"].source
