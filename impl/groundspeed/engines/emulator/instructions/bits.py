"""Logic, shifts and bit fields."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import Operands

LOGIC = {"and": "&", "or": "|", "xor": "^"}


@emits("and", "or", "xor")
def logic(o: Operands) -> str:
    """Bitwise or predicate logic."""
    return o.write(f"{o.read(1)} {LOGIC[o.opcode]} {o.read(2)}")


@emits("not", "cnot")
def negate(o: Operands) -> str:
    """Complement; `cnot` tests for zero."""
    logical = o.type == "pred" or o.opcode == "cnot"
    return o.write(f"{'!' if logical else '~'}{o.read(1)}")


@emits("lop3")
def three_input_logic(o: Operands) -> str:
    """Any function of three inputs, given by its truth table."""
    return o.write(f"lop3({', '.join(o.read(k, 'u32') for k in (1, 2, 3, 4))})")


@emits("shl", "shr")
def shift(o: Operands) -> str:
    """Shift; amounts of the width or more clear the register (or fill it with the sign)."""
    amount, unsigned = o.read(2, "u32"), f"u{o.bits}"
    if o.opcode == "shr" and o.signed:
        return o.write(f"({o.read(1)} >> ({amount} >= {o.bits} ? {o.bits - 1} : {amount}))")
    direction = "<<" if o.opcode == "shl" else ">>"
    return o.write(f"({amount} >= {o.bits} ? 0 : {o.read(1, unsigned)} {direction} {amount})")


@emits("shf")
def funnel_shift(o: Operands) -> str:
    """Shift the 64 bits of two registers and keep one half."""
    amount = o.read(3, "u32")
    amount = f"({amount} & 31)" if o.has("wrap") else f"({amount} > 32 ? 32 : {amount})"
    both = f"(((u64){o.read(2, 'u32')} << 32) | {o.read(1, 'u32')})"
    return o.write(
        f"(u32)(({both} << {amount}) >> 32)" if o.has("l") else f"(u32)({both} >> {amount})", "u32"
    )


@emits("popc")
def population_count(o: Operands) -> str:
    """Number of ones."""
    return o.write(f"__builtin_popcountll({o.read(1, f'u{o.bits}')})", "u32")


@emits("clz")
def leading_zeros(o: Operands) -> str:
    """Number of zeros above the highest one."""
    a = o.read(1, f"u{o.bits}")
    return o.write(f"({a} ? __builtin_clzll({a}) - {64 - o.bits} : {o.bits})", "u32")


@emits("brev")
def reverse(o: Operands) -> str:
    """Bits in opposite order."""
    return o.write(f"reverse({o.read(1, f'u{o.bits}')}, {o.bits})")


@emits("bfind")
def find_leading(o: Operands) -> str:
    """Position of the highest bit that is not a sign bit."""
    a = o.read(1, f"u{o.bits}")
    if o.signed:
        a = f"(u{o.bits})((s{o.bits}){a} < 0 ? ~{a} : {a})"
    found = f"__builtin_clzll({a}) - {64 - o.bits}" if o.has("shiftamt") else f"63 - __builtin_clzll({a})"
    return o.write(f"({a} ? {found} : 0xffffffffu)", "u32")


@emits("bfe")
def extract(o: Operands) -> str:
    """Bit field, sign-extended for signed types."""
    signed = int(o.signed)
    return o.write(
        f"extract({o.read(1, f'u{o.bits}')}, {o.read(2, 'u32')}, {o.read(3, 'u32')}, {o.bits}, {signed})"
    )


@emits("bfi")
def insert(o: Operands) -> str:
    """Put a bit field into a register."""
    return o.write(f"insert({o.read(1)}, {o.read(2)}, {o.read(3, 'u32')}, {o.read(4, 'u32')}, {o.bits})")


@emits("prmt")
def permute(o: Operands) -> str:
    """Pick four bytes of two registers."""
    return o.write(f"permute({', '.join(o.read(k, 'u32') for k in (1, 2, 3))})", "u32")
