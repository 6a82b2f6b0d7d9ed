"""Read PTX, the assembly language of CUDA compilers, into small dataclasses.

Source: NVIDIA, "Parallel Thread Execution ISA", chapters 4 (syntax), 5 (state spaces) and 11 (directives).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SIZES = {"pred": 1, "f16": 2, "f32": 4, "f64": 8}
SIZES |= {f"{sign}{bits}": bits // 8 for sign in "bsu" for bits in (8, 16, 32, 64)}

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_SECTION = re.compile(r"^\s*\.section\s+\S+\s*\{.*?^\s*\}", re.S | re.M)
_LINKAGE = r"(?P<linkage>(?:\.(?:visible|weak|extern|common)\s+)*)"
_HEADER = re.compile(r"\.(?:version|target|address_size)[^\n]*")
_FILE = re.compile(r'\.file\s+(\d+)\s+"([^"]*)"[^\n]*')
_LOC = re.compile(r"\.loc\s+(\d+)\s+(\d+)[^\n]*")
_FUNCTION = re.compile(
    _LINKAGE + r"\.(?P<kind>entry|func)\b\s*(?:\((?P<returns>[^)]*)\))?\s*(?P<name>[\w$]+)\s*"
    r"(?:\((?P<parameters>[^)]*)\))?[^;{]*(?P<end>[;{])",
    re.S,
)
_GLOBAL = re.compile(_LINKAGE + r"\.(?P<space>global|const|shared)\s*(?P<rest>.*)", re.S)
_VARIABLE = re.compile(
    r"(?:\.attribute\([^)]*\)\s*)?(?:\.align\s+(?P<align>\d+)\s+)?\.(?P<type>\w+)\s+"
    r"(?:\.ptr\s*(?:\.\w+\s+)*?(?:\.align\s+\d+\s+)?)?(?P<name>[\w$%]+)(?P<shape>(?:\[\d*\])*)\s*(?:=\s*(?P<initial>.*))?$",
    re.S,
)
_LABEL = re.compile(r"([$\w]+)\s*:")
_GUARD = re.compile(r"@(!?[%\w$]+)\s+(.*)")


class UnsupportedPtx(NotImplementedError):
    """The emulator does not model this piece of PTX."""


@dataclass(frozen=True)
class Variable:
    """A parameter, or a variable in a state space; `count` 0 means sized at launch."""

    name: str
    type: str
    count: int
    alignment: int
    space: str = ""
    initial: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return SIZES[self.type] * self.count


@dataclass(frozen=True)
class Registers:
    """`.reg .type names`; a count stands for name0, name1, ..."""

    type: str
    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Label:
    """A branch target; `targets` where it names a jump table instead."""

    name: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brace:
    """The opening or closing of a block."""

    opens: bool


@dataclass(frozen=True)
class Instruction:
    """`@guard opcode.modifiers operands;` on a line of the PTX."""

    line: int
    guard: str
    opcode: str
    modifiers: tuple[str, ...]
    operands: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'.'.join((self.opcode, *self.modifiers))} {', '.join(self.operands)}"


Statement = Variable | Registers | Label | Brace | Instruction


@dataclass
class Function:
    """A kernel (`entry`) or device function."""

    name: str
    entry: bool
    parameters: list[Variable]
    returns: list[Variable]
    body: list[Statement] = field(default_factory=list)

    def instructions(self) -> list[Instruction]:
        """The instructions, without declarations and labels."""
        return [statement for statement in self.body if isinstance(statement, Instruction)]


@dataclass
class Module:
    """A translation unit. `sources` gives, per PTX line that starts one, the (file, line) of Python."""

    functions: list[Function] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    sources: dict[int, tuple[str, int]] = field(default_factory=dict)

    def source(self, line: int) -> tuple[str, int] | None:
        """The Python file and line behind a PTX line, None where the compiler did not say."""
        before = [start for start in self.sources if start <= line]
        return self.sources[max(before)] if before else None


def parse(text: str) -> Module:
    """Parse a PTX module.

    Raises:
        UnsupportedPtx: a directive outside this emulator's subset.
    """
    return _Parser(text).module()


def split_operands(text: str) -> tuple[str, ...]:
    """Split at the commas that no bracket encloses."""
    parts = re.findall(r"(?:\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|[^,])+", text)
    return tuple(part.strip() for part in parts if part.strip())


class _Parser:
    def __init__(self, text: str):
        self.text = _SECTION.sub(_blank, _COMMENT.sub(_blank, text))
        self.at = 0
        self._counted = (0, 1)
        self.files: dict[int, str] = {}
        self.places: dict[int, tuple[int, int]] = {}
        self.result = Module()

    def module(self) -> Module:
        while self._skip_space():
            if self._take(_HEADER) or self._debug() or self._function():
                continue
            statement = self._statement()
            match = _GLOBAL.match(statement)
            if not match:
                raise UnsupportedPtx(f"PTX line {self._line()}: {statement[:80]}")
            self.result.variables.append(_variable(match["rest"], match["space"]))
        self.result.sources = {
            line: (self.files[file], source) for line, (file, source) in self.places.items() if source
        }
        return self.result

    def _function(self) -> bool:
        match = self._take(_FUNCTION)
        if not match:
            return False
        function = Function(
            match["name"],
            match["kind"] == "entry",
            _variables(match["parameters"]),
            _variables(match["returns"]),
        )
        if match["end"] == "{":
            self._body(function.body)
            self.result.functions.append(function)
        return True

    def _body(self, body: list[Statement]) -> None:
        depth = 1
        while depth:
            self._skip_space()
            if self._debug():
                continue
            if self.text[self.at] in "{}":
                opens = self.text[self.at] == "{"
                depth += 1 if opens else -1
                self.at += 1
                if depth:
                    body.append(Brace(opens))
            elif label := self._take(_LABEL):
                self._skip_space()
                is_table = self.text.startswith(".branchtargets", self.at)
                targets = split_operands(self._statement().partition(" ")[2]) if is_table else ()
                body.append(Label(label[1], targets))
            else:
                line = self._line()
                statement = " ".join(self._statement().split())
                if not statement.startswith(".pragma"):
                    body.append(_statement(statement, line))

    def _debug(self) -> bool:
        if match := self._take(_FILE):
            self.files[int(match[1])] = match[2]
        elif match := self._take(_LOC):
            self.places[self._line()] = (int(match[1]), int(match[2]))
        return match is not None

    def _skip_space(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def _statement(self) -> str:
        end = self.text.index(";", self.at)
        statement, self.at = self.text[self.at : end], end + 1
        return statement

    def _line(self) -> int:
        counted, line = self._counted
        self._counted = (self.at, line + self.text.count("\n", counted, self.at))
        return self._counted[1]


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _statement(text: str, line: int) -> Statement:
    if text.startswith(".reg"):
        kind, _, names = text[4:].strip().partition(" ")
        return Registers(kind[1:], tuple(_register(name.strip()) for name in names.split(",")))
    for space in ("local", "shared", "param"):
        if text.startswith(f".{space}"):
            return _variable(text[len(space) + 1 :], space)
    guard = _GUARD.match(text)
    opcode, _, operands = (guard[2] if guard else text).partition(" ")
    name, *modifiers = opcode.split(".")
    return Instruction(line, guard[1] if guard else "", name, tuple(modifiers), split_operands(operands))


def _register(text: str) -> tuple[str, int | None]:
    name, _, count = text.partition("<")
    return name, int(count.rstrip(">")) if count else None


def _variables(text: str | None) -> list[Variable]:
    texts = [part.strip() for part in (text or "").split(",")]
    return [_variable(re.sub(r"^\.(param|reg)\s+", "", part), "param") for part in texts if part]


def _variable(text: str, space: str) -> Variable:
    match = _VARIABLE.match(text.strip())
    if not match or match["type"] not in SIZES:
        raise UnsupportedPtx(f"variable {text.strip()[:80]!r}")
    count = 1
    for extent in re.findall(r"\[(\d*)\]", match["shape"]):
        count *= int(extent or 0)
    alignment = int(match["align"] or SIZES[match["type"]])
    return Variable(match["name"], match["type"], count, alignment, space, match["initial"] or "")
