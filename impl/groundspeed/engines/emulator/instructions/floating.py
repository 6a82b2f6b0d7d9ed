"""Floating-point arithmetic, with the rounding that each instruction names.

Without a rounding modifier a product and a sum may be fused by later stages (ptxas does); the C compiler is
then free to fuse them too. With `.rn` nothing may be fused; `.rz`, `.rm` and `.rp` switch the rounding mode.
"""

from __future__ import annotations

from groundspeed.engines.emulator.instructions import emits, integer
from groundspeed.engines.emulator.operands import FLOATS, Operands
from groundspeed.engines.emulator.ptx import UnsupportedPtx

BINARY = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}"}
FUNCTIONS = {
    "abs": "fabs",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "lg2": "log2",
    "ex2": "exp2",
    "min": "fmin",
    "max": "fmax",
    "fma": "fma",
}
DIRECTED = {"rz": "FE_TOWARDZERO", "rm": "FE_DOWNWARD", "rp": "FE_UPWARD"}


@emits("add", "sub", "mul", "div", "abs", "neg", "min", "max", "fma", "mad")
def arithmetic(o: Operands) -> str:
    """Arithmetic that exists for integers too."""
    return function(o) if o.floating else integer.arithmetic(o)


@emits("sqrt", "rsqrt", "rcp", "sin", "cos", "tanh", "lg2", "ex2")
def function(o: Operands) -> str:
    """One floating-point operation, saturated to [0, 1] where the instruction says so."""
    if o.has("NaN", "xorsign"):
        raise UnsupportedPtx("a minimum or maximum with .NaN or .xorsign")
    expression = _expression(o, [o.read(k) for k in range(1, len(o.texts))])
    if mode := DIRECTED.get(o.has(*DIRECTED)):
        expression = f"ROUNDED({mode}, {o.type}, {expression})"
    return o.write(f"saturate({expression})" if o.has("sat") else expression)


def _expression(o: Operands, operands: list[str]) -> str:
    opcode = "fma" if o.opcode == "mad" else o.opcode
    suffix = "" if o.type == "f64" else "f"
    if o.has(*DIRECTED):
        operands = [f"VOLATILE({o.type}, {operand})" for operand in operands]
    if opcode in BINARY:
        exact = o.has("rn") and opcode != "div"
        plain = BINARY[opcode].format(*operands)
        return f"{opcode}_rn_{o.type}({', '.join(operands)})" if exact else plain
    if opcode in FUNCTIONS:
        return f"{FUNCTIONS[opcode]}{suffix}({', '.join(operands)})"
    if opcode == "neg":
        return f"-{operands[0]}"
    root = f"sqrt{suffix}({operands[0]})" if opcode == "rsqrt" else operands[0]
    rough = o.has("approx") and o.type == "f64"  # the hardware gives the upper 32 bits only
    return f"upper_half(1 / {root})" if rough else f"(({o.type})1 / {root})"


@emits("copysign")
def copysign(o: Operands) -> str:
    """`copysign d, a, b` gives b the sign of a."""
    return o.write(f"copysign({o.read(2)}, {o.read(1)})")


@emits("testp")
def test_property(o: Operands) -> str:
    """Classify a number."""
    tests = {
        "finite": "isfinite({})",
        "infinite": "isinf({})",
        "number": "!isnan({})",
        "notanumber": "isnan({})",
        "normal": "isnormal({})",
        "subnormal": "(fpclassify({}) == FP_SUBNORMAL)",
    }
    return o.write(tests[o.has(*tests)].format(o.read(1)), "pred")


@emits("cvt")
def convert(o: Operands) -> str:
    """Convert between types; a float becomes an integer by saturation."""
    to, source = o.types[-2:]
    value = o.read(1, source)
    if source in FLOATS:
        value = _to_integral(o, value, source, truncate=to not in FLOATS)
    if to not in FLOATS:
        return o.write(_to_integer(value, to, source), "s64" if to[0] == "s" else to)
    if mode := DIRECTED.get(o.has(*DIRECTED)):
        value = f"ROUNDED({mode}, {to}, ({to})VOLATILE({source}, {value}))"
    return o.write(f"saturate(({to}){value})" if o.has("sat") else f"({to}){value}", to)


def _to_integral(o: Operands, value: str, source: str, truncate: bool) -> str:
    names = {"rni": "nearbyint", "rzi": "trunc", "rmi": "floor", "rpi": "ceil"}
    name = names.get(o.has(*names), "trunc" if truncate else "")
    return f"{name}{'' if source == 'f64' else 'f'}({value})" if name else value


def _to_integer(value: str, to: str, source: str) -> str:
    if source in FLOATS:
        kind = "s" if to[0] == "s" else "u"
        return f"to_{kind}{to[1:]}({value}, {int(source == 'f64' or to.endswith('64'))})"
    return f"({'s' if to[0] == 's' else 'u'}{to[1:]}){value}"
