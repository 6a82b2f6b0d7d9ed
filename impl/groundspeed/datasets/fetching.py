"""Fetch a data set once, check it, decode it; then load its columns from the cache."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from tqdm import tqdm

from groundspeed.datasets import archives, cache, clients, content, licences, pins, readers, registry, store
from groundspeed.datasets.entry import Column, Dataset
from groundspeed.datasets.errors import DatasetError


def fetch(name: str, *, accept_licence: bool = False) -> Path:
    """Make sure that a data set is in the cache, decoded; do nothing where it is already.

    Args:
        name: of the data set.
        accept_licence: agree to the terms of a restricted set; remembered.

    Returns:
        Its folder in the cache.

    Raises:
        LicenceNotAccepted: the set is restricted and its terms were not accepted; the message has them.
        DatasetError: no such set, no client or network, a wrong checksum, a full or read-only disk.
    """
    dataset = registry.get(name)
    if accept_licence:
        licences.accept(dataset)
    steps = 1 + len(dataset.columns)
    with tqdm(total=steps, desc=name, disable=None, leave=False) as bar:
        _ensure_files(dataset)
        bar.update()
        for column in dataset.columns.values():
            _ensure_column(dataset, column)
            bar.update()
    return cache.home(dataset)


def fetched(dataset: Dataset) -> bool:
    """Whether the files and every decoded column are in the cache."""
    columns = dataset.columns.values()
    return _files(dataset).is_dir() and all(store.find(_stem(dataset, column)) for column in columns)


def read_column(name: str, column: str) -> store.Data:
    """One column of a data set, fetched if need be.

    Raises:
        DatasetError: no such set or column (near matches are listed), or it cannot be fetched.
    """
    dataset = registry.get(name)
    return _read_checked(dataset, dataset.column(column))


def verify(name: str) -> list[str]:
    """Compare what the cache holds of a data set with the registry.

    Returns:
        One line for every difference: changed, truncated or missing files, and columns with other content or
        another number of records than the registry says. Empty when all is well.

    Raises:
        DatasetError: no such set, or it has not been fetched.
    """
    dataset = registry.get(name)
    if not fetched(dataset):
        raise DatasetError(f"{name} is not in {cache.root()}; run `groundspeed data fetch {name}`")
    return [*_wrong_files(dataset), *_wrong_columns(dataset)]


def _wrong_files(dataset: Dataset) -> list[str]:
    wrong = []
    for file in pins.known(dataset).files:
        try:
            archives.check(_files(dataset) / file.name, file.bytes, file.sha256)
        except (DatasetError, FileNotFoundError) as error:
            wrong.append(str(error))
    return wrong


def _wrong_columns(dataset: Dataset) -> list[str]:
    wrong = []
    for column in dataset.columns.values():
        try:
            _check_counts(dataset, column, _read_checked(dataset, column))
        except DatasetError as error:
            wrong.append(str(error))
    return wrong


def _files(dataset: Dataset) -> Path:
    return cache.home(dataset) / "files"


def _ensure_files(dataset: Dataset) -> None:
    if _files(dataset).is_dir():
        return
    licences.ensure(dataset)
    with cache.staging(f"fetching {dataset.name}") as folder:
        given = cache.brought(dataset)
        archive = given if given.is_file() else clients.download(dataset.name, dataset.source, folder)
        for one in [dataset, *_waiting(dataset)]:
            _unpack(one, archive, folder / f"files-{one.name}")


def _waiting(dataset: Dataset) -> list[Dataset]:
    """The other sets of that archive that may be fetched and are not here: one download serves all."""
    return [
        one
        for one in registry.entries().values()
        if one.source == dataset.source
        and one.name != dataset.name
        and licences.accepted(one)
        and not _files(one).is_dir()
    ]


def _unpack(dataset: Dataset, archive: Path, folder: Path) -> None:
    """Check the archive, take the set's files out of it and move them to their place in the cache."""
    pins.check(dataset, archive)
    folder.mkdir()
    archives.unpack(archive, dataset.files, folder, dataset.source.limit)
    pins.record(dataset, archive, folder)
    cache.publish(folder, _files(dataset))


def _stem(dataset: Dataset, column: Column) -> Path:
    """Path of the decoded column, without suffix: another reader, code or option makes another file."""
    module, _ = _reader(dataset, column)
    options = json.dumps([column.reader, column.records, dict(column.options)], sort_keys=True)
    recipe = hashlib.sha256(
        options.encode() + inspect.getsource(module).encode() + inspect.getsource(store).encode()
    )
    return cache.home(dataset) / "columns" / f"{column.name}-{recipe.hexdigest()[:8]}"


def _ensure_column(dataset: Dataset, column: Column) -> Path:
    stem = _stem(dataset, column)
    found = store.find(stem)
    if found:
        return found
    _ensure_files(dataset)
    _, reader = _reader(dataset, column)
    value = reader(_files(dataset), **column.options)
    _check_counts(dataset, column, value)
    with cache.staging(f"decoding {dataset.name}.{column.name}") as folder:
        made = store.write(folder / stem.name, value)
        final = stem.with_name(made.name)
        record = folder / _recorded(final).name
        record.write_text(content.digest(value))
        cache.publish(record, _recorded(final))
        cache.publish(made, final)
    return final


def _recorded(path: Path) -> Path:
    """Where the content of a decoded column is recorded."""
    return path.with_suffix(".content")


def _read_checked(dataset: Dataset, column: Column) -> store.Data:
    """A decoded column, as long as it holds what the registry says, or what it held at first."""
    path = _ensure_column(dataset, column)
    value = store.read(path)
    record = _recorded(path)
    expected = column.content or (record.read_text() if record.is_file() else "")
    found = content.digest(value)
    if expected and found != expected:
        raise DatasetError(
            f"{dataset.name}.{column.name} has the content {found}, expected {expected}: {path} was changed; "
            f"delete it and load again, and if that does not help compare the reader {column.reader!r}"
        )
    return value


def _reader(dataset: Dataset, column: Column) -> tuple[ModuleType, Callable[..., store.Data]]:
    module, _, function = column.reader.rpartition(":")
    home = importlib.import_module(module) if module else readers
    if not hasattr(home, function):
        raise DatasetError(f"{dataset.name}.{column.name}: no reader {function!r} in {home.__name__}")
    reader = getattr(home, function)
    return sys.modules[reader.__module__], reader


def _check_counts(dataset: Dataset, column: Column, value: store.Data) -> None:
    found = (
        len(value) if column.records is not None else None,
        getattr(value, "num_vertices", None) if column.vertices is not None else None,
    )
    if found != (column.records, column.vertices):
        raise DatasetError(
            f"{dataset.name}.{column.name} has (records, vertices) = {found}, but the registry says "
            f"{(column.records, column.vertices)}; correct the reader or the registry"
        )
