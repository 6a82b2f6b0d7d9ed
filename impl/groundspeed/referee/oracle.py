"""The oracle's answer: computed once per input, in float64, and kept on disk."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from groundspeed.referee.case_inputs import cast
from groundspeed.referee.discovery import implementations, unavailable
from groundspeed.referee.model import Implementation, Inputs, Operation

Answer = dict[str, np.ndarray]


def cache_folder() -> Path:
    """Where answers are kept: GROUNDSPEED_CACHE, or the user's cache folder."""
    given = os.environ.get("GROUNDSPEED_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("groundspeed"))


def library_version(library: str) -> str:
    """Installed version of a distribution, "" when there is none of that name."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def fingerprint(value: Any) -> str:
    """Hash of the content of inputs: columns, arrays and files byte by byte, everything else by its `repr`.

    >>> fingerprint({"x": np.arange(3)}) == fingerprint({"x": np.arange(3)})
    True
    >>> fingerprint({"x": np.arange(3)}) == fingerprint({"x": np.arange(3.0)})
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    digest.update(type(value).__name__.encode())
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, dict):
        for name, inner in value.items():
            digest.update(str(name).encode())
            _feed(digest, inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            _feed(digest, inner)
    elif isinstance(value, os.PathLike):
        digest.update(Path(value).read_bytes())
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            _feed(digest, getattr(value, name))
    else:
        digest.update(repr(value).encode())


def answer(operation: Operation, oracle: Implementation, inputs: Inputs) -> Answer:
    """The canonical answer of an implementation trusted as oracle.

    Coordinates are widened to float64 first: an oracle never rounds, whatever dtype the others work in.
    """
    exact = cast(inputs, "float64")
    key = [
        operation.name,
        oracle.name,
        oracle.key,
        library_version(oracle.library),
        fingerprint(dict(exact)),
    ]
    name = hashlib.blake2b("\0".join(key).encode(), digest_size=16).hexdigest()
    path = cache_folder() / "oracles" / operation.name / f"{name}.npz"
    if path.exists():
        with np.load(path) as stored:
            return dict(stored)
    computed = operation.policy.canonical(call(oracle, exact))
    _store(path, computed)
    return computed


def _store(path: Path, computed: Answer) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npz")
    np.savez(partial, **computed)  # type: ignore[arg-type]
    partial.replace(path)


def call(one: Implementation, inputs: Inputs) -> Any:
    """All four phases of an implementation: its collected result."""
    return one.collect(one.run(**one.build(**one.prepare(inputs))))


def judge_for(operation: Operation, one: Implementation, records: int) -> tuple[Implementation, str]:
    """Whose answer an implementation is compared with, and what a reader must know about it.

    The others are compared with the oracle; the oracle with the second oracle, or with its own stored answer
    where there is none that takes so many records.
    """
    known = implementations(operation.name)
    if one.name != operation.oracle:
        return known[operation.oracle], ""
    second = known.get(operation.second_oracle)
    if second is not None and not unavailable(second) and (second.limit is None or records <= second.limit):
        return second, f"the oracle itself, compared with {second.name}"
    return one, "the oracle itself, compared with its own stored answer"
