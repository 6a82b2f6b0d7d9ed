"""Restricted sets: terms are shown and accepted before anything is fetched, and asked for once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundspeed.datasets import LicenceNotAccepted, command, fetch, licences, load
from groundspeed.datasets.command import app

TERMS = "Only on Sundays."


@pytest.fixture
def restricted(register: Callable[..., Path], archive: Path, client: list[str]) -> Path:
    """The registry of a toy set whose terms must be accepted."""
    path = register(archive)
    path.write_text(
        path.read_text().replace("records = 6\nextent", f'restricted = "{TERMS}"\nrecords = 6\nextent')
    )
    return path


def test_nothing_is_fetched_without_consent(restricted: Path, client: list[str]) -> None:
    with pytest.raises(LicenceNotAccepted, match=TERMS) as caught:
        load("toy.points")
    assert "CC0-1.0" in str(caught.value)
    assert "--accept-licence" in str(caught.value)
    assert "GROUNDSPEED_ACCEPT_LICENCE=toy" in str(caught.value)
    assert client == []


def test_consent_is_remembered_until_the_terms_change(restricted: Path, client: list[str]) -> None:
    home = fetch("toy", accept_licence=True)
    for path in (home / "files").iterdir():
        path.unlink()
    (home / "files").rmdir()
    fetch("toy")
    restricted.write_text(restricted.read_text().replace(TERMS, "Never."))
    assert len(load("toy.points")) == 6  # what is there stays usable
    for path in (home / "files", home / "columns"):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    with pytest.raises(LicenceNotAccepted, match="Never"):
        load("toy.points")


@pytest.mark.parametrize(
    ("value", "allowed"), [("toy", True), ("other, toy", True), ("to", False), ("", False)]
)
def test_consent_by_environment(
    value: str, allowed: bool, restricted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(licences.VARIABLE, value)
    if allowed:
        assert len(load("toy.points")) == 6
    else:
        with pytest.raises(LicenceNotAccepted):
            load("toy.points")


def test_a_script_must_say_so(restricted: Path) -> None:
    refused = CliRunner().invoke(app, ["fetch", "toy"])
    assert refused.exit_code == 1
    assert TERMS in refused.stderr
    assert CliRunner().invoke(app, ["fetch", "toy", "--accept-licence"]).exit_code == 0


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_person_is_asked(
    answer: str, status: int, restricted: Path, client: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_at_a_terminal", lambda: True)
    result = CliRunner().invoke(app, ["fetch", "toy"], input=answer)
    assert result.exit_code == status
    assert TERMS in result.stdout
    assert "Do you accept these terms?" in result.stdout
    assert client == ["toy"] * (status == 0)


def test_a_set_without_terms_needs_no_consent(toy: list[str]) -> None:
    assert len(load("toy.points")) == 6
    assert not list(Path(fetch("toy")).parent.glob("licences"))
