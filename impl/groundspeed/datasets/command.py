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

app = typer.Typer(
    name="groundspeed data",
    help="Real data sets: list, fetch, verify, read about.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

Name = Annotated[str, typer.Argument(help="Name of a data set, as `list` shows it.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names of data sets; none: those of --tier.")]
TIERS = "light (small, pip only), standard (light and more), full (standard and more) or web (large)."
Tier = Annotated[str, typer.Option(help=TIERS)]
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
    """Show every data set, small tiers first: records, size, tier, whether it is here, licence."""
    with _told():
        known = sorted(registry.entries().values(), key=lambda one: registry.TIERS.index(one.tier))
        rows = [("name", "records", "download", "tier", "fetched", "licence"), *map(_row, known)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    typer.echo("Read about one: groundspeed data card NAME. Fetch it: groundspeed data fetch NAME.", err=True)


def _row(dataset: Dataset) -> tuple[str, ...]:
    source, there = dataset.source, "yes" if fetching.fetched(dataset) else "no"
    size = _megabytes([dataset]) if source.sha256 else "see card"
    records = "see card" if dataset.records is None else f"{dataset.records:,}"
    return dataset.name, records, size, dataset.tier, there, dataset.licence.partition(";")[0]


def _megabytes(datasets: list[Dataset]) -> str:
    """Size of the downloads, each counted once; of those without a checksum only the card knows it."""
    sizes = {one.source.sha256: one.source.bytes for one in datasets}
    known = f"{sum(sizes.values()) / 1e6:.0f} MB" if any(sizes) else ""
    unknown = f"what {'the card says' if len(datasets) == 1 else 'their cards say'}" if "" in sizes else ""
    return " and ".join(filter(None, [known, unknown]))


@app.command()
def fetch(names: Names = None, tier: Tier = "light", accept_licence: Accept = False) -> None:
    """Download, check and decode data sets; those in the cache already cost nothing.

    The licence of a restricted set is shown first and must be accepted, here or with `--accept-licence`;
    where it is not, a set that was not named is left out. A set that fails does not keep the others from
    being fetched; the exit status is then 1.
    """
    with _told():
        chosen = [registry.get(name) for name in names] if names else registry.tier(tier)
        missing = [dataset for dataset in chosen if not fetching.fetched(dataset)]
    if missing:
        many = "data set" if len(missing) == 1 else "data sets"
        typer.echo(f"fetching {len(missing)} {many}, {_megabytes(missing)}, into {cache.root()}", err=True)
    done = [_fetched(dataset, accept_licence, named=bool(names)) for dataset in chosen]
    if not all(done):
        raise typer.Exit(1)


def _fetched(dataset: Dataset, accept_licence: bool, named: bool) -> bool:
    """Fetch one set and say where it is; False where it failed or where one that was named was refused."""
    try:
        agreed = accept_licence or _consent(dataset)
        typer.echo(f"{dataset.name}: {fetching.fetch(dataset.name, accept_licence=agreed)}")
    except licences.LicenceNotAccepted as error:
        typer.echo(f"{'error' if named else 'left out'}: {error}", err=True)
        return not named
    except DatasetError as error:
        typer.echo(f"error: {error}", err=True)
        return False
    return True


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
    """Compare the cache with the registry, checksums and numbers of records; exit 1 on any difference."""
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
    """Print the page about a data set: contents, licence, what is wrong with it, its independent truth."""
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
