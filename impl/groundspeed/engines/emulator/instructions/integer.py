"""Integer arithmetic, with carries and wide products."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import C_TYPES, Operands
from groundspeed.engines.emulator.ptx import UnsupportedPtx


def arithmetic(o: Operands) -> str:
    """Whatever of the shared opcodes is not floating point."""
    if o.has("sat"):
        raise UnsupportedPtx("saturating integer arithmetic")
    family = {"add": add, "sub": add, "mul": multiply, "mad": multiply, "div": divide}
    return family.get(o.opcode, _unary_or_extreme)(o)


def _unary_or_extreme(o: Operands) -> str:
    a = o.read(1)
    if o.opcode == "abs":
        return o.write(f"({a} < 0 ? -(u64){a} : {a})")
    if o.opcode == "neg":
        return o.write(f"({C_TYPES[o.type]})(0 - (u64){a})")
    b, relation = o.read(2), "<" if o.opcode == "min" else ">"
    return o.write(f"({a} {relation} {b} ? {a} : {b})")


@emits("addc", "subc")
def add(o: Operands) -> str:
    """Sum or difference, reading and writing the carry where the instruction says so."""
    sign = "+" if o.opcode.startswith("add") else "-"
    if o.opcode in ("add", "sub") and not o.has("cc"):
        return o.write(f"{o.read(1)} {sign} {o.read(2)}")
    carry = f" {sign} CC" if o.opcode.endswith("c") else ""
    unsigned = f"u{o.bits}"
    total = f"(u128){o.read(1, unsigned)} {sign} (u128){o.read(2, unsigned)}{carry}"
    return _with_carry(o, total)


def _with_carry(o: Operands, total: str) -> str:
    keep = f"CC = (v_ >> {o.bits}) & 1;" if o.has("cc") else ""
    return f"{{ u128 v_ = {total}; {keep} {o.write(f'(u{o.bits})v_')} }}"


@emits("madc")
def multiply(o: Operands) -> str:
    """Product (low, high or wide half), plus a third operand for the mad family."""
    product = f"((s128){o.read(1)} * (s128){o.read(2)})" if o.signed else f"((u128){o.read(1)} * {o.read(2)})"
    adds = o.opcode != "mul"
    if o.has("wide"):
        kind = f"{'s' if o.signed else 'u'}{2 * o.bits}"
        return o.write(f"({kind}){product}" + (f" + {o.read(3, kind)}" if adds else ""), kind)
    half = f"(u{o.bits})({product} >> {o.bits if o.has('hi') else 0})"
    if not adds:
        return o.write(f"({C_TYPES[o.type]}){half}")
    carry = " + CC" if o.opcode == "madc" else ""
    return _with_carry(o, f"(u128){half} + (u128){o.read(3, f'u{o.bits}')}{carry}")


def divide(o: Operands) -> str:
    """Quotient; division by zero gives all ones, as the hardware does."""
    a, b = o.read(1), o.read(2)
    overflow = f"{b} == -1 ? ({C_TYPES[o.type]})-(u64){a} : " if o.signed else ""
    return o.write(f"({b} == 0 ? ({C_TYPES[o.type]})-1 : {overflow}{a} / {b})")


@emits("rem")
def remainder(o: Operands) -> str:
    """Remainder; of a division by zero, the dividend."""
    a, b = o.read(1), o.read(2)
    overflow = f"{b} == -1 ? 0 : " if o.signed else ""
    return o.write(f"({b} == 0 ? {a} : {overflow}{a} % {b})")
