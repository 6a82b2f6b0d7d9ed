"""Well-known binary of one geometry, walked header by header: nothing is read that the bytes do not hold.

A row is one part or, with a header of its own, several of the same type. A part is rings: those of a polygon,
one for a line or a point. Little-endian, two-dimensional (OGC 06-103r4, section 8.2); everything else is
refused, and so are lines of one vertex and rings of fewer than four, which GEOS does not make.
"""

from __future__ import annotations

import numpy as np

from groundspeed.scalar.decorators import device, elementwise

HEADER, COUNT, VERTEX = 5, 4, 16
"""Bytes: order and type; how many follow; x and y."""
POINT, LINESTRING, POLYGON, MULTI = 1, 2, 3, 3
"""Types of parts, and what is added for several of them."""
REFUSED = -1


@device
def _integer(values, at):
    """The unsigned 32-bit integer that begins at a byte."""
    found = np.int64(0)
    for k in range(4):
        found |= np.int64(values[at + k]) << np.int64(8 * k)
    return found


@device
def _bits(values, at):
    """Those of the float64 that begins at a byte."""
    bits = np.uint64(0)
    for k in range(8):
        bits |= np.uint64(values[at + k]) << np.uint64(8 * k)
    return bits


@device
def _type(values, at, end):
    """The type in the header at a byte; REFUSED without room for it and a count, or if it is big-endian."""
    if end - at < HEADER + COUNT or values[at] != 1:
        return np.int64(REFUSED)
    return _integer(values, at + 1)


@device
def _vertices(values, at, end, least):
    """How many vertices a ring or line has, by its count; REFUSED if cut short or if 1 to `least`."""
    if end - at < COUNT:
        return np.int64(REFUSED)
    n = _integer(values, at)
    return np.int64(REFUSED) if n > (end - at - COUNT) // VERTEX or 0 < n <= least else n


@elementwise
def measure(i, starts, values, part, counts):
    """One thread counts parts, rings and vertices of a row; parts are REFUSED where anything is amiss.

    Bounded by memory: it reads a header and a count of every ring and skips the coordinates.

    Args:
        i: the row.
        starts: (n + 1,) int64, where rows begin.
        values: uint8, the bytes of all rows.
        part: type of a part.
        counts: (n,) int64 of parts, rings and vertices, and uint8 of whether it is one part without header.
    """
    parts, rings, vertices, single = counts
    at, end = starts[i], starts[i + 1]
    several = _type(values, at, end) == part + MULTI
    number = np.int64(1)
    if several:
        number = _integer(values, at + HEADER)
        at += HEADER + COUNT
    sound = True
    some_rings, some_vertices = np.int64(0), np.int64(0)
    for _ in range(number):
        sound = _type(values, at, end) == part
        at += HEADER
        if part == POINT:
            sound = sound and end - at >= VERTEX
            at += VERTEX
            some_rings += 1
            some_vertices += 1
        elif sound:
            number_of_rings = np.int64(1)
            if part == POLYGON:
                number_of_rings = _integer(values, at)
                at += COUNT
            for _ in range(number_of_rings):
                n = _vertices(values, at, end, 3 if part == POLYGON else 1)
                sound = n > 0 or (n == 0 and part == LINESTRING)
                if not sound:
                    break
                at += COUNT + VERTEX * n
                some_vertices += n
            some_rings += number_of_rings
        if not sound:
            break
    parts[i] = number if sound and at == end else REFUSED
    rings[i], vertices[i], single[i] = some_rings, some_vertices, not several


@elementwise
def unpack(i, starts, values, part, firsts, offsets, x, y):
    """One thread writes where the parts and rings of a row begin, and its coordinates. Bounded by memory.

    Args:
        i: the row.
        starts, values, part: as for `measure`, which refused no row.
        firsts: (n + 1,) int64, the first part, ring and vertex of every row.
        offsets: int64, to be written: the first ring of every part, the first vertex of every ring.
        x, y: to be written, bit for bit: uint64 views of float64.
    """
    part_offsets, ring_offsets = offsets
    at = starts[i]
    p, ring, vertex = firsts[0][i], firsts[1][i], firsts[2][i]
    if _integer(values, at + 1) == part + MULTI:
        at += HEADER + COUNT
    for one in range(p, firsts[0][i + 1]):
        part_offsets[one] = ring
        at += HEADER
        number_of_rings, n = np.int64(1), np.int64(1)
        if part == POLYGON:
            number_of_rings = _integer(values, at)
            at += COUNT
        for _ in range(number_of_rings):
            ring_offsets[ring] = vertex
            ring += 1
            if part != POINT:
                n = _integer(values, at)
                at += COUNT
            for _ in range(n):
                x[vertex], y[vertex] = _bits(values, at), _bits(values, at + 8)
                vertex += 1
                at += VERTEX
