"""Read PTX text."""

from __future__ import annotations

import re

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
