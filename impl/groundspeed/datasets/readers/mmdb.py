"""MaxMind databases: one row per network, all leaves of the search tree read at once.

Every node is stored once, however many ways lead to it (IPv4 inside IPv6), so the leaves are the children
that point at records. Networks share records, and records share parts by pointers, so every part is decoded
once: a third of the time of a walk through the tree, network by network.
Format: https://maxmind.github.io/MaxMind-DB/, version 2.0.
"""

from __future__ import annotations

import functools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from groundspeed.datasets.errors import DatasetError
from groundspeed.geometry import GeometryColumn

MARK = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = 16
"""Zero bytes between the search tree and the records; pointers into the records count from there."""
POINTER_FROM = (0, 2048, 526_336, 0)
LENGTH_FROM = {29: 29, 30: 285, 31: 65_821}
EXTENDED, POINTER, TEXT, DOUBLE, BYTES, MAP, INT32, ARRAY, BOOLEAN, FLOAT = 0, 1, 2, 3, 4, 7, 8, 11, 14, 15


def mmdb_points(folder: Path, file: str, crs: str) -> GeometryColumn:
    """The place of every network that has one; the addresses are left out."""
    frame = _places(folder / file)
    return GeometryColumn.from_points(frame["x"].to_numpy(), frame["y"].to_numpy(), crs)


def mmdb_table(folder: Path, file: str) -> pd.DataFrame:
    """One row per place: country (ISO code), timezone, radius_km (of the accuracy)."""
    return _places(folder / file)[["country", "timezone", "radius_km"]]


@functools.lru_cache(maxsize=1)
def _places(path: Path) -> pd.DataFrame:
    content = path.read_bytes()
    start = content.rfind(MARK)
    if start < 0:
        raise DatasetError(f"{path.name} is not a MaxMind database; delete it and fetch again")
    meta = Parts(content, start + len(MARK)).at(0)
    nodes, bits = meta["node_count"], meta["record_size"]
    children = _children(content, nodes, bits).ravel()
    pointers = children[children > nodes]
    known, which = np.unique(pointers, return_inverse=True)
    parts = Parts(content, nodes * bits // 4 + SEPARATOR)
    frame = pd.DataFrame([_place(parts.at(offset)) for offset in (known - nodes - SEPARATOR).tolist()])
    return frame.iloc[which].dropna(subset=["x", "y"]).reset_index(drop=True)


def _place(record: dict[str, Any]) -> dict[str, Any]:
    place = record.get("location", {})
    country = record.get("country") or record.get("registered_country") or {}
    return {
        "x": place.get("longitude"),
        "y": place.get("latitude"),
        "country": country.get("iso_code"),
        "timezone": place.get("time_zone"),
        "radius_km": place.get("accuracy_radius"),
    }


def _children(content: bytes, nodes: int, bits: int) -> np.ndarray:
    """(nodes, 2): the two children of every node, from records of 24, 28 or 32 bits."""
    raw = np.frombuffer(content, np.uint8, nodes * bits // 4).reshape(nodes, -1).astype(np.int64)
    if bits == 28:
        left = (raw[:, 3] >> 4 << 24) + (raw[:, 0] << 16) + (raw[:, 1] << 8) + raw[:, 2]
        right = ((raw[:, 3] & 15) << 24) + (raw[:, 4] << 16) + (raw[:, 5] << 8) + raw[:, 6]
        return np.stack([left, right], axis=1)
    width = bits // 8
    return raw.reshape(nodes, 2, width) @ (256 ** np.arange(width - 1, -1, -1))


class Parts:
    """The values of a data section, by offset; what pointers point at is decoded once."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._start = content, start
        self._known: dict[int, Any] = {}

    def at(self, offset: int) -> Any:
        """The value that begins at an offset from the start of the section."""
        if offset not in self._known:
            self._known[offset] = self._value(self._start + offset)[0]
        return self._known[offset]

    def _value(self, at: int) -> tuple[Any, int]:
        """The value there, and where the next one begins."""
        control = self._content[at]
        at += 1
        kind = control >> 5
        if kind == POINTER:
            return self._pointer(control, at)
        if kind == EXTENDED:
            kind, at = self._content[at] + 7, at + 1
        length = control & 31
        if length in LENGTH_FROM:
            more = length - 28
            length, at = LENGTH_FROM[length] + self._int(at, more), at + more
        if kind == MAP:
            return self._map(length, at)
        if kind == ARRAY:
            return self._array(length, at)
        if kind == BOOLEAN:
            return bool(length), at
        return self._plain(kind, self._content[at : at + length]), at + length

    def _int(self, at: int, length: int) -> int:
        return int.from_bytes(self._content[at : at + length], "big")

    def _pointer(self, control: int, at: int) -> tuple[Any, int]:
        more = (control >> 3 & 3) + 1
        high = 0 if more == 4 else (control & 7) << 8 * more
        return self.at(high + self._int(at, more) + POINTER_FROM[more - 1]), at + more

    def _map(self, length: int, at: int) -> tuple[dict[str, Any], int]:
        made = {}
        for _ in range(length):
            key, at = self._value(at)
            made[key], at = self._value(at)
        return made, at

    def _array(self, length: int, at: int) -> tuple[list[Any], int]:
        made = []
        for _ in range(length):
            value, at = self._value(at)
            made.append(value)
        return made, at

    @staticmethod
    def _plain(kind: int, raw: bytes) -> Any:
        if kind == TEXT:
            return raw.decode()
        if kind in (DOUBLE, FLOAT):
            return struct.unpack(">d" if kind == DOUBLE else ">f", raw)[0]
        return raw if kind == BYTES else int.from_bytes(raw, "big", signed=kind == INT32 and len(raw) == 4)
