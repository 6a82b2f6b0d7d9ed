"""Archives of every kind: bombs, Debian packages, and those kept whole."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from toy_datasets import CSV, sha256, zipped

from groundspeed.datasets import DatasetError, archives
from groundspeed.datasets import zipped as members_of
from groundspeed.datasets.entry import File


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.json", bytes(300 << 20))
    with pytest.raises(DatasetError, match=r"zeros\.json would unpack .* do not use it"):
        list(members_of.members(tmp_path / "b.zip", "*.json"))
    (tmp_path / "b.zip").write_bytes(b"no")
    with pytest.raises(DatasetError, match="cannot be read"):
        list(members_of.members(tmp_path / "b.zip", "*.json"))


def debian(path: Path, member: str, content: bytes, kind: str = "xz") -> Path:
    """A Debian package of one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{kind}") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    parts = [("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), (f"data.tar.{kind}", packed.getvalue())]
    made = b"!<arch>\n"
    for name, body in parts:
        made += (
            f"{name:16}{0:12}{0:6}{0:6}{100644:8}{len(body):10}".encode()
            + b"`\n"
            + body
            + b"\n" * (len(body) % 2)
        )
    path.write_bytes(made)
    return path


@pytest.mark.parametrize("kind", ["xz", "gz"])
def test_a_debian_package(kind: str, tmp_path: Path) -> None:
    package, into = debian(tmp_path / "p.deb", "./usr/points.csv", CSV, kind), tmp_path / "into"
    into.mkdir()
    archives.unpack(package, [File("./usr/points.csv", len(CSV), sha256(CSV))], into)
    assert (into / "points.csv").read_bytes() == CSV
    with pytest.raises(DatasetError, match="cannot be unpacked"):
        archives.unpack(package, [File("./usr/other.csv", len(CSV), sha256(CSV))], into)


@pytest.mark.parametrize("content", [b"", b"<html>", b"!<arch>\n"])
def test_what_is_no_debian_package(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "p.deb").write_bytes(content)
    with pytest.raises(DatasetError, match=r"is not a Debian package|it has no data\.tar"):
        archives.unpack(tmp_path / "p.deb", [File("./a", 1, "0" * 64)], tmp_path)


def test_an_archive_may_be_kept_whole(tmp_path: Path) -> None:
    wheel, into = zipped(tmp_path / "t.whl", a=b"1"), tmp_path / "into"
    into.mkdir()
    content = wheel.read_bytes()
    archives.unpack(wheel, [File("t.whl", len(content), sha256(content))], into)
    assert (into / "t.whl").read_bytes() == content
