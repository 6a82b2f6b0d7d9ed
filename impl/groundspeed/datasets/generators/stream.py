"""What the generators share: independent random streams, blocks of records, checks of arguments, rough
lines."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

BLOCK = 1 << 20
"""Coordinates per block. Each block has its own stream, so memory beyond the result stays bounded and the
first records of a large set are those of a small one."""


def stream(name: str, seed: int, part: int = 0, block: int = 0) -> np.random.Generator:
    """The random numbers of one part of one block of a generator.

    Args:
        name: the generator's; two generators with one seed are independent.
        seed: not negative.
        part: what the numbers are for (positions, displacements ...), counted from 0.
        block: which block of records.

    Returns:
        PCG64 seeded with `SeedSequence(seed, spawn_key=(crc32(name), part, block))`.
    """
    key = (zlib.crc32(name.encode()), part, block)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def blocks(n: int, each: int = 1) -> Iterator[tuple[int, slice]]:
    """Number and rows of every block of `n` records of `each` coordinates."""
    rows = max(1, BLOCK // each)
    for block, start in enumerate(range(0, n, rows)):
        yield block, slice(start, min(n, start + rows))


def whole(name: str, value: int, least: int = 0) -> int:
    """`value` if it is a whole number and not below `least`.

    Raises:
        TypeError: not an int.
        ValueError: below `least`.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {value!r}; write e.g. {name}=1_000")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def between(name: str, value: float, low: float, high: float) -> float:
    """`value` if low <= value < high.

    Raises:
        ValueError: outside, or NaN.
    """
    if not low <= value < high:
        raise ValueError(f"{name} must be at least {low:g} and less than {high:g}, got {value!r}")
    return float(value)


def rough(
    rng: np.random.Generator, lines: int, at: np.ndarray, *, periodic: bool, octaves: int = 6
) -> np.ndarray:
    """Fractal value noise along lines.

    Args:
        rng: where the numbers come from.
        lines: how many lines.
        at: (m,) positions in [0, 1] at which every line is sampled.
        periodic: whether position 1 has the value of position 0.
        octaves: the line has up to 2 ** (octaves - 1) bends.

    Returns:
        (lines, m) values in [-1, 1]: random knots, interpolated linearly, of half the height each octave.
    """
    heights = np.zeros((lines, at.size))
    for octave in range(octaves):
        bends = 2**octave
        knots = rng.uniform(-1.0, 1.0, (lines, bends + 1))
        if periodic:
            knots[:, -1] = knots[:, 0]
        left = np.minimum((at * bends).astype(np.int64), bends - 1)
        weight = at * bends - left
        heights += 0.5**octave * (knots[:, left] * (1.0 - weight) + knots[:, left + 1] * weight)
    return heights / (2.0 - 0.5 ** (octaves - 1))
