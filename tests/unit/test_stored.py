"""What is kept between processes: made once, seen whole, in the folder that was asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import platformdirs
import pytest

from groundspeed.engines.stored import folder, stored


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_CACHE", str(tmp_path))
    return tmp_path


def test_a_file_is_made_once(cache):
    made = []

    def make(path):
        made.append(path)
        path.write_text("made")

    paths = {stored("kind", "name.txt", make) for _ in range(3)}
    assert paths == {cache / "kind" / "name.txt"}
    assert len(made) == 1
    assert (cache / "kind" / "name.txt").read_text() == "made"


def test_a_file_that_failed_leaves_nothing(cache):
    def fail(path):
        path.write_text("half")
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        stored("kind", "name.txt", fail)
    assert list((cache / "kind").iterdir()) == []


def test_two_makers_at_a_time(cache):
    together = threading.Barrier(2, timeout=60)

    def make(path):
        path.write_text("made")
        together.wait()

    threads = [threading.Thread(target=stored, args=("kind", "name.txt", make)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in (cache / "kind").iterdir()] == ["name.txt"]


def test_the_folder_is_the_users_unless_another_is_asked_for(cache, monkeypatch):
    assert folder() == cache
    monkeypatch.delenv("GROUNDSPEED_CACHE")
    assert folder() == Path(platformdirs.user_cache_dir("groundspeed"))
