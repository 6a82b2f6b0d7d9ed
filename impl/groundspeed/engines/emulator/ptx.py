"""PTX, the assembly language of CUDA compilers, as small dataclasses; `parse.py` makes them from text.

Source: NVIDIA, "Parallel Thread Execution ISA", chapters 4 (syntax), 5 (state spaces) and 11 (directives).
"""

from __future__ import annotations

from dataclasses import dataclass, field

SIZES = {"pred": 1, "f16": 2, "f32": 4, "f64": 8}
SIZES |= {f"{sign}{bits}": bits // 8 for sign in "bsu" for bits in (8, 16, 32, 64)}


class UnsupportedPtx(NotImplementedError):
    """The emulator does not model this piece of PTX."""


@dataclass(frozen=True)
class Variable:
    """A parameter, or a variable in a state space; `count` 0 means sized at launch."""

    name: str
    type: str
    count: int
    alignment: int
    space: str = ""
    initial: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return SIZES[self.type] * self.count


@dataclass(frozen=True)
class Registers:
    """`.reg .type names`; a count stands for name0, name1, ..."""

    type: str
    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Label:
    """A branch target; `targets` where it names a jump table instead."""

    name: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brace:
    """The opening or closing of a block."""

    opens: bool


@dataclass(frozen=True)
class Instruction:
    """`@guard opcode.modifiers operands;` on a line of the PTX."""

    line: int
    guard: str
    opcode: str
    modifiers: tuple[str, ...]
    operands: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'.'.join((self.opcode, *self.modifiers))} {', '.join(self.operands)}"


Statement = Variable | Registers | Label | Brace | Instruction


@dataclass
class Function:
    """A kernel (`entry`) or device function."""

    name: str
    entry: bool
    parameters: list[Variable]
    returns: list[Variable]
    body: list[Statement] = field(default_factory=list)

    def instructions(self) -> list[Instruction]:
        """The instructions, without declarations and labels."""
        return [statement for statement in self.body if isinstance(statement, Instruction)]


@dataclass
class Module:
    """A translation unit. `sources` gives, per PTX line that starts one, the (file, line) of Python."""

    functions: list[Function] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    sources: dict[int, tuple[str, int]] = field(default_factory=dict)

    def source(self, line: int) -> tuple[str, int] | None:
        """The Python file and line behind a PTX line, None where the compiler did not say."""
        before = [start for start in self.sources if start <= line]
        return self.sources[max(before)] if before else None
