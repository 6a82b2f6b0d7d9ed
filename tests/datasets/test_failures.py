"""Every way fetching can go wrong: refused whole, nothing left behind, and the message says what to do."""

from __future__ import annotations

import errno
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_datasets import CSV, SOURCE, failing, leftovers, sha256, zipped

from groundspeed.datasets import DatasetError, archives, cache, clients, load, store
from groundspeed.datasets.entry import File


def nothing_kept(folder: Path) -> bool:
    return not folder.exists() or not list(folder.rglob("*"))


def test_no_network(toy: list[str], data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clients.CLIENTS, "pypi", failing)
    with pytest.raises(DatasetError, match="toy: no network"):
        load("toy.points")
    assert nothing_kept(data_folder)


def test_pip_without_network(
    register: Callable[..., Path], archive: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client, pointed at a port where nobody listens."""
    for name, value in {
        "INDEX_URL": "http://127.0.0.1:9/",
        "RETRIES": "0",
        "CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    register(archive)
    with pytest.raises(
        DatasetError, match=r"toy: `python.* -m pip download .*toy-points==1\.0` failed:"
    ) as caught:
        load("toy.points")
    assert f"check the network, or put toy-1.0.whl into {data_folder}/archives yourself" in str(caught.value)
    assert nothing_kept(data_folder)


def test_no_npm(register: Callable[..., Path], archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    register(archive, kind="npm")
    with pytest.raises(DatasetError, match=r"toy needs npm, .* install Node\.js.*`light` work without it"):
        load("toy.points")


def test_an_unknown_client(register: Callable[..., Path], archive: Path) -> None:
    register(archive, kind="ftp")
    with pytest.raises(
        DatasetError, match="source kind must be one of pypi, npm, debian, program, url, got 'ftp'"
    ):
        load("toy.points")


def test_a_client_that_leaves_something_else(
    toy: list[str], register: Callable[..., Path], archive: Path
) -> None:
    path = register(archive)
    path.write_text(path.read_text().replace('archive = "toy-1.0.whl"', 'archive = "toy-2.0.whl"'))
    with pytest.raises(DatasetError, match=r"was to leave toy-2\.0\.whl but left toy-1\.0\.whl"):
        load("toy.points")


FAILURES = [
    ("echo 'ERROR: [Errno 28] No space left on device' >&2; exit 1", "the disk is full: free some space"),
    ("echo '/usr/bin/python: No module named pip' >&2; exit 1", "python -m ensurepip"),
    ("printf 'chatter\\nERROR: bad thing\\nmore\\n' >&2; exit 3", "failed: ERROR: bad thing;"),
    ("exit 7", "failed: exit status 7;"),
    (
        "echo 'Could not fetch URL x: connection error: y'; echo 'ERROR: No match' >&2; exit 1",
        "cannot reach its",
    ),
]


@pytest.mark.parametrize(("script", "message"), FAILURES)
def test_a_client_that_fails_is_quoted(script: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        clients._run("toy", SOURCE, ["sh", "-c", script], tmp_path)
    assert message in str(caught.value)


WRONG = [
    ({"sha256": "0" * 64}, "is not the file that was pinned: sha256 "),
    ({"size": 10_000}, "is truncated: it has"),
    ({"size": 10}, "is too long: it has"),
    ({"file_sha256": "0" * 64}, "points.csv is not the file that was pinned"),
    ({"file_size": len(CSV) + 5}, "points.csv is truncated: it has"),
    ({"file_size": len(CSV) - 5}, "points.csv is longer than the"),
    ({"member": "some/other.csv"}, "cannot be unpacked"),
    ({"records": 7}, "has (records, vertices) = (6, None), but the registry says (7, None)"),
]


@pytest.mark.parametrize(("overrides", "message"), WRONG)
def test_what_is_not_as_pinned_is_refused(
    overrides: dict,
    message: str,
    register: Callable[..., Path],
    archive: Path,
    client: list[str],
    data_folder: Path,
) -> None:
    register(archive, **overrides)
    with pytest.raises(DatasetError) as caught:
        load("toy.points")
    assert message in str(caught.value)
    assert leftovers(data_folder) == []
    assert not list(data_folder.glob("*/columns/*"))


def test_a_truncated_archive(toy: list[str], archive: Path, data_folder: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(DatasetError, match=r"truncated: it has 100 bytes, expected"):
        load("toy.points")
    assert nothing_kept(data_folder)


def test_an_archive_that_is_none(register: Callable[..., Path], tmp_path: Path, client: list[str]) -> None:
    fake = tmp_path / "toy-1.0.whl"
    fake.write_bytes(b"<html>not found</html>")
    register(fake)
    with pytest.raises(DatasetError, match="cannot be unpacked: File is not a zip file"):
        load("toy.points")


def test_nothing_leaves_the_folder(tmp_path: Path) -> None:
    """Members are named by the registry, so an archive cannot choose where its files go."""
    evil = zipped(tmp_path / "evil.zip", **{"../../evil.csv": CSV, "/abs.csv": CSV})
    into = tmp_path / "a" / "b"
    into.mkdir(parents=True)
    files = [File(name, len(CSV), sha256(CSV)) for name in ("../../evil.csv", "/abs.csv")]
    archives.unpack(evil, files, into)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.csv")) == [
        "a/b/abs.csv",
        "a/b/evil.csv",
    ]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    path, into = tmp_path / "evil.tgz", tmp_path / "into"
    into.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("points.csv")
        link.type, link.linkname = kind, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(DatasetError, match=r"points\.csv is not a regular file"):
        archives.unpack(path, [File("points.csv", 10, "0" * 64)], into)
    assert list(into.iterdir()) == []


DISKS = [
    (errno.ENOSPC, "the disk is full; free some space or set GROUNDSPEED_DATA"),
    (errno.EROFS, "the folder cannot be written to; set GROUNDSPEED_DATA"),
    (errno.EACCES, "the folder cannot be written to; set GROUNDSPEED_DATA"),
    (errno.EIO, "check the folder, or set GROUNDSPEED_DATA"),
]


PLACES = [(Path, "mkdir"), (archives, "unpack"), (store, "write"), (cache, "publish")]


@pytest.mark.parametrize(("number", "message"), DISKS)
@pytest.mark.parametrize(("owner", "function"), PLACES, ids=lambda one: getattr(one, "__name__", one))
def test_a_disk_that_fails(
    number: int,
    message: str,
    owner: object,
    function: str,
    toy: list[str],
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "the disk says no")

    with monkeypatch.context() as patched, pytest.raises(DatasetError) as caught:
        patched.setattr(owner, function, fail)
        load("toy.points")
    assert message in str(caught.value)
    assert str(data_folder) in str(caught.value)
    assert leftovers(data_folder) == []
    assert len(load("toy.points")) == 6  # and nothing broken is left behind


def test_a_file_where_the_cache_should_be(toy: list[str], data_folder: Path) -> None:
    data_folder.write_text("in the way")
    with pytest.raises(DatasetError, match="set GROUNDSPEED_DATA to another one"):
        load("toy.points")
