"""Cells of text to typed columns, with the position and the reason of every cell that does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundspeed.io.encodings import XY, Encoding
from groundspeed.io.problems import Problem, shortened

BYTE_BY_BYTE = "latin-1"  # the codec in which every byte is a character, so that none can be wrong
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))$"
# What pyarrow infers, in its order; text is what is left.
INFERRED = (
    pa.null(),
    pa.int64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("s"),
    pa.timestamp("ns"),
    pa.float64(),
)


def convert(
    raw: pa.Table, encoding: Encoding, types: dict[str, pa.DataType], *, by_byte: bool
) -> tuple[pa.Table, list[Problem]]:
    """Typed columns of the same length, null where a cell is bad.

    Args:
        raw: columns of text, null where empty.
        encoding: what the geometry is made of.
        types: of attributes by name; filled in where absent.
        by_byte: whether the text was read byte by byte and is to be UTF-8.

    Returns:
        The table, and the problems by position.
    """
    problems: list[Problem] = []
    columns = []
    for name in raw.column_names:
        text, bad = _text(raw[name], name) if by_byte else (raw[name], [])
        problems += bad
        if name in encoding.columns and isinstance(encoding, XY):
            types[name] = pa.float64()
        elif name in encoding.columns:
            types[name] = pa.string()
        values, bad = _typed(text, name, types)
        problems += bad
        columns.append(values)
    return pa.table(columns, names=raw.column_names), problems


def _text(column: pa.ChunkedArray, name: str) -> tuple[pa.Array, list[Problem]]:
    """Cells that were read byte by byte as the UTF-8 text they are, null where they are not."""
    text = column.combine_chunks()
    other = pc.invert(pc.string_is_ascii(text)).fill_null(False)
    values: list[str | None] = []
    problems = []
    for at in np.flatnonzero(np.asarray(other)):
        value = text[int(at)].as_py()
        try:
            values.append(as_utf8(value))
        except UnicodeDecodeError as error:
            reason = f"not UTF-8 text at byte {error.start}; if the file is Latin-1, pass encoding='latin-1'"
            problems.append(Problem(int(at), name, reason, shortened(value)))
            values.append(None)
    return pc.replace_with_mask(text, other, pa.array(values, pa.string())) if values else text, problems


def as_utf8(text: str, errors: str = "strict") -> str:
    """Text that was read byte by byte as what it says in UTF-8."""
    return text.encode(BYTE_BY_BYTE).decode(errors=errors)


def _typed(text: Any, name: str, types: dict[str, pa.DataType]) -> tuple[Any, list[Problem]]:
    if name not in types:
        types[name] = _infer(text)
    type = types[name]
    if type == pa.float64():
        return _numbers(text, name)
    try:
        return _cast(text, type), []
    except pa.ArrowInvalid:
        return _one_by_one(text, name, type)


def _infer(text: Any) -> pa.DataType:
    for type in INFERRED:
        try:
            _cast(text, type)
        except pa.ArrowInvalid:
            continue
        return type
    return pa.string()


def _cast(text: Any, type: pa.DataType) -> Any:
    if pa.types.is_null(type):
        if text.null_count < len(text):
            raise pa.ArrowInvalid("not all cells are empty")
        return pa.nulls(len(text))
    return text if pa.types.is_string(type) else pc.utf8_trim_whitespace(text).cast(type)


def _numbers(text: Any, name: str) -> tuple[Any, list[Problem]]:
    trimmed = pc.utf8_trim_whitespace(text)
    fits = pc.match_substring_regex(trimmed, NUMBER)
    wrong = np.flatnonzero(np.asarray(pc.invert(fits).fill_null(False)))
    problems = [Problem(int(at), name, "not a number", shortened(text[int(at)].as_py())) for at in wrong]
    return pc.if_else(fits, trimmed, None).cast(pa.float64()), problems


def _one_by_one(text: Any, name: str, type: pa.DataType) -> tuple[Any, list[Problem]]:
    """For a column some of whose cells do not fit the type of the first batch."""
    values: list[Any] = []
    problems = []
    for at, cell in enumerate(text):
        try:
            values.append(_cast(pa.array([cell.as_py()], pa.string()), type)[0].as_py())
        except pa.ArrowInvalid:
            values.append(None)
            reason = f"not {type}, as in the rows before"
            problems.append(Problem(at, name, reason, shortened(cell.as_py())))
    return pa.chunked_array([pa.array(values, type)]), problems
