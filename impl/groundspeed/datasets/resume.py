"""Downloads from a URL that go on where they were interrupted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from groundspeed.datasets import cache
from groundspeed.datasets.errors import DatasetError

PIECE = 1 << 20
TIMEOUT = 60
"""Seconds without a byte after which a server is given up."""


def download(name: str, url: str, target: Path, version: str = "") -> None:
    """Fetch a URL into a file, asking only for the rest of what an interrupted download left.

    A part is continued only where the server gave it an ETag or Last-Modified and says that the file is still
    that one (If-Range, RFC 9110 section 13.1.5); otherwise the download starts anew.

    Args:
        name: of the data set, for messages and for its part in the cache.
        url: http or https.
        target: file to write, in a folder of this process.
        version: what tells parts of one name from each other.

    Raises:
        DatasetError: no answer, an error status, or a connection that broke off; what came is kept.
    """
    import requests

    kept = cache.root() / "parts" / f"{name}-{version}.part"
    _move(kept, target)
    try:
        _continue(name, url, target)
    except requests.RequestException as error:
        _move(target, kept)
        raise DatasetError(f"{name}: downloading {url} failed: {error}; run it again to go on") from error
    except BaseException:
        _move(target, kept)
        raise


def _continue(name: str, url: str, target: Path) -> None:
    import requests

    have, validator = _state(target)
    headers = {"Range": f"bytes={have}-", "If-Range": validator} if have and validator else {}
    with requests.get(
        url, headers={"Accept-Encoding": "identity", **headers}, stream=True, timeout=TIMEOUT
    ) as reply:
        if reply.status_code == requests.codes.requested_range_not_satisfiable:
            target.unlink()
            _continue(name, url, target)
            return
        reply.raise_for_status()
        goes_on = reply.status_code == requests.codes.partial_content
        if goes_on and not reply.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise requests.RequestException(f"asked for bytes from {have:,} on, got another part")
        _remember(target, reply.headers)
        _save(reply, target, have if goes_on else 0, name)


def _save(reply: Any, target: Path, have: int, name: str) -> None:
    import requests

    length = int(reply.headers["Content-Length"]) if "Content-Length" in reply.headers else None
    total = None if length is None else have + length
    with (
        target.open("ab" if have else "wb") as file,
        tqdm(
            total=total, initial=have, desc=name, unit="B", unit_scale=True, disable=None, leave=False
        ) as bar,
    ):
        for piece in reply.iter_content(PIECE):
            file.write(piece)
            bar.update(len(piece))
        if total is not None and file.tell() != total:
            raise requests.ConnectionError(f"broke off after {file.tell():,} of {total:,} bytes")


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _state(part: Path) -> tuple[int, str]:
    """Bytes that are there, and what the server called that version of the file."""
    if not (part.is_file() and _note(part).is_file()):
        return 0, ""
    return part.stat().st_size, json.loads(_note(part).read_text("utf-8"))["validator"]


def _remember(part: Path, headers: Mapping[str, str]) -> None:
    """The ETag, or Last-Modified where that is weak and so does not promise the same bytes."""
    tag = headers.get("ETag", "W/")
    validator = headers.get("Last-Modified", "") if tag.startswith("W/") else tag
    _note(part).write_text(json.dumps({"validator": validator}), "utf-8")


def _move(source: Path, target: Path) -> None:
    """Take or put back a part with its note; of several processes only one gets it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for old, new in ((source, target), (_note(source), _note(target))):
        if old.is_file():
            old.replace(new)
