"""One function per family of PTX instructions, found by opcode: `EMIT[opcode](operands) -> C statement`.

Source: NVIDIA, "Parallel Thread Execution ISA", chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable

from groundspeed.engines.emulator.operands import Operands

Emitter = Callable[[Operands], str]
EMIT: dict[str, Emitter] = {}


def emits(*opcodes: str) -> Callable[[Emitter], Emitter]:
    """Register a function as the translation of these opcodes."""

    def register(emitter: Emitter) -> Emitter:
        EMIT.update(dict.fromkeys(opcodes, emitter))
        return emitter

    return register


from groundspeed.engines.emulator.instructions import (  # noqa: E402  (they register themselves with `emits`)
    bits,
    compare,
    control,
    floating,
    integer,
    memory,
    warp,
)

__all__ = ["EMIT", "bits", "compare", "control", "emits", "floating", "integer", "memory", "warp"]
