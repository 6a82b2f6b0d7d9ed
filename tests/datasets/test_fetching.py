"""Fetching: once, whole, also by several at once; then columns come from the cache."""

from __future__ import annotations

import errno
import io
import shutil
import sys
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from toy_datasets import CSV, SOURCE, failing, leftovers, sha256, zipped

from groundspeed.datasets import DatasetError, archives, cache, clients, fetching, load, registry
from groundspeed.datasets.entry import File


def test_a_set_is_fetched_once(toy: list[str], data_folder: Path) -> None:
    home = fetching.fetch("toy")
    assert fetching.fetch("toy") == home
    assert len(load("toy.points")) == 6
    assert toy == ["toy"]
    assert sorted(path.name for path in (home / "files").iterdir()) == ["points.csv"]
    assert leftovers(data_folder) == []


def test_loading_does_not_decode_again(toy: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = load("toy.points")
    shutil.rmtree(fetching.fetch("toy") / "files")
    assert load("toy.points").equals(first)


def test_two_at_once_do_not_disturb_each_other(toy: list[str], data_folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        homes = set(pool.map(fetching.fetch, ["toy"] * 8))
    assert len(homes) == 1
    assert fetching.verify("toy") == []
    assert leftovers(data_folder) == []


def test_an_archive_brought_along_needs_no_client(
    register: Callable[..., Path], archive: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(clients.CLIENTS, "pypi", failing)
    register(archive)
    (data_folder / "archives").mkdir(parents=True)
    shutil.copy(archive, data_folder / "archives")
    assert len(load("toy.points")) == 6


def test_a_tar_and_a_plain_file(tmp_path: Path) -> None:
    digest = sha256(CSV)
    path, into = tmp_path / "toy.tar.gz", tmp_path / "into"
    into.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("deep/points.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))
    archives.unpack(path, [File("deep/points.csv", len(CSV), digest)], into)
    assert (into / "points.csv").read_bytes() == CSV
    (tmp_path / "points.csv").write_bytes(CSV)
    archives.unpack(tmp_path / "points.csv", [File("points.csv", len(CSV), digest)], into)
    with pytest.raises(DatasetError, match="is not an archive that holds other"):
        archives.unpack(tmp_path / "points.csv", [File("other", 1, digest)], into)


def test_a_cache_that_is_complete_may_be_read_only(toy: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fetching.fetch("toy")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(cache.tempfile, "mkdtemp", fail)
    assert len(load("toy.points")) == 6


@pytest.mark.parametrize("column", ["points", "table"])
def test_a_damaged_column_is_named(column: str, toy: list[str]) -> None:
    folder = fetching.fetch("toy") / "columns"
    path = next(folder.glob(f"{column}-*"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DatasetError, match=r"is damaged .* delete it and load again") as caught:
        load(f"toy.{column}")
    assert str(path) in str(caught.value)
    path.unlink()
    assert len(load(f"toy.{column}")) > 0


def test_verify_finds_what_changed(toy: list[str]) -> None:
    with pytest.raises(DatasetError, match="run `groundspeed data fetch toy`"):
        fetching.verify("toy")
    folder = fetching.fetch("toy")
    assert fetching.verify("toy") == []
    file = folder / "files" / "points.csv"
    file.write_bytes(CSV.replace(b"7,8", b"7,9"))
    column = next((folder / "columns").glob("points-*"))
    column.write_bytes(b"no")
    assert [line.split(" is ")[1].split(" ")[0] for line in fetching.verify("toy")] == ["not", "damaged"]
    file.unlink()
    assert any("No such file" in line for line in fetching.verify("toy"))


def test_another_recipe_is_decoded_anew(toy: list[str], register: Callable[..., Path], archive: Path) -> None:
    assert load("toy.points").x[0] == 1.5
    path = register(archive)
    path.write_text(path.read_text().replace('x = "x", y = "y"', 'x = "y", y = "x"', 1))
    assert load("toy.points").x[0] == 2.0
    assert toy == ["toy"]


def test_rows_of_a_track_must_be_together(
    register: Callable[..., Path], tmp_path: Path, client: list[str], archive: Path
) -> None:
    content = b"track,x,y\na,1,2\nb,3,4\na,5,6\n"
    zipped(archive, **{"some/folder/points.csv": content})
    digest = sha256(content)
    register(archive, file_size=len(content), file_sha256=digest)
    with pytest.raises(DatasetError, match="the rows of one track are not together"):
        load("toy.tracks")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GROUNDSPEED_DATA", str(tmp_path))
    assert cache.root() == tmp_path
    monkeypatch.delenv("GROUNDSPEED_DATA")
    assert cache.root().parts[-2:] == ("groundspeed", "data")
    assert registry.get("flights_bts_3m").source.sha256[:8] in cache.home(registry.get("flights_bts_3m")).name


def test_pip_is_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(clients, "_run", lambda name, source, command, folder: seen.append(command))
    with pytest.raises(DatasetError, match="left nothing"):
        clients.download("toy", SOURCE, tmp_path)
    assert seen[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert "--no-binary=:all:" in seen[0]
