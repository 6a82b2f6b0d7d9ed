"""A cache of its own for every test, and toy data sets to put into it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy_datasets import CSV, ENTRY, sha256, zipped
from web_server import Web

from groundspeed.datasets import clients
from groundspeed.datasets.entry import Source


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GROUNDSPEED_DATA", str(folder))
    for variable in ("GROUNDSPEED_OFFLINE", "GROUNDSPEED_ACCEPT_LICENCE"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def register(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write and use a registry of one toy set around an archive; keywords override parts of the entry."""

    def write(archive: Path, name: str = "toy", **overrides: object) -> Path:
        content = archive.read_bytes()
        values = {
            "name": name,
            "kind": "pypi",
            "url": "",
            "archive": archive.name,
            "size": len(content),
            "sha256": sha256(content),
            "member": "some/folder/points.csv",
            "file_size": len(CSV),
            "file_sha256": sha256(CSV),
            "records": 6,
        }
        path = tmp_path / "registry.toml"
        path.write_text(ENTRY.format(**{**values, **overrides}))
        monkeypatch.setenv("GROUNDSPEED_REGISTRY", str(path))
        return path

    return write


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A wheel with the toy's file in it, and more than was asked for."""
    return zipped(tmp_path / "toy-1.0.whl", **{"some/folder/points.csv": CSV, "other.txt": b"not wanted"})


@pytest.fixture
def client(archive: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """pip replaced by a copy of the toy archive; the list has one entry per download."""
    calls: list[str] = []

    def copy(name: str, source: Source, into: Path) -> None:
        calls.append(name)
        shutil.copy(archive, into)

    monkeypatch.setitem(clients.CLIENTS, "pypi", copy)
    return calls


@pytest.fixture
def toy(register: Callable[..., Path], archive: Path, client: list[str]) -> list[str]:
    """A registered toy set whose download works; the list has one entry per download."""
    register(archive)
    return client


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """The temporary folder on a web server of this machine."""
    with Web(tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
