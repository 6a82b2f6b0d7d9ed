"""Instructions of a kernel by kind, in its PTX and in the largest innermost loop of its SASS."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from groundspeed.engines.emulator.operands import shared_offsets
from groundspeed.engines.emulator.ptx import SIZES, Function, Instruction, Module, Variable

KINDS = ("f64", "f32", "integer", "loads", "stores", "atomics")
LOOP_KINDS = ("f64", "f32", "integer", "loads", "shared")

NOT_ARITHMETIC = {
    "mov",
    "ld",
    "ldu",
    "st",
    "cvta",
    "bra",
    "brx",
    "call",
    "ret",
    "exit",
    "bar",
    "barrier",
    "shfl",
}
ATOMICS = {"atom", "red"}
_KINDS = (
    ("f64", re.compile(r"D(FMA|ADD|MUL|SETP|MNMX)\b")),
    ("f32", re.compile(r"F(FMA|ADD|MUL|SETP|MNMX)\b")),
    ("loads", re.compile(r"LDG?\b")),
    ("stores", re.compile(r"STG?\b")),
    ("shared", re.compile(r"(LDS|STS)\b")),
    (
        "integer",
        re.compile(r"U?(I(MAD|ADD3?|SETP|MNMX|ABS)|VIADD|LOP3|SHF|LEA|SEL|PRMT|MOV|PLOP3|POPC|FLO|BREV)\b"),
    ),
)
_LABEL = re.compile(r"\s*(\.L_x_\d+):")
_SASS = re.compile(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)\s*(.*?);?\s*(?:/\*.*)?$")


@dataclass(frozen=True)
class Loop:
    """An innermost loop: its instructions, by kind."""

    instructions: int
    kinds: Counter[str]


def count(module: Module) -> Counter[str]:
    """Instructions by kind: `f64`, `f32` and `integer` arithmetic, `loads`, `stores`, `atomics`.

    Loads and stores are those of device memory. Each instruction counts once, however often it runs.
    """
    return Counter(kind for f in reachable(module) for i in f.instructions() if (kind := _kind(i)))


def reachable(module: Module) -> list[Function]:
    """The kernels of a module and what they call; compilers leave functions behind that they have inlined."""
    named = {function.name: function for function in module.functions}
    found = {function.name: function for function in module.functions if function.entry}
    waiting = list(found.values())
    while waiting:
        calls = (i for i in waiting.pop().instructions() if i.opcode == "call")
        callees = {text for i in calls for text in i.operands if text in named and text not in found}
        found |= {name: named[name] for name in callees}
        waiting += [named[name] for name in callees]
    return list(found.values())


def narrowings(module: Module) -> int:
    """Conversions of float64 to float32, of which a float64 kernel should have none."""
    every = (i for f in reachable(module) for i in f.instructions() if i.opcode == "cvt")
    return sum(i.modifiers[-2:] == ("f32", "f64") for i in every)


def shared_bytes(module: Module) -> int:
    """Shared memory that the kernel declares, per block.

    The linker's own number holds what the system reserves on some architectures and not on others.
    """
    everywhere = module.variables + [v for f in module.functions for v in f.body if isinstance(v, Variable)]
    return shared_offsets([variable for variable in everywhere if variable.space == "shared"])[1]


def _kind(instruction: Instruction) -> str:
    if instruction.opcode in ATOMICS:
        return "atomics"
    if instruction.opcode in ("ld", "ldu", "st"):
        near = {"param", "shared", "local", "const"} & {m.partition("::")[0] for m in instruction.modifiers}
        return "" if near else "stores" if instruction.opcode == "st" else "loads"
    if instruction.opcode in NOT_ARITHMETIC:
        return ""
    types = [modifier for modifier in instruction.modifiers if modifier in SIZES]
    for kind in ("f64", "f32"):
        if kind in types:
            return kind
    return "integer" if types and "pred" not in types else ""


def largest_loop(sass: str) -> Loop | None:
    """The innermost loop with most instructions, None where there is none.

    Innermost loops are backward branches whose range contains no other backward branch.

    Args:
        sass: what `nvdisasm -c` prints.
    """
    code, labels = _parse_sass(sass)
    back = [
        (labels[target], at)
        for at, (opcode, operands) in enumerate(code)
        if opcode.startswith("BRA")
        for target in re.findall(r"`\((\.L_x_\d+)\)", operands)
        if labels.get(target, len(code)) < at
    ]
    inner = [
        (start, end)
        for start, end in back
        if not any((s, e) != (start, end) and start <= s and e <= end for s, e in back)
    ]
    if not inner:
        return None
    start, end = max(inner, key=lambda span: span[1] - span[0])
    return Loop(end - start + 1, Counter(_sass_kind(opcode) for opcode, _ in code[start : end + 1]))


def _parse_sass(sass: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
    code: list[tuple[str, str]] = []
    labels: dict[str, int] = {}
    for line in sass.splitlines():
        if match := _LABEL.match(line):
            labels[match[1]] = len(code)
        elif match := _SASS.match(line):
            code.append((match[1], match[2]))
    return code, labels


def _sass_kind(opcode: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.match(opcode)), "other")
