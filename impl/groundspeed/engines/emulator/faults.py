"""What a checked launch can find, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from groundspeed.engines.emulator.ptx import Module

# In the order of the enumeration in runtime/base.h; {a} and {b} are the two numbers that the runtime records.
KINDS = (
    ("global read out of bounds", "{b} bytes at {a:+d} bytes from the nearest argument"),
    ("global write out of bounds", "{b} bytes at {a:+d} bytes from the nearest argument"),
    ("write to a read-only array", "{b} bytes"),
    ("misaligned global access", "{b} bytes, {a} past a multiple of {b}"),
    ("shared memory out of bounds", "offset {a} in {b} bytes"),
    ("misaligned shared access", "{b} bytes at offset {a}"),
    ("local memory out of bounds", "{b} bytes"),
    ("shared memory race: read after write", "offset {a}, written by {other}"),
    ("shared memory race: write after read", "offset {a}, read by {other}"),
    ("shared memory race: write after write", "offset {a}, written by {other}"),
    ("barrier that not all threads reach", "{a} of {b} threads wait, the others have exited"),
    ("threads wait at different barriers", "the other barrier is {place}"),
    ("warp mask omits the calling lane", "mask {a:#010x}, lane {b}"),
    ("warp mask names a lane that has exited", "mask {a:#010x}, lane {b}"),
    ("shuffle from a lane outside the mask", "mask {a:#010x}, lane {b}"),
    ("deadlock", "{a} of {b} threads wait for others that never come"),
    ("trap", "the kernel gave up"),
)


@dataclass(frozen=True)
class Fault:
    """One thing that a kernel did wrong.

    Attributes:
        kind: one of the names in `KINDS`.
        detail: sizes, offsets, masks or the other thread.
        ptx_line: line of the PTX.
        source: Python file and line, None where the compiler did not say.
        block, thread: `blockIdx` and `threadIdx` of the thread.
    """

    kind: str
    detail: str
    ptx_line: int
    source: tuple[str, int] | None
    block: tuple[int, int, int]
    thread: tuple[int, int, int]

    def __str__(self) -> str:
        where = f"{self.source[0]}:{self.source[1]}" if self.source else "no source line"
        return (
            f"{self.kind} ({self.detail}) at {where} (PTX line {self.ptx_line}) by block {self.block} "
            f"thread {self.thread}"
        )


class KernelError(RuntimeError):
    """A kernel did something that a GPU may punish by a crash, a hang or a wrong number.

    Attributes:
        kernel: its name.
        count: number of faults, of which `faults` holds the first of each kind and line.
        faults: what was found.
    """

    def __init__(self, kernel: str, count: int, faults: Iterable[Fault]):
        self.kernel = kernel
        self.count = count
        self.faults = tuple(faults)
        listed = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"kernel {kernel!r}: {count} fault{'s' * (count != 1)}{listed}")


def describe(
    module: Module, kind: int, line: int, a: int, b: int, block: list[int], thread: list[int]
) -> Fault:
    """Put a recorded fault into words."""
    name, template = KINDS[kind]
    other = f"thread {b}" if b >= 0 else "several threads"
    place = module.source(a) if name == "threads wait at different barriers" else None
    at = f"at {place[0]}:{place[1]}" if place else f"on PTX line {a}"
    detail = template.format(a=a, b=b, other=other, place=at)
    return Fault(name, detail, line, module.source(line), _triple(block), _triple(thread))


def _triple(values: list[int]) -> tuple[int, int, int]:
    x, y, z = values
    return x, y, z
