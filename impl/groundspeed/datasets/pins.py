"""Trust on first use: sizes and checksums of sets that publish none, recorded at the first download.

The record outlives the data: whoever fetches the set again gets the same bytes, or an error that says that
the publisher has changed them.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

from groundspeed.datasets import archives, cache
from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.errors import DatasetError


def path(dataset: Dataset) -> Path:
    """Where the record of a set lies."""
    return cache.root() / "pins" / f"{dataset.name}-{dataset.source.key}.json"


def known(dataset: Dataset) -> Dataset:
    """The set with what was recorded of its archive and files; as it is where it is pinned or was never here.

    Raises:
        DatasetError: the record is damaged.
    """
    if dataset.source.sha256 or not path(dataset).is_file():
        return dataset
    try:
        record = json.loads(path(dataset).read_text("utf-8"))
        files = [dataclasses.replace(file, **record["files"][file.name]) for file in dataset.files]
        source = dataclasses.replace(dataset.source, bytes=record["bytes"], sha256=record["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path(dataset)} is damaged ({error!r}); delete it and fetch again") from error
    return dataclasses.replace(dataset, source=source, files=tuple(files))


def check(dataset: Dataset, archive: Path) -> None:
    """Compare an archive with the registry, or with what was recorded at the first download.

    Raises:
        DatasetError: it differs; where the record is ours, the message says how to accept the new content.
    """
    expected = known(dataset).source
    if not expected.sha256:
        return
    try:
        archives.check(archive, expected.bytes, expected.sha256)
    except DatasetError as error:
        if dataset.source.sha256:
            raise
        raise DatasetError(
            f"{error}. The publisher has changed {dataset.source.origin} since it was first fetched here; to "
            f"trust the new content, delete {path(dataset)}"
        ) from error


def record(dataset: Dataset, archive: Path, folder: Path) -> None:
    """Write down what the first download brought; do nothing for a set that is pinned or was here before.

    Args:
        dataset: the set.
        archive: its archive.
        folder: of the files taken out of it.
    """
    if known(dataset).source.sha256:
        return
    files = {file.name: _sum(folder / file.name) for file in dataset.files}
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    about = {"url": dataset.source.origin, "fetched": when}
    path(dataset).parent.mkdir(parents=True, exist_ok=True)
    path(dataset).write_text(json.dumps({**about, **_sum(archive), "files": files}, indent=1), "utf-8")


def _sum(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}
