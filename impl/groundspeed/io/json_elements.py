"""How many elements a list in a JSON text has, in one pass over its bytes."""

from __future__ import annotations

import numba
import numpy as np

QUOTE, ESCAPE, COMMA = ord('"'), ord("\\"), ord(",")
SPACE = ord(" ")  # and what is below it
OPEN, CLOSE = (ord("["), ord("{")), (ord("]"), ord("}"))


@numba.njit(cache=True, nogil=True)
def count(text: np.ndarray, start: int) -> int:
    """Elements of the list that opens before `start`, -1 where it does not close.

    Args:
        text: (n,) uint8.
        start: position after the opening bracket.
    """
    depth, commas, quoted, escaped, empty = 1, 0, False, False, True
    for at in range(start, len(text)):
        byte = text[at]
        if quoted:
            quoted = escaped or byte != QUOTE
            escaped = byte == ESCAPE and not escaped
            continue
        if byte in CLOSE:
            depth -= 1
            if depth == 0:
                return 0 if empty else commas + 1
        elif byte in OPEN:
            depth += 1
        elif byte == COMMA:
            commas += depth == 1
        quoted = byte == QUOTE
        empty &= byte <= SPACE
    return -1
