"""Consent to the terms of restricted sets: asked for before the first download, remembered in the cache."""

from __future__ import annotations

import datetime
import hashlib
import os
from pathlib import Path

from groundspeed.datasets import cache
from groundspeed.datasets.entry import Dataset
from groundspeed.datasets.errors import DatasetError

VARIABLE = "GROUNDSPEED_ACCEPT_LICENCE"
"""Names of data sets, separated by commas, whose terms the person who set it accepts."""


class LicenceNotAccepted(DatasetError):
    """A restricted set was asked for without consent to its terms."""


def accepted(dataset: Dataset) -> bool:
    """Whether the set needs no consent, or its present terms were accepted."""
    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]
    return not dataset.restricted or dataset.name in named or _note(dataset).is_file()


def accept(dataset: Dataset) -> None:
    """Remember that the terms were accepted, and what they were."""
    if dataset.restricted:
        with cache.guarded(f"noting the licence of {dataset.name}"):
            _note(dataset).parent.mkdir(parents=True, exist_ok=True)
            _note(dataset).write_text(f"accepted {datetime.date.today()}\n{dataset.restricted}\n", "utf-8")


def ensure(dataset: Dataset) -> None:
    """Nothing, if the set may be fetched.

    Raises:
        LicenceNotAccepted: it is restricted; the message has the terms and says how to accept them.
    """
    if not accepted(dataset):
        raise LicenceNotAccepted(
            f"{dataset.name} is restricted. Licence: {dataset.licence}. Terms: {dataset.restricted.strip()} "
            f"To accept them: `groundspeed data fetch {dataset.name} --accept-licence`, "
            f"groundspeed.datasets.fetch({dataset.name!r}, accept_licence=True), or {VARIABLE}={dataset.name}"
        )


def _note(dataset: Dataset) -> Path:
    """One file for each version of the terms, so that new terms are asked for anew."""
    version = hashlib.sha256(dataset.restricted.encode()).hexdigest()[:8]
    return cache.root() / "licences" / f"{dataset.name}-{version}.txt"
