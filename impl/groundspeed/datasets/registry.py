"""The registry: which real data sets there are, where they come from and how each column is read.

The shipped registry is `datasets/registry.toml`; GROUNDSPEED_REGISTRY names one more file of the same form,
for data sets of your own. Adding a set takes one entry and one card, `cards/<name>.md` beside the file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from groundspeed.datasets.errors import DatasetError, unknown

SHIPPED = Path(__file__).parent / "registry.toml"
TIERS = ("light", "optional")


@dataclass(frozen=True)
class File:
    """One file inside the archive.

    Attributes:
        member: its path there.
        bytes, sha256: of its content.
    """

    member: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The last part of `member`: what the file is called in the cache, whatever folders the archive
        has."""
        return PurePosixPath(self.member).name


@dataclass(frozen=True)
class Source:
    """Where the archive comes from.

    Attributes:
        kind: `pypi`, `npm` or `url`: the client that fetches it, see `clients`.
        archive: file name of what the client leaves.
        bytes, sha256: of the archive.
        package, version: for package clients.
        url: for `url`.
    """

    kind: str
    archive: str
    bytes: int
    sha256: str
    package: str = ""
    version: str = ""
    url: str = ""


@dataclass(frozen=True)
class Column:
    """One thing that can be loaded from a data set.

    Attributes:
        name: as in `"<data set>.<name>"`.
        what: in words, with the unit of values.
        reader: name of a function in `readers`, or `"package.module:function"`.
        records: number of rows; checked when read.
        options: keyword arguments of the reader.
        vertices: of all geometries, where that says more than the rows; checked when read.
    """

    name: str
    what: str
    reader: str
    records: int
    options: Mapping[str, Any] = field(default_factory=dict)
    vertices: int | None = None


@dataclass(frozen=True)
class Dataset:
    """One entry.

    Attributes:
        name: a Python identifier.
        title, what, version: for readers of reports; `version` is the data's own.
        tier: `light` (fetched by default, needs pip only) or `optional`.
        licence, attribution: terms of the data, not of the package that carries them.
        records: of the set's main column.
        extent: west, south, east, north of all geometries, in the unit of `crs`.
        crs: of the coordinates as published.
        source, files, columns: see there.
        folder: where the registry file lies; `cards/<name>.md` is beside it.
    """

    name: str
    title: str
    what: str
    version: str
    tier: str
    licence: str
    attribution: str
    records: int
    extent: tuple[float, float, float, float]
    crs: str
    source: Source
    files: tuple[File, ...]
    columns: Mapping[str, Column]
    folder: Path

    @property
    def card(self) -> Path:
        """The Markdown page about the set."""
        return self.folder / "cards" / f"{self.name}.md"

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            DatasetError: there is none; near matches are listed.
        """
        if name not in self.columns:
            raise unknown(f"column of {self.name}", name, self.columns)
        return self.columns[name]


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
    if len(dataset.extent) != 4:
        raise DatasetError(f"{where}: extent must be [west, south, east, north], got {list(dataset.extent)}")
    if len(set(names)) < len(names) or {"", ".", ".."} & set(names):
        raise DatasetError(f"{where}: every file needs a name of its own, got {names}")
