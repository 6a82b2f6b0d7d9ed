"""The registry and its cards: complete, consistent, and extended by adding files only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from web_server import Web

from groundspeed.datasets import DatasetError, load, readers, registry
from groundspeed.datasets.clients import CLIENTS
from groundspeed.datasets.entry import Column, Dataset

SHIPPED = registry.read(registry.SHIPPED)
COLUMNS = [(entry, column) for entry in SHIPPED.values() for column in entry.columns.values()]


def test_the_shipped_registry_is_the_one_at_the_top_of_the_repository() -> None:
    top = Path(__file__).parents[2] / "datasets"
    assert registry.SHIPPED.read_bytes() == (top / "registry.toml").read_bytes()
    assert {path.stem for path in (top / "cards").glob("*.md")} == set(SHIPPED)


@pytest.mark.parametrize("entry", SHIPPED.values(), ids=SHIPPED)
def test_an_entry_is_complete(entry: Dataset) -> None:
    assert entry.source.kind in CLIENTS
    assert entry.records in {column.records for column in entry.columns.values()}
    assert (entry.tier == "web") == (entry.source.kind == "url")
    trusted = entry.source.kind in registry.UNPINNED and entry.source.limit > 0
    for one in (entry.source, *entry.files):
        pinned = len(one.sha256) == 64 and one.bytes > 0
        assert pinned or (trusted and not one.sha256 and not one.bytes)
    assert all(len(sha256) == 64 for sha256 in entry.source.wheels)
    assert all((entry.title, entry.what, entry.version, entry.licence, entry.attribution))


def words_about(entry: Dataset) -> list[str]:
    """What the card must say of the source."""
    source = entry.source
    if source.kind == "url":
        return [source.url, "Nobody here has fetched this URL"]
    size = f"{source.bytes / 1e6:.0f} MB to download" if source.sha256 else "MB to download"
    return [source.package, source.version, source.command, size]


@pytest.mark.parametrize("entry", SHIPPED.values(), ids=SHIPPED)
def test_a_card_says_what_the_registry_says(entry: Dataset) -> None:
    text = entry.card.read_text()
    prose = " ".join(text.split())
    assert text.startswith(f"# {entry.name}: {entry.title}")
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == set(entry.columns)
    for name, column in entry.columns.items():
        counted = "not counted" if column.records is None else f"{column.records:,}"
        assert rows[name].split("|")[3].strip() == counted
        assert column.vertices is None or f"{column.vertices:,} vertices" in rows[name]
    assert all(word in prose for word in words_about(entry))
    assert ("**Restricted**" in text) == bool(entry.restricted)
    assert max(map(len, (line for line in text.splitlines() if not line.startswith("|")))) <= 130
    for heading in ("Source", "Licence", "What to know", "Truth"):
        assert f"**{heading}.**" in text


@pytest.mark.parametrize(("entry", "column"), COLUMNS, ids=lambda one: one.name)
def test_a_reader_exists_and_reads_a_listed_file(entry: Dataset, column: Column) -> None:
    assert callable(getattr(readers, column.reader))
    files = [value for key, value in column.options.items() if key in ("file", "files", "index", "places")]
    named = {
        name.partition("!")[0] for value in files for name in ([value] if isinstance(value, str) else value)
    }
    assert named
    assert named <= {file.name for file in entry.files}


UNPINNED = """[toy]
title = "x"
what = "x"
version = "x"
tier = "web"
licence = "x"
attribution = "x"
extent = [0, 0, 1, 1]
crs = "EPSG:4326"
[toy.source]
kind = "{kind}"
archive = "{archive}"
limit = {limit}
"""

BROKEN = [
    ("nonsense = [", "cannot read the registry"),
    ("[toy]\ntitle = 'x'", "lacks archive, kind"),
    (
        UNPINNED.format(kind="pypi", archive="a.whl", limit=5),
        "only kinds 'url' and 'program' may give a limit",
    ),
    (UNPINNED.format(kind="url", archive="a.zip", limit=0), "needs sha256 and bytes"),
    (
        UNPINNED.format(kind="url", archive="a.tar.gz", limit=5),
        "needs a sha256; without, it must be zip or plain",
    ),
    (UNPINNED.format(kind="program", archive="a.zip", limit=5), "needs a command, and wheels"),
    ("[toy]\ncolour = 'red'\n[toy.source]\nkind='url'\narchive='a'\nbytes=1\nsha256='0'", "colour"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_registry_is_explained(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(text)
    with pytest.raises(DatasetError, match=r"registry\.toml") as caught:
        registry.read(path)
    assert message in str(caught.value)


WRONG = [
    ({"name": "my-toy"}, "must be a Python identifier"),
    ({"member": "folder/.."}, "every file needs a name of its own"),
]


@pytest.mark.parametrize(("overrides", "message"), WRONG)
def test_a_wrong_entry_is_explained(
    overrides: dict, message: str, register: Callable[..., Path], archive: Path
) -> None:
    path = register(archive, **overrides)
    with pytest.raises(DatasetError, match=message):
        registry.read(path)


def test_a_missing_registry_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSPEED_REGISTRY", "nowhere.toml")
    with pytest.raises(DatasetError, match=r"cannot read the registry nowhere\.toml"):
        registry.entries()


def test_a_set_is_added_by_files_only(register: Callable[..., Path], archive: Path, web: Web) -> None:
    register(archive, name="mine", kind="url", url=f"{web.address}/{archive.name}")
    assert len(load("mine.points")) == 6
    assert "mine" in registry.entries()
    assert "flights_bts_3m" in registry.entries()


def test_a_reader_of_ones_own(
    register: Callable[..., Path],
    archive: Path,
    client: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "my_reader.py").write_text(
        "import numpy\ndef six(folder, **_):\n    return numpy.arange(6.0)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = register(archive)
    path.write_text(path.read_text().replace('"csv_points"', '"my_reader:six"'))
    assert load("toy.points").tolist() == [0, 1, 2, 3, 4, 5]


def test_a_missing_reader_is_explained(
    register: Callable[..., Path], archive: Path, client: list[str]
) -> None:
    path = register(archive)
    path.write_text(path.read_text().replace('"csv_points"', '"csv_point"'))
    with pytest.raises(DatasetError, match=r"toy\.points: no reader 'csv_point'"):
        load("toy.points")


def test_a_page_that_is_not_there(register: Callable[..., Path], archive: Path, web: Web) -> None:
    register(archive, kind="url", url=f"{web.address}/nothing.whl")
    with pytest.raises(DatasetError, match=r"downloading .* failed: 404"):
        load("toy.points")


def test_a_page_of_another_content(register: Callable[..., Path], archive: Path, web: Web) -> None:
    register(archive, kind="url", url=f"{web.address}/{archive.name}", sha256="0" * 64)
    with pytest.raises(DatasetError, match="is not the file that was pinned"):
        load("toy.points")


def test_tiers_hold_the_smaller_ones() -> None:
    light, standard, full, web = ({one.name for one in registry.tier(name)} for name in registry.TIERS)
    assert light < standard < full
    assert not web & full
    assert web | full == set(SHIPPED)
    assert {SHIPPED[name].source.kind for name in light} == {"pypi"}
    assert not any(SHIPPED[name].restricted for name in light)
    assert sum(SHIPPED[name].source.bytes for name in light) < 100_000_000
    with pytest.raises(DatasetError, match="--tier must be one of light, standard, full, web, got 'all'"):
        registry.tier("all")
