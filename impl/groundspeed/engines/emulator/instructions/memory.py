"""Moves, loads, stores and atomics."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import C_TYPES, Operands
from groundspeed.engines.emulator.ptx import SIZES, UnsupportedPtx

UPDATES = {
    "add": "o_ + b_",
    "min": "b_ < o_ ? b_ : o_",
    "max": "b_ > o_ ? b_ : o_",
    "and": "o_ & b_",
    "or": "o_ | b_",
    "xor": "o_ ^ b_",
    "exch": "b_",
    "inc": "o_ >= b_ ? 0 : o_ + 1",
    "dec": "(o_ == 0 || o_ > b_) ? b_ : o_ - 1",
    "cas": "o_ == b_ ? c_ : o_",
}


@emits("mov")
def move(o: Operands) -> str:
    """Copy, pack `{a, b}` into one register, or unpack it."""
    if o.texts[1].startswith("{"):
        parts = o.parts(1)
        bits = o.bits // len(parts)
        packed = " | ".join(
            f"((u64){o.read_text(part, f'u{bits}')} << {k * bits})" for k, part in enumerate(parts)
        )
        return o.write(f"({packed})", f"b{o.bits}")
    if o.texts[0].startswith("{"):
        parts = o.parts(0)
        bits = o.bits // len(parts)
        stores = (
            o.write_text(part, f"(u{bits})(v_ >> {k * bits})", f"b{bits}") for k, part in enumerate(parts)
        )
        return f"{{ u64 v_ = {o.read(1, f'b{o.bits}')}; {' '.join(stores)} }}"
    return o.write(o.read(1))


@emits("cvta")
def convert_address(o: Operands) -> str:
    """Generic address from one in a state space, or back; here only shared memory has its own addresses."""
    sign = "-" if o.has("to") else "+"
    return o.write(f"({o.read(1, 'u64')} {sign} (u64)t->shared)" if o.space == "shared" else o.read(1, "u64"))


@emits("isspacep")
def is_in_space(o: Operands) -> str:
    """Whether a generic address lies in a state space."""
    tests = {"shared": "is_shared", "local": "is_local", "global": "is_global"}
    if o.space not in tests:
        raise UnsupportedPtx(f"isspacep.{o.space}")
    return o.write(f"{tests[o.space]}(t, {o.read(1, 'u64')})", "pred")


@emits("ld", "ldu")
def load(o: Operands) -> str:
    """Read one value or a vector of them."""
    kind, count = C_TYPES[o.type], _vector(o)
    pointer = f"({kind} *){o.address(1, SIZES[o.type] * count)}"
    if count == 1:
        return o.write(f"*{pointer}")
    stores = " ".join(o.write_text(part, f"v_[{k}]", o.type) for k, part in enumerate(o.parts(0)))
    return f"{{ {kind} *v_ = {pointer}; {stores} }}"


@emits("st")
def store(o: Operands) -> str:
    """Write one value or a vector of them."""
    kind, count = C_TYPES[o.type], _vector(o)
    pointer = f"({kind} *){o.address(0, SIZES[o.type] * count, 'WRITE')}"
    if count == 1:
        return f"*{pointer} = {o.read(1)};"
    stores = " ".join(f"v_[{k}] = {o.read_text(part, o.type)};" for k, part in enumerate(o.parts(1)))
    return f"{{ {kind} *v_ = {pointer}; {stores} }}"


def _vector(o: Operands) -> int:
    return int(o.has("v2", "v4", "v8")[1:] or 1)


@emits("atom", "red")
def atomic(o: Operands) -> str:
    """Read, modify and write in one step: a compare-and-swap loop on the bits."""
    first = 1 if o.opcode == "atom" else 0
    update = o.has(*UPDATES)
    kind, unsigned = C_TYPES[o.type], f"u{o.bits}"
    pointer = f"({unsigned} *){o.address(first, SIZES[o.type], 'ATOMIC')}"
    swap = f"{kind} c_ = {o.read(first + 2)};" if update == "cas" else ""
    decode, encode = (f"F{o.bits}", f"B{o.bits}") if o.floating else (f"({kind})", f"({unsigned})")
    result = o.write("o_") if first else ""
    return (
        f"{{ {unsigned} *q_ = {pointer}; {kind} b_ = {o.read(first + 1)}; {swap} {kind} o_; "
        f"{unsigned} y_, x_ = __atomic_load_n(q_, __ATOMIC_SEQ_CST); "
        f"do {{ o_ = {decode}(x_); y_ = {encode}({UPDATES[update]}); }} "
        "while (!__atomic_compare_exchange_n(q_, &x_, y_, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)); "
        f"{result} }}"
    )


@emits("membar", "fence", "prefetch", "prefetchu", "discard", "applypriority", "nanosleep")
def nothing(o: Operands) -> str:
    """Ordering and caching, which a sequentially consistent machine does not need."""
    return ";"
