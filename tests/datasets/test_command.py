"""The command line: what a person sees, and the exit status a script sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundspeed.datasets import DatasetError, clients, registry
from groundspeed.datasets.command import app


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_list_shows_every_set(toy: list[str]) -> None:
    status, out, _ = run("list")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert status == 0
    assert next(iter(lines)) == "name"
    assert {"flights_bts_3m", "us_counties_states_500k", "geonames_cities500", "toy"} <= set(lines)
    assert "3,000,000" in lines["flights_bts_3m"]
    assert "standard" in lines["flights_bts_3m"]
    assert "see card" in lines["nyc_taxi_200901"]
    assert "CC-BY-4.0" in lines["geonames_cities500"]
    assert " no " in lines["toy"]
    run("fetch", "toy")
    assert " yes " in next(line for line in run("list")[1].splitlines() if line.startswith("toy"))


def test_fetch_then_verify(toy: list[str], data_folder: Path) -> None:
    status, out, _ = run("fetch", "toy")
    assert (status, out.strip()) == (0, f"toy: {next(data_folder.glob('toy-*'))}")
    assert run("verify") == (0, "toy: ok\n", "")
    (next(data_folder.glob("toy-*")) / "files" / "points.csv").write_bytes(b"changed")
    status, out, _ = run("verify", "toy")
    assert status == 1
    assert "toy: differs" in out
    assert "points.csv is truncated" in out


def test_verify_of_nothing_is_no_success(toy: list[str]) -> None:
    status, _, err = run("verify")
    assert status == 1
    assert "nothing is fetched yet" in err


def test_where(toy: list[str], data_folder: Path) -> None:
    assert run("where")[:2] == (0, f"{data_folder}\n")
    assert run("where", "toy")[1].startswith(f"{data_folder}/toy-")


def test_card() -> None:
    status, out, _ = run("card", "flights_bts_3m")
    assert status == 0
    assert out.startswith("# flights_bts_3m: 3 million US flights")


UNKNOWN = [
    ("fetch", "flight_bts_3m"),
    ("verify", "flight_bts_3m"),
    ("card", "flight_bts_3m"),
    ("where", "flight_bts_3m"),
]


@pytest.mark.parametrize("arguments", UNKNOWN, ids=lambda one: one[0])
def test_an_unknown_name_is_corrected(arguments: tuple[str, ...], data_folder: Path) -> None:
    status, _, err = run(*arguments)
    assert status == 1
    assert "did you mean 'flights_bts_3m'?" in err


@pytest.mark.parametrize(
    ("part", "whole"), [("nyc", "nyc_taxi_200901"), ("ais", "marinecadastre_ais_20220620")]
)
def test_part_of_a_name_is_completed(part: str, whole: str, data_folder: Path) -> None:
    assert f"did you mean '{whole}' or " in run("card", part)[2]


def test_a_set_without_a_card(toy: list[str]) -> None:
    status, _, err = run("card", "toy")
    assert status == 1
    assert "toy has no card; write " in err


def test_an_unknown_tier(toy: list[str]) -> None:
    status, _, err = run("fetch", "--tier", "heavy")
    assert status == 1
    assert "--tier must be one of light, standard, full, web, got 'heavy'" in err


def refuse(name: str, *_: object) -> None:
    raise DatasetError(f"{name}: no network")


@pytest.fixture
def failing_set(
    register: Callable[..., Path], archive: Path, client: list[str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The only registry: `toy`, which is light, and `extra`, which is standard and cannot be fetched."""
    path = register(archive)
    light = path.read_text()
    register(archive, name="extra", kind="npm")
    path.write_text(light + path.read_text().replace('"light"', '"standard"'))
    monkeypatch.setattr("groundspeed.datasets.registry.SHIPPED", path)
    monkeypatch.setitem(clients.CLIENTS, "npm", refuse)
    return path


ASKED = [
    ((), 0, False),
    (("--tier", "light"), 0, False),
    (("--tier", "standard"), 1, True),
    (("extra", "toy"), 1, True),
]


@pytest.mark.parametrize(("arguments", "status", "tried"), ASKED)
def test_a_set_that_fails_stops_no_other(
    arguments: tuple[str, ...], status: int, tried: bool, failing_set: Path
) -> None:
    found, out, err = run("fetch", *arguments)
    assert found == status
    assert ("error: extra: no network" in err) == tried
    assert "toy: " in out


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [((), 0, "left out"), (("extra", "toy"), 1, "error"), (("--accept-licence",), 0, "fetching")],
)
def test_what_was_not_agreed_to_is_left_out(
    arguments: tuple[str, ...], status: int, word: str, failing_set: Path, client: list[str]
) -> None:
    text = failing_set.read_text().replace('"standard"', '"light"').replace('"npm"', '"pypi"')
    head, extra = text.split("[extra]")
    failing_set.write_text(f"{head}[extra]\n{extra.replace('records = 6', RESTRICTED, 1)}")
    found, out, err = run("fetch", *arguments)
    assert found == status
    assert any(line.startswith(word) and "extra is restricted" in line for line in err.splitlines()) == (
        word != "fetching"
    )
    assert "toy: " in out


RESTRICTED = 'restricted = "Only on Sundays."\nrecords = 6'


def test_the_size_is_said_before(toy: list[str], data_folder: Path) -> None:
    assert run("fetch", "toy")[2] == f"fetching 1 data set, 0 MB, into {data_folder}\n"
    assert run("fetch", "toy")[2] == ""


@pytest.mark.parametrize(
    ("names", "size"),
    [
        (["tracktable_ais", "tracktable_gshhg_h"], "2 data sets, 70 MB,"),
        (["tracktable_ais", "nyc_taxi_200901"], "2 data sets, 70 MB and what their cards say,"),
        (["nyc_taxi_200901"], "1 data set, what the card says,"),
    ],
)
def test_one_download_is_counted_once(
    names: list[str], size: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSPEED_OFFLINE", "1")
    status, _, err = run("fetch", *names)
    assert status == 1
    assert err.startswith(f"fetching {size}")


def test_small_tiers_come_first_in_the_list(toy: list[str]) -> None:
    tiers = [line.split() for line in run("list")[1].splitlines()[1:]]
    found = [next(word for word in words if word in registry.TIERS) for words in tiers]
    assert found == sorted(found, key=registry.TIERS.index)


def test_help_is_not_broken_in_the_middle_of_a_sentence() -> None:
    """Paragraphs are wrapped to the terminal, not where the source wraps them."""
    text = run("fetch", "--help")[1]
    lines = [line.strip() for line in text.splitlines() if "A set that fails" in line]
    assert len(lines) == 1
    assert len(lines[0]) > 60
