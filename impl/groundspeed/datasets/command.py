"""`groundspeed data`: which data sets there are, fetch them, check them, read about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from groundspeed.datasets import cache, fetching, registry
from groundspeed.datasets.errors import DatasetError

app = typer.Typer(help="Real data sets: list, fetch, verify, read about.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a data set, as `list` shows it.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names of data sets; none: those of --tier.")]
Tier = Annotated[str, typer.Option(help="light (pip only), optional (needs more, see the cards), or all.")]


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
            size, there = f"{dataset.source.bytes / 1e6:.0f} MB", "yes" if fetching.fetched(dataset) else "no"
            licence = dataset.licence.partition(";")[0]
            rows.append((dataset.name, f"{dataset.records:,}", size, dataset.tier, there, licence))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@app.command()
def fetch(names: Names = None, tier: Tier = "all") -> None:
    """Download, check and decode data sets; those in the cache already cost nothing.

    A set that fails does not keep the others from being fetched. The exit status is then 1, unless it is an
    optional one that was not asked for by name or by `--tier optional`.
    """
    with _told():
        chosen = [registry.get(name) for name in names] if names else _of_tier(tier)
    failed = False
    for dataset in chosen:
        try:
            typer.echo(f"{dataset.name}: {fetching.fetch(dataset.name)}")
        except DatasetError as error:
            needed = bool(names) or dataset.tier == "light" or tier == "optional"
            failed |= needed
            typer.echo(f"{'error' if needed else 'left out'}: {error}", err=True)
    if failed:
        raise typer.Exit(1)


def _of_tier(tier: str) -> list[registry.Dataset]:
    if tier not in (*registry.TIERS, "all"):
        raise DatasetError(f"--tier must be one of {', '.join(registry.TIERS)} or all, got {tier!r}")
    return [dataset for dataset in registry.entries().values() if tier in (dataset.tier, "all")]


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
