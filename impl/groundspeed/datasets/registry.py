"""The registry: which real data sets there are, where they come from and how each column is read.

The shipped registry is `datasets/registry.toml`; GROUNDSPEED_REGISTRY names one more file of the same form,
for data sets of your own. Adding a set takes one entry and one card, `cards/<name>.md` beside the file.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from groundspeed.datasets.entry import Column, Dataset, File, Source
from groundspeed.datasets.errors import DatasetError, unknown

SHIPPED = Path(__file__).parent / "registry.toml"
UNPINNED = ("url", "program")
"""Kinds of sources that may be trusted on first use: a publisher without checksums, and a program, whose
package is pinned but whose numbers may differ in the last bit between processors."""
TIERS = ("light", "standard", "full", "web")
"""Each but the last holds those before it. `web` sets come from their owners' servers, are large, and
have been fetched by nobody here: what the first download brings is trusted and recorded."""


def entries() -> dict[str, Dataset]:
    """Every data set by name: those shipped, then those of the file GROUNDSPEED_REGISTRY.

    >>> from groundspeed.datasets import registry
    >>> registry.entries()["flights_bts_3m"].records
    3000000
    """
    extra = os.environ.get("GROUNDSPEED_REGISTRY")
    return {**read(SHIPPED), **(read(Path(extra)) if extra else {})}


def get(name: str) -> Dataset:
    """The data set of that name.

    Raises:
        DatasetError: there is none; near matches are listed.
    """
    known = entries()
    if name not in known:
        raise unknown("data set", name, known)
    return known[name]


def tier(name: str) -> list[Dataset]:
    """The data sets of a tier: `standard` and `full` hold the smaller tiers, `web` stands alone.

    Raises:
        DatasetError: no such tier.
    """
    if name not in TIERS:
        raise DatasetError(f"--tier must be one of {', '.join(TIERS)}, got {name!r}")
    wanted = TIERS[: TIERS.index(name) + 1] if name != "web" else (name,)
    return [dataset for dataset in entries().values() if dataset.tier in wanted]


def read(path: Path) -> dict[str, Dataset]:
    """The entries of one registry file.

    Raises:
        DatasetError: the file is missing, is not TOML, or an entry lacks a key or has one too many.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(f"cannot read the registry {path}: {error}") from error
    return {name: _dataset(name, table, path) for name, table in tables.items()}


def _dataset(name: str, table: dict[str, Any], path: Path) -> Dataset:
    where = f"{path}: [{name}]"
    columns = {
        key: _build(Column, {"name": key, **column}, f"{where} columns.{key}")
        for key, column in table.get("columns", {}).items()
    }
    files = tuple(_build(File, file, f"{where} files") for file in table.get("files", ()))
    source = _build(Source, table.get("source", {}), f"{where} source")
    parts = {"name": name, "folder": path.parent, "columns": columns, "files": files, "source": source}
    made: Dataset = _build(Dataset, {**table, **parts, "extent": tuple(table.get("extent", ()))}, where)
    _check(made, where)
    return made


T = TypeVar("T")


def _build(kind: type[T], table: dict[str, Any], where: str) -> T:
    known = fields(kind)  # type: ignore[arg-type]
    required = {one.name for one in known if one.default is MISSING and one.default_factory is MISSING}
    missing, extra = required - table.keys(), table.keys() - {one.name for one in known}
    if missing or extra:
        wrong = [f"lacks {', '.join(sorted(missing))}"] * bool(missing)
        wrong += [f"has unknown keys {', '.join(sorted(extra))}"] * bool(extra)
        raise DatasetError(f"{where} {' and '.join(wrong)}")
    return kind(**table)


def _check(dataset: Dataset, where: str) -> None:
    names = [file.name for file in dataset.files]
    if not dataset.name.isidentifier():
        raise DatasetError(f"{where}: the name must be a Python identifier, e.g. my_points")
    if dataset.tier not in TIERS:
        raise DatasetError(f"{where}: tier must be one of {', '.join(TIERS)}, got {dataset.tier!r}")
    source = dataset.source
    if not source.sha256 and (source.kind not in UNPINNED or source.limit <= 0):
        kinds = " and ".join(map(repr, UNPINNED))
        raise DatasetError(
            f"{where} source needs sha256 and bytes; only kinds {kinds} may give a limit instead"
        )
    if source.kind == "program" and not (source.command and source.wheels):
        raise DatasetError(f"{where} source: kind 'program' needs a command, and wheels with their sha256")
    if not source.sha256 and Path(source.archive).suffix in (".gz", ".tgz", ".tar", ".deb"):
        raise DatasetError(
            f"{where} source: {source.archive} needs a sha256; without, it must be zip or plain"
        )
    if len(dataset.extent) != 4:
        raise DatasetError(f"{where}: extent must be [west, south, east, north], got {list(dataset.extent)}")
    if len(set(names)) < len(names) or {"", ".", ".."} & set(names):
        raise DatasetError(f"{where}: every file needs a name of its own, got {names}")
