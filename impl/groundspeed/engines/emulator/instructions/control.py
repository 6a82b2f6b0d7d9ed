"""Branches, calls, barriers and traps."""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits
from groundspeed.engines.emulator.operands import Operands, c_name
from groundspeed.engines.emulator.ptx import UnsupportedPtx


@emits("bra")
def branch(o: Operands) -> str:
    """Jump."""
    return f"goto {c_name(o.texts[0])};"


@emits("brx")
def indexed_branch(o: Operands) -> str:
    """Jump through a table."""
    targets = o.scope.tables[o.texts[1]]
    cases = " ".join(f"case {k}: goto {c_name(target)};" for k, target in enumerate(targets))
    return f"switch ({o.read(0, 'u32')}) {{ {cases} }}"


@emits("ret", "exit")
def leave(o: Operands) -> str:
    """Return; `exit` is the same in a kernel."""
    return "LEAVE;"


@emits("trap", "brkpt")
def trap(o: Operands) -> str:
    """Stop the thread and say so."""
    return f"fault(t, TRAP, {o.line}, 0, 0); LEAVE;"


@emits("bar", "barrier")
def barrier(o: Operands) -> str:
    """Barrier of a block (with a vote) or of a warp."""
    if o.has("warp"):
        return f"warp_operation(t, SYNC, 0, 0, 0, {o.read(0, 'u32')}, {o.line});"
    votes = {"popc": "t->votes", "and": "(t->votes == t->voters)", "or": "(t->votes != 0)"}
    if not o.has("red"):
        if len(o.texts) > 1 or o.texts[0] not in ("0", "0x0"):
            raise UnsupportedPtx("a barrier other than number 0, or for some of the threads")
        return f"block_barrier(t, 0, {o.line});"
    vote = o.has(*votes)
    kind = "u32" if vote == "popc" else "pred"
    return f"block_barrier(t, {o.read_text(o.texts[-1], 'pred')}, {o.line}); {o.write(votes[vote], kind)}"


@emits("call")
def call(o: Operands) -> str:
    """Call a function of this module."""
    texts = list(o.texts)
    returns = texts.pop(0) if texts[0].startswith("(") else ""
    name, arguments = texts[0], texts[1] if len(texts) > 1 else ""
    if name not in o.scope.symbols or not o.scope.symbols[name].startswith("F_"):
        raise UnsupportedPtx(f"a call of {name!r}, which this PTX does not define")
    values = [
        c_name(v.strip()) for group in (returns, arguments) for v in group.strip("()").split(",") if v.strip()
    ]
    return f"{o.scope.symbols[name]}({', '.join(['t', *values])});"
