"""A toy data set: its file, its archive and its entry in a registry."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from groundspeed.datasets import DatasetError
from groundspeed.datasets.entry import Source

CSV = b"track,x,y\na,1.5,2\na,200,-3\nb,0,0\nc,7,8\nc,9,10\nc,11,12\n"

ENTRY = """
[{name}]
title = "Toy"
what = "six points"
version = "1"
tier = "light"
licence = "CC0-1.0"
attribution = "nobody"
records = 6
extent = [-160.0, -3.0, 11.0, 12.0]
crs = "EPSG:4326"

[{name}.source]
kind = "{kind}"
package = "toy-points"
version = "1.0"
url = "{url}"
archive = "{archive}"
bytes = {size}
sha256 = "{sha256}"

[[{name}.files]]
member = "{member}"
bytes = {file_size}
sha256 = "{file_sha256}"

[{name}.columns.points]
what = "points"
reader = "csv_points"
records = {records}
options = {{ file = "points.csv", x = "x", y = "y", crs = "EPSG:4326" }}

[{name}.columns.tracks]
what = "lines"
reader = "csv_tracks"
records = 2
vertices = 5
options = {{ file = "points.csv", track = "track", x = "x", y = "y", crs = "EPSG:4326" }}

[{name}.columns.table]
what = "table"
reader = "csv_tracks_table"
records = 2
options = {{ file = "points.csv", track = "track", fields = ["x"] }}
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


SOURCE = Source("pypi", "toy-1.0.tar.gz", 1, "0", package="toy", version="1.0")


def failing(name: str, source: Source, into: Path) -> None:
    """A client that breaks off in the middle."""
    (into / "half").write_bytes(b"half a file")
    raise DatasetError(f"{name}: no network")


def leftovers(folder: Path) -> list[str]:
    """Temporary folders that somebody forgot in a cache."""
    return [path.name for path in folder.glob("*") if path.name.startswith(".partial")]
