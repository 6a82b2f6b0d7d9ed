"""Comparisons and selections."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import Operands, c_name

ORDERED = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "lo": "<",
    "ls": "<=",
    "hi": ">",
    "hs": ">=",
}
UNORDERED = {"equ": "==", "neu": "!=", "ltu": "<", "leu": "<=", "gtu": ">", "geu": ">="}
COMBINE = {"and": "&&", "or": "||", "xor": "^"}


@emits("setp")
def set_predicate(o: Operands) -> str:
    """Compare, combine with a third predicate, and store the result and its complement."""
    result = _comparison(o.modifiers[0], o.read(1), o.read(2), o.floating)
    if combine := o.has(*COMBINE):
        result = f"({result} {COMBINE[combine]} {o.read(3, 'pred')})"
    destination, complement = o.pair()
    opposite = f"{c_name(complement)} = !e_;" if complement else ""
    return f"{{ int e_ = {result}; {c_name(destination)} = e_; {opposite} }}"


def _comparison(name: str, a: str, b: str, floating: bool) -> str:
    ordered, unordered = f"({a} == {a} && {b} == {b})", f"({a} != {a} || {b} != {b})"
    if name in ("num", "nan"):
        return ordered if name == "num" else unordered
    if name in UNORDERED:
        return f"({unordered} || {a} {UNORDERED[name]} {b})"
    plain = f"({a} {ORDERED[name]} {b})"
    return f"({ordered} && {plain})" if name == "ne" and floating else plain


@emits("selp")
def select(o: Operands) -> str:
    """One of two values, by a predicate."""
    return o.write(f"({o.read(3, 'pred')} ? {o.read(1)} : {o.read(2)})")
