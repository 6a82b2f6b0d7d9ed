"""Geometries that no library should be given: GEOS follows nested ones until its stack ends, and the process.

A nested header of well-known binary has nine bytes, so only large values can go deep. Those are walked here,
header by header; what no column can hold anyway is not followed at all. In text only collections nest.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

HARMLESS = 1 << 14  # bytes, and at most 1820 levels
COLLECTION = "GEOMETRYCOLLECTION"
SINGLE, MULTI = (1, 2, 3), (4, 5, 6)
DIGITS = (b"0", b"1")  # with which GEOS takes binary to begin that is written in hexadecimal
Z_FLAG, M_FLAG, SRID_FLAG = 0x80000000, 0x40000000, 0x20000000


def too_deep(form: str, values: np.ndarray) -> np.ndarray:
    """Positions of the values that are nested deeper than a multi geometry, or that end too early.

    Args:
        form: `"WKB"` or `"WKT"`.
        values: (n,) objects: bytes, their hexadecimal digits, text, or anything else, which is passed over.
    """
    is_flat = {"WKB": _is_flat, "WKT": _is_no_collection}[form]
    large = [at for at, one in enumerate(values) if isinstance(one, (bytes, str)) and len(one) >= HARMLESS]
    return np.array([at for at in large if not is_flat(values[at])], dtype=np.int64)


def _is_no_collection(value: Any) -> bool:
    start = value.lstrip()[: len(COLLECTION)]
    return (start.decode(errors="replace") if isinstance(start, bytes) else start).upper() != COLLECTION


def _binary(value: bytes | str) -> bytes:
    """Well-known binary, as which GEOS also takes its hexadecimal digits."""
    if isinstance(value, bytes) and value[:1] not in DIGITS:
        return value
    return bytes.fromhex(value if isinstance(value, str) else value.decode())


def _is_flat(value: Any) -> bool:
    try:
        value = _binary(value)
        kind, at, _, order = _header(value, 0)
        if kind not in MULTI:
            return kind in SINGLE
        (count,) = struct.unpack_from(order + "I", value, at)
        at += 4
        for _ in range(count):
            child, at, width, order = _header(value, at)
            if child != kind - 3:
                return False
            at = _end(value, child, at, width, order)
    except (struct.error, ValueError):  # too short, or digits that are none
        return False
    return True


def _header(value: bytes, at: int) -> tuple[int, int, int, str]:
    """Type, where the content begins, bytes of a vertex, and byte order."""
    order = "<" if value[at : at + 1] == b"\1" else ">"
    (code,) = struct.unpack_from(order + "I", value, at + 1)
    plain = code & ~(Z_FLAG | M_FLAG | SRID_FLAG)
    flagged = bool(code & Z_FLAG) + bool(code & M_FLAG)
    width = 8 * (2 + max(flagged, (0, 1, 1, 2)[min(plain // 1000, 3)]))
    return plain % 1000, at + 5 + 4 * bool(code & SRID_FLAG), width, order


def _end(value: bytes, kind: int, at: int, width: int, order: str) -> int:
    """Where a single geometry ends."""
    if kind == 1:
        return at + width
    rings = 1
    if kind == 3:
        (rings,) = struct.unpack_from(order + "I", value, at)
        at += 4
    for _ in range(rings):
        (vertices,) = struct.unpack_from(order + "I", value, at)
        at += 4 + vertices * width
    return at
