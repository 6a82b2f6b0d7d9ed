"""What an entry of the registry says: a data set, its source, its files and its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from groundspeed.datasets.errors import unknown


@dataclass(frozen=True)
class File:
    """One file inside the archive.

    Attributes:
        member: its path there; the name of the archive itself keeps that whole.
        bytes, sha256: of its content; 0 and "" in a set that is trusted on first use.
    """

    member: str
    bytes: int = 0
    sha256: str = ""

    @property
    def name(self) -> str:
        """The last part of `member`: what the file is called in the cache, whatever folders the archive
        has."""
        return PurePosixPath(self.member).name


@dataclass(frozen=True)
class Source:
    """Where the archive comes from.

    Attributes:
        kind: `pypi`, `npm`, `debian`, `program` or `url`: the client that fetches it, see `clients`.
        archive: file name of what the client leaves.
        bytes, sha256: of the archive; 0 and "" for a `url` or `program` that is trusted on first use, see
            `pins`.
        package, version: for package clients.
        url: for `url`.
        command: for `program`, the command line that leaves the files, e.g. `"maker --rows 10"`.
        wheels: for `program`, sha256 of the wheels of its package, one for each platform.
        limit: bytes that each file of an archive without sha256 may unpack to at most.
    """

    kind: str
    archive: str
    bytes: int = 0
    sha256: str = ""
    package: str = ""
    version: str = ""
    url: str = ""
    command: str = ""
    wheels: Sequence[str] = ()
    limit: int = 0

    @property
    def origin(self) -> str:
        """The address, or the package and what is run of it."""
        return self.url or f"{self.package} {self.version} {self.command}".strip()

    @property
    def key(self) -> str:
        """What tells one version in the cache from another: of the content, or of the origin."""
        return (self.sha256 or hashlib.sha256(self.origin.encode()).hexdigest())[:8]


@dataclass(frozen=True)
class Column:
    """One thing that can be loaded from a data set.

    Attributes:
        name: as in `"<data set>.<name>"`.
        what: in words, with the unit of values.
        reader: name of a function in `readers`, or `"package.module:function"`.
        records: number of rows, checked when read; None where nobody here has counted them.
        options: keyword arguments of the reader.
        vertices: of all geometries, where that says more than the rows; checked when read.
        content: hash of what it decodes to, see `content.digest`; checked whenever it is loaded. "" where
            nobody here has decoded it, or last bits may differ: what it decodes to first is then recorded.
    """

    name: str
    what: str
    reader: str
    records: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    vertices: int | None = None
    content: str = ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One entry.

    Attributes:
        name: a Python identifier.
        title, what, version: for readers of reports; `version` is the data's own.
        tier: `light` (small, needs pip only), `standard`, `full` or `web`, see TIERS.
        licence, attribution: terms of the data, not of the package that carries them.
        restricted: terms that must be accepted before it is fetched; "" where using it needs no consent.
        records: of the set's main column; None where nobody here has counted them.
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
    restricted: str = ""
    records: int | None = None
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
