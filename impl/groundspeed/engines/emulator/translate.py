"""Translate a PTX module to one C file that includes the runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from groundspeed.engines.emulator.instructions import EMIT
from groundspeed.engines.emulator.operands import C_TYPES, Operands, Scope, c_name, literal, shared_offsets
from groundspeed.engines.emulator.ptx import (
    SIZES,
    Brace,
    Function,
    Instruction,
    Label,
    Module,
    Registers,
    Statement,
    UnsupportedPtx,
    Variable,
)

WAITS = {"bar", "barrier", "shfl", "vote", "match", "redux", "activemask", "elect"}
STACK_BYTES = 64 * 1024  # per fiber, besides its local variables


@dataclass(frozen=True)
class Translation:
    """C source, and what a launch must know about it."""

    c_source: str
    static_shared: int
    fibers: bool


def translate(module: Module, check: bool) -> Translation:
    """Translate a module.

    Args:
        module: the parsed PTX.
        check: whether memory accesses are checked.

    Raises:
        UnsupportedPtx: an instruction outside the emulator's subset; names the PTX line.
    """
    everywhere = module.variables + [v for f in module.functions for v in f.body if isinstance(v, Variable)]
    shared = [variable for variable in everywhere if variable.space == "shared"]
    data = [variable for variable in module.variables if variable.space != "shared"]
    offsets, static_shared = shared_offsets(shared)
    symbols = {name: f"SHARED_AT({offset})" for name, offset in offsets.items()}
    symbols |= {variable.name: c_name(variable.name) for variable in data}
    symbols |= {f.name: f"F_{c_name(f.name)}" for f in module.functions if not f.entry}
    fibers = bool(shared) or any(i.opcode in WAITS for f in module.functions for i in f.instructions())
    lines = [
        *(["#define CHECK 1"] if check else []),
        f"enum {{ SHADOW_BYTES = {_smallest_access(module)} }};",
        f"enum {{ STACK_BYTES = {STACK_BYTES + _local_bytes(module)} }};",
        "#define SHARED_AT(offset) (offset)",
        *(f'#include "{name}.h"' for name in ("base", "arithmetic", "access", "fibers", "warp", "run")),
        *(f"{_prototype(f)};" for f in module.functions if not f.entry),
        *(_data(variable, symbols) for variable in data),
        _data_ranges(data),
        *(line for f in module.functions for line in _function(f, symbols)),
        *(_launcher(f, fibers) for f in module.functions if f.entry),
    ]
    return Translation("\n".join(lines) + "\n", static_shared, fibers)


def _smallest_access(module: Module) -> int:
    """Bytes per cell of the race detector: the narrowest access that may be to shared memory."""
    sizes = [
        SIZES[modifier]
        for function in module.functions
        for i in function.instructions()
        if i.opcode in ("ld", "st", "atom", "red")
        and not {"param", "global", "local", "const"} & set(i.modifiers)
        for modifier in i.modifiers
        if modifier in SIZES
    ]
    return min(sizes, default=4)


def _local_bytes(module: Module) -> int:
    return sum(
        v.size for f in module.functions for v in f.body if isinstance(v, Variable) and v.space == "local"
    )


def _data(variable: Variable, symbols: dict[str, str]) -> str:
    declaration = f"static {C_TYPES[variable.type]} {c_name(variable.name)}[{max(variable.count, 1)}]"
    values = (value.strip() for value in variable.initial.strip().strip("{}").split(","))
    initial = ", ".join(_initial(value, symbols) for value in values if value)
    return f"{declaration} __attribute__((aligned({max(variable.alignment, 8)}))) = {{{initial}}};"


def _initial(text: str, symbols: dict[str, str]) -> str:
    name = re.sub(r"^generic\((.*)\)$", r"\1", text)
    if name in symbols:
        return f"(u64)&{symbols[name]}"
    value = literal(text)
    if value[0] == "F":  # C wants constants here, not calls
        return repr(float.fromhex("0x0")) if set(text[2:]) == {"0"} else _unsupported(f"initial value {text}")
    return value


def _unsupported(what: str) -> str:
    raise UnsupportedPtx(what)


def _data_ranges(variables: list[Variable]) -> str:
    """C function that lists the module's own variables, which a kernel may read and write."""
    names = [c_name(variable.name) for variable in variables]
    entries = (f"r[{k}] = (Range){{(u64){n}, (u64){n} + sizeof {n}, 1}};" for k, n in enumerate(names))
    return f"int data_ranges(Range *r) {{ {' '.join(entries)} return {len(names)}; }}"


def _prototype(function: Function) -> str:
    if function.entry:
        return f"static void F_{c_name(function.name)}(Thread *t, char *args)"
    values = "".join(f", char *{c_name(v.name)}" for v in function.returns + function.parameters)
    return f"static void F_{c_name(function.name)}(Thread *t{values})"


def _function(function: Function, symbols: dict[str, str]) -> Iterator[str]:
    scope = Scope(function, symbols)
    yield f"{_prototype(function)} {{ ENTER"
    for statement in function.body:
        try:
            yield _statement(statement, scope)
        except (UnsupportedPtx, KeyError, IndexError) as error:
            where = f"PTX line {statement.line}: " if isinstance(statement, Instruction) else ""
            raise UnsupportedPtx(f"{where}{statement} is outside the emulator's subset ({error})") from error
    yield "LEAVE; }"


def _statement(statement: Statement, scope: Scope) -> str:
    match statement:
        case Brace(opens):
            if opens:
                scope.blocks.append({})
            else:
                scope.blocks.pop()
            return "{" if opens else ";}"
        case Label(name, targets):
            scope.tables[name] = targets
            return "" if targets else f"{c_name(name)}:;"
        case Registers(kind, names):
            return _registers(kind, names, scope)
        case Variable():
            return _variable(statement, scope)
        case Instruction():
            return _instruction(statement, scope)


def _registers(kind: str, names: tuple[tuple[str, int | None], ...], scope: Scope) -> str:
    declared = []
    for name, count in names:
        scope.declare(name if count is None else f"{name}<", kind)
        declared += [name] if count is None else [f"{name}{k}" for k in range(count)]
    return f"{C_TYPES[kind]} {', '.join(f'{c_name(name)} = 0' for name in declared)};"


def _variable(variable: Variable, scope: Scope) -> str:
    if variable.space == "shared":
        return ""
    name = c_name(variable.name)
    scope.symbols[variable.name] = name
    declared = f"char {name}[{variable.size}] __attribute__((aligned(16)));"
    return declared + (f" DECLARE_LOCAL({name});" if variable.space == "local" else "")


def _instruction(instruction: Instruction, scope: Scope) -> str:
    if instruction.opcode not in EMIT:
        raise UnsupportedPtx(f"opcode {instruction.opcode!r}")
    code = EMIT[instruction.opcode](Operands(instruction, scope))
    if not instruction.guard:
        return code
    return (
        f"if ({'!' * instruction.guard.startswith('!')}{c_name(instruction.guard.lstrip('!'))}) {{ {code} }}"
    )


def _launcher(function: Function, fibers: bool) -> str:
    name = c_name(function.name)
    return f"void launch_{name}(Launch *l) {{ {'run_as_fibers' if fibers else 'run_in_turn'}(F_{name}, l); }}"
