"""Operations among the 32 threads of a warp."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import Operands, c_name


def _operation(o: Operands, name: str, value: str, mask: str, lane: str = "0", clamp: str = "0") -> str:
    return f"warp_operation(t, {name}, {value}, {lane}, {clamp}, {mask}, {o.line})"


def _result_and_predicate(o: Operands, operation: str) -> str:
    destination, predicate = o.pair()
    second = f"{c_name(predicate)} = t->flag;" if predicate else ""
    return f"{{ u64 v_ = {operation}; {o.write_text(destination, '(u32)v_', 'u32')} {second} }}"


@emits("shfl")
def shuffle(o: Operands) -> str:
    """Read a register of another lane."""
    value, lane, clamp, mask = (o.read(k, "u32") for k in (1, 2, 3, 4))
    name = f"SHUFFLE_{o.has('up', 'down', 'bfly', 'idx').upper()}"
    return _result_and_predicate(o, _operation(o, name, value, mask, lane, clamp))


@emits("vote")
def vote(o: Operands) -> str:
    """Ask all lanes of the mask for a predicate."""
    name = o.has("ballot", "any", "all", "uni")
    operation = _operation(o, f"VOTE_{name.upper()}", o.read(1, "pred"), o.read(2, "u32"))
    return o.write(operation, "u32" if name == "ballot" else "pred")


@emits("match")
def match(o: Operands) -> str:
    """Find the lanes that hold the same value."""
    name = f"MATCH_{o.has('any', 'all').upper()}"
    return _result_and_predicate(o, _operation(o, name, o.read(1, f"u{o.bits}"), o.read(2, "u32")))


@emits("redux")
def reduce(o: Operands) -> str:
    """Reduce a register over the lanes of the mask."""
    name = o.has("add", "min", "max", "and", "or", "xor").upper()
    unsigned = "U" if name in ("MIN", "MAX") and not o.signed else ""
    return o.write(_operation(o, f"REDUCE_{unsigned}{name}", o.read(1, "u32"), o.read(2, "u32")), "u32")


@emits("activemask")
def active_mask(o: Operands) -> str:
    """Lanes that have not exited. On a GPU it may be any subset that has converged."""
    return o.write("active_mask(t)", "u32")


@emits("elect")
def elect(o: Operands) -> str:
    """The lowest lane of the mask."""
    return _result_and_predicate(o, _operation(o, "ELECT", "0", o.read(1, "u32")))
