"""`groundspeed data`: which data sets there are, fetch them, check them, read about them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from groundspeed.datasets import cache, fetching, licences, registry
from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.errors import DatasetError

app = typer.Typer(help="Real data sets: list, fetch, verify, read about.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a data set, as `list` shows it.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names of data sets; none: those of --tier.")]
TIERS = "light (small, pip only), standard (light and more), full (all of these, the default), web (large)."
Tier = Annotated[str | None, typer.Option(help=TIERS)]
Accept = Annotated[bool, typer.Option("--accept-licence", help="Agree to the terms of restricted sets.")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DatasetError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


@app.command("list")
def list_() -> None:
    """Show every data set: records, size of the download, licence, tier, and whether it is in the cache."""
    with _told():
        rows = [("name", "records", "download", "tier", "fetched", "licence")]
        for dataset in registry.entries().values():
            source, there = dataset.source, "yes" if fetching.fetched(dataset) else "no"
            size = f"{source.bytes / 1e6:.0f} MB" if source.sha256 else "see card"
            records = "see card" if dataset.records is None else f"{dataset.records:,}"
            licence = dataset.licence.partition(";")[0]
            rows.append((dataset.name, records, size, dataset.tier, there, licence))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@app.command()
def fetch(names: Names = None, tier: Tier = None, accept_licence: Accept = False) -> None:
    """Download, check and decode data sets; those in the cache already cost nothing.

    The licence of a restricted set is shown first and must be accepted, here or with --accept-licence. A set
    that fails does not keep the others from being fetched. The exit status is then 1, unless it is one of a
    larger tier that nobody asked for: not by name, and not by `--tier`.
    """
    with _told():
        chosen = [registry.get(name) for name in names] if names else registry.tier(tier or "full")
    asked = {"light", tier}
    failed = False
    for dataset in chosen:
        needed = bool(names) or dataset.tier in asked
        try:
            agreed = accept_licence or _consent(dataset)
            typer.echo(f"{dataset.name}: {fetching.fetch(dataset.name, accept_licence=agreed)}")
        except DatasetError as error:
            failed |= needed
            typer.echo(f"{'error' if needed else 'left out'}: {error}", err=True)
    if failed:
        raise typer.Exit(1)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _consent(dataset: Dataset) -> bool:
    """Ask a person; where nobody sits at the terminal, the answer is what was accepted before."""
    if licences.accepted(dataset) or fetching.fetched(dataset) or not _at_a_terminal():
        return False
    typer.echo(f"{dataset.name}: {dataset.licence}\n{dataset.restricted}\n{dataset.attribution}")
    return typer.confirm("Do you accept these terms?")


@app.command()
def verify(names: Names = None) -> None:
    """Compare the cache with the registry: checksums of files, numbers of records. Exit 1 on any
    difference."""
    with _told():
        known = registry.entries().values()
        chosen = names or [dataset.name for dataset in known if fetching.fetched(dataset)]
        if not chosen:
            raise DatasetError("nothing is fetched yet; run `groundspeed data fetch`")
        found = {name: fetching.verify(name) for name in chosen}
    for name, wrong in found.items():
        typer.echo("\n".join([f"{name}: {'differs' if wrong else 'ok'}", *(f"  {line}" for line in wrong)]))
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def card(name: Name) -> None:
    """Print the page about a data set: contents, licence, what is wrong with it, what it was checked
    against."""
    with _told():
        path = registry.get(name).card
        if not path.is_file():
            raise DatasetError(f"{name} has no card; write {path}")
    typer.echo(path.read_text(encoding="utf-8"))


@app.command()
def where(
    name: Annotated[str | None, typer.Argument(help="A data set; none: the whole cache.")] = None,
) -> None:
    """Print the folder of a data set in the cache, whether it is there yet or not."""
    with _told():
        typer.echo(cache.home(registry.get(name)) if name else cache.root())
