"""Stars of an astrometry.net index: unit vectors packed as 32-bit steps in a FITS file of many tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from groundspeed.datasets.errors import DatasetError
from groundspeed.geometry import GeometryColumn

BLOCK, CARD = 2880, 80
"""Bytes of a FITS block and of one line of its head (FITS standard 4.0, section 3)."""


def star_points(folder: Path, file: str, crs: str) -> GeometryColumn:
    """Points of all stars: right ascension as x in [-180, 180), declination as y, in degrees.

    The kd-tree stores `(v - low) * scale` of the unit vector v; `kdtree_range_stars` is low (3), high (3),
    scale.
    """
    tables = _tables(folder / file)
    bounds = _numbers(folder / file, tables, "kdtree_range_stars", "<f8")
    packed = _numbers(folder / file, tables, "kdtree_data_stars", "<u4").reshape(-1, 3)
    vector = packed / bounds[6] + bounds[:3]
    x = np.degrees(np.arctan2(vector[:, 1], vector[:, 0]))
    y = np.degrees(np.arctan2(vector[:, 2], np.hypot(vector[:, 0], vector[:, 1])))
    return GeometryColumn.from_points(np.where(x >= 180.0, -180.0, x), y, crs)


def star_values(folder: Path, file: str, field: str) -> np.ndarray:
    """One number per star, e.g. `MAG_VT`; big-endian even in a file called little-endian, as FITS demands."""
    return _numbers(folder / file, _tables(folder / file), field, ">f4").astype(np.float64)


def _numbers(path: Path, tables: dict[str, tuple[int, int]], name: str, kind: str) -> np.ndarray:
    if name not in tables:
        raise DatasetError(f"{path.name} has no table {name}; there are: {', '.join(sorted(tables))}")
    start, size = tables[name]
    return np.fromfile(path, kind, size // np.dtype(kind).itemsize, offset=start)


def _tables(path: Path) -> dict[str, tuple[int, int]]:
    """First byte and number of bytes of every table by the name of its first column."""
    return {head.get("TTYPE1", ""): (start, size) for head, start, size in _units(path)}


def _units(path: Path) -> Iterator[tuple[dict[str, str], int, int]]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            text = block
            while not any(text[at : at + CARD].rstrip() == b"END" for at in range(0, len(text), CARD)):
                if len(block := file.read(BLOCK)) < BLOCK:
                    raise DatasetError(
                        f"{path.name} is not FITS: a head without END; delete it and fetch again"
                    )
                text += block
            head = _head(text.decode("ascii"))
            axes = [int(head[f"NAXIS{axis + 1}"]) for axis in range(int(head["NAXIS"]))]
            size = int(np.prod(axes)) * abs(int(head["BITPIX"])) // 8 if axes else 0
            yield head, file.tell(), size
            file.seek(-(-size // BLOCK) * BLOCK, 1)


def _head(text: str) -> dict[str, str]:
    cards = (text[at : at + CARD] for at in range(0, len(text), CARD))
    pairs = ((card[:8].strip(), card[10:].partition(" /")[0]) for card in cards if card[8:10] == "= ")
    return {name: value.strip().strip("'").strip() for name, value in pairs}
