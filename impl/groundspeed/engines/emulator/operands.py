"""The operands of a PTX instruction as C expressions: registers, literals, addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from groundspeed.engines.emulator.ptx import SIZES, Function, Instruction, UnsupportedPtx, Variable

C_TYPES = {name: name for name in SIZES} | {f"b{bits}": f"u{bits}" for bits in (8, 16, 32, 64)}
FLOATS = ("f32", "f64")
SPACES = ("global", "shared", "local", "param", "const")

_SPECIAL = {
    "%laneid": "t->lane",
    "%warpid": "t->warp",
    "%lanemask_eq": "(1u << t->lane)",
    "%lanemask_lt": "((1u << t->lane) - 1)",
    "%lanemask_le": "((2u << t->lane) - 1)",
    "%lanemask_gt": "(~((2u << t->lane) - 1))",
    "%lanemask_ge": "(~((1u << t->lane) - 1))",
    "WARP_SZ": "32",
}
_TRIPLES = {
    "%tid": "t->thread",
    "%ntid": "t->launch->block",
    "%ctaid": "t->block",
    "%nctaid": "t->launch->grid",
}
_SPECIAL |= {f"{name}.{axis}": f"{c}[{k}]" for name, c in _TRIPLES.items() for k, axis in enumerate("xyz")}
_ADDRESS = re.compile(r"\[\s*([%\w$.]+)\s*(?:\+\s*(-?\w+))?\s*\]")


def c_name(name: str) -> str:
    """A PTX identifier as a C identifier."""
    return re.sub(r"\W", "_", name.replace("%", "R_").replace("$", "S_"))


def literal(text: str) -> str:
    """A PTX constant as a C expression.

    Raises:
        UnsupportedPtx: not a constant.
    """
    if match := re.fullmatch(r"0[dD]([0-9a-fA-F]{16})", text):
        return f"F64(0x{match[1]}ull)"
    if match := re.fullmatch(r"0[fF]([0-9a-fA-F]{8})", text):
        return f"F32(0x{match[1]}u)"
    if not re.fullmatch(r"-?(0x[0-9a-fA-F]+|\d+)U?", text):
        raise UnsupportedPtx(f"operand {text!r}")
    value = int(text.rstrip("U"), 0)
    return f"({value})" if -(2**31) <= value < 2**31 else f"((s64){value & (2**64 - 1)}ull)"


class Scope:
    """What names mean inside one function: registers by type, variables by C expression."""

    def __init__(self, function: Function, symbols: Mapping[str, str]):
        self.blocks: list[dict[str, str]] = [{}]
        self.tables: dict[str, tuple[str, ...]] = {}
        self.symbols = dict(symbols)
        if function.entry:
            self.symbols |= {name: f"(args + {at})" for name, at in parameter_offsets(function).items()}
        else:
            self.symbols |= {v.name: c_name(v.name) for v in function.parameters + function.returns}

    def declare(self, name: str, kind: str) -> None:
        """Give a register a type; a name that ends in `<` stands for a numbered family."""
        self.blocks[-1][name] = kind

    def register(self, name: str) -> str | None:
        """Type of a register, None if the name is not one."""
        family = re.sub(r"\d+$", "<", name)
        for block in reversed(self.blocks):
            if kind := block.get(name) or block.get(family):
                return kind
        return None

    def symbol(self, name: str) -> str:
        """Address of a variable, as an unsigned 64-bit C expression."""
        if name not in self.symbols:
            raise UnsupportedPtx(f"name {name!r}")
        return f"((u64){self.symbols[name]})"


def parameter_offsets(function: Function) -> dict[str, int]:
    """Byte offset of each parameter of a kernel in its argument buffer."""
    offsets, end = {}, 0
    for parameter in function.parameters:
        end = -(-end // parameter.alignment) * parameter.alignment
        offsets[parameter.name] = end
        end += parameter.size
    return offsets


def shared_offsets(variables: list[Variable]) -> tuple[dict[str, int], int]:
    """Offset of each shared variable, those sized at launch last, and the bytes that are sized already."""
    offsets, end = {}, 0
    for variable in sorted(variables, key=lambda v: v.count == 0):
        alignment = variable.alignment if variable.count else 16
        end = -(-end // alignment) * alignment
        offsets[variable.name] = end
        end += variable.size
    return offsets, end


class Operands:
    """One instruction's operands, read and written with the instruction's own type unless told otherwise."""

    def __init__(self, instruction: Instruction, scope: Scope):
        self.line = instruction.line
        self.opcode = instruction.opcode
        self.modifiers = instruction.modifiers
        self.texts = instruction.operands
        self.scope = scope
        self.types = [modifier for modifier in instruction.modifiers if modifier in C_TYPES]
        self.type = self.types[-1] if self.types else ""
        self.bits = 8 * SIZES.get(self.type, 0)
        self.floating = self.type in FLOATS
        self.signed = self.type.startswith("s")

    def has(self, *names: str) -> str:
        """The first of these modifiers that the instruction carries, "" if none."""
        return next((modifier for modifier in self.modifiers if modifier in names), "")

    @property
    def space(self) -> str:
        """State space of the access, "" if generic."""
        bare = (modifier.partition("::")[0] for modifier in self.modifiers)
        return next((space for space in bare if space in SPACES), "")

    def read(self, index: int, kind: str = "") -> str:
        """Operand `index` as a C expression of the given PTX type."""
        return self.read_text(self.texts[index], kind or self.type)

    def read_text(self, text: str, kind: str) -> str:
        """Any operand text as a C expression of the given PTX type."""
        c_type = C_TYPES[kind]
        if text.startswith("!"):
            return f"(!{self.read_text(text[1:], kind)})"
        if text in _SPECIAL:
            return f"(({c_type}){_SPECIAL[text]})"
        if text in ("%clock", "%clock64", "%globaltimer"):
            raise UnsupportedPtx(f"{text}: an emulated kernel has no clock")
        register = self.scope.register(text)
        if register:
            return _converted(c_name(text), register, kind)
        if re.match(r"[-\d]", text):
            value = literal(text)
            if value[0] == "F" and kind not in FLOATS:
                return f"B{value[1:3]}({value})"
            return f"({value} != 0)" if kind == "pred" else f"(({c_type}){value})"
        return self.scope.symbol(text)

    def write(self, expression: str, kind: str = "", index: int = 0) -> str:
        """C statement that stores an expression of the given PTX type in operand `index`."""
        return self.write_text(self.texts[index], expression, kind or self.type)

    def write_text(self, text: str, expression: str, kind: str) -> str:
        """C statement that stores an expression of the given PTX type in a register."""
        if text == "_":
            return f"(void)({expression});"
        register = self.scope.register(text)
        if register is None:
            raise UnsupportedPtx(f"destination {text!r}")
        name = c_name(text)
        if register == "pred":
            return f"{name} = ({expression}) != 0;"
        if register in FLOATS and kind not in FLOATS:
            return f"{name} = F{register[1:]}({expression});"
        if kind in FLOATS and register not in FLOATS:
            return f"{name} = B{kind[1:]}({expression});"
        return f"{name} = {expression};"

    def parts(self, index: int) -> list[str]:
        """The members of a vector operand `{a, b}`."""
        return [part.strip() for part in self.texts[index].strip("{}").split(",")]

    def pair(self, index: int = 0) -> tuple[str, str]:
        """A destination `d|p`: the register and the predicate ("" if there is none)."""
        first, _, second = self.texts[index].partition("|")
        return first.strip(), second.strip()

    def address(self, index: int, size: int, access: str = "READ") -> str:
        """C pointer for an access of `size` bytes; `access` is READ, WRITE or ATOMIC."""
        match = _ADDRESS.fullmatch(self.texts[index])
        if not match:
            raise UnsupportedPtx(f"address {self.texts[index]!r}")
        base, offset = match[1], int(match[2] or "0", 0)
        at = f"({self.read_text(base, 'u64')} + {offset}ll)"
        if self.space in ("param", "const"):
            return f"((char *){at})"
        space = self.space or (
            "shared" if self.scope.symbols.get(base, "").startswith("SHARED") else "generic"
        )
        return f"{space.upper()}(t, {at}, {size}, {access}, {self.line})"


def _converted(name: str, register: str, kind: str) -> str:
    if kind in FLOATS and register not in FLOATS:
        return f"F{kind[1:]}({name})"
    if register in FLOATS and kind != register:
        return f"(({C_TYPES[kind]})B{register[1:]}({name}))"
    return name if kind == register else f"(({C_TYPES[kind]}){name})"
