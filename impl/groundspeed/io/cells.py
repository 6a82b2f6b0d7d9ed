"""Cells of text to typed columns, with the position and the reason of every cell that does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from groundspeed.io.encodings import XY, Encoding
from groundspeed.io.problems import Problem, shortened

MISSING: dict[str, Any] = {
    "null_values": [""],
    "strings_can_be_null": True,
    "quoted_strings_can_be_null": False,
}
"""What a missing cell looks like: empty, without quotes; NA is Namibia."""
LONGEST = 1 << 27
"""Bytes of one record, written with all its quotes; those of files have a quarter at most."""
BYTE_BY_BYTE = "latin-1"  # the codec in which every byte is a character, so that none can be wrong
# pyarrow's numbers, and those with a plus sign
NUMBER = (
    r"^(?:[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))"
    r"|-?(?i:nan)\([A-Za-z0-9_]*\))$"
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
    texts = {}
    for name in raw.column_names:
        texts[name], bad = _text(raw[name], name) if by_byte else (raw[name], [])
        problems += bad
    attributes = [name for name in texts if name not in encoding.columns]
    typed, bad = _typed(pa.table({name: texts[name] for name in attributes}), types)
    problems += bad
    columns = dict(zip(attributes, typed, strict=True))
    for name in encoding.columns:
        columns[name], bad = _numbers(texts[name], name) if isinstance(encoding, XY) else (texts[name], [])
        problems += bad
    return pa.table({name: columns[name] for name in texts}), problems


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


def _typed(texts: pa.Table, types: dict[str, pa.DataType]) -> tuple[list[Any], list[Problem]]:
    """Columns of the types that are known, else of those that pyarrow infers, which then are known."""
    try:
        table = _parsed(texts, types)
    except pa.ArrowInvalid:
        fitted = [_fitting(texts.select([name]), types, 0) for name in texts.column_names]
        return [column for column, _ in fitted], [one for _, bad in fitted for one in bad]
    if len(texts):
        types.update(zip(table.column_names, table.schema.types, strict=True))
    return table.columns, []


def _parsed(texts: pa.Table, types: dict[str, pa.DataType]) -> pa.Table:
    """Cells written as CSV and read again, so that they mean what they mean in the fast pass."""
    if not texts.num_columns or not len(texts):
        return pa.schema([(name, types.get(name, pa.null())) for name in texts.column_names]).empty_table()
    sink = pa.BufferOutputStream()
    pacsv.write_csv(texts, sink, pacsv.WriteOptions(include_header=False))
    return pacsv.read_csv(
        pa.BufferReader(sink.getvalue()),
        pacsv.ReadOptions(column_names=texts.column_names, block_size=LONGEST),
        pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pacsv.ConvertOptions(column_types=types, **MISSING),
    )


def _fitting(text: pa.Table, types: dict[str, pa.DataType], first: int) -> tuple[Any, list[Problem]]:
    """One column some of whose cells may not fit the type of the first batch, found by halving."""
    name = text.column_names[0]
    try:
        return _parsed(text, types)[name], []
    except pa.ArrowInvalid:
        if len(text) == 1:
            reason = f"not {types[name]}, as in the rows before"
            raw = shortened(text[name][0].as_py())
            return pa.chunked_array([pa.nulls(1, types[name])]), [Problem(first, name, reason, raw)]
    half = len(text) // 2
    left, bad = _fitting(text.slice(0, half), types, first)
    right, more = _fitting(text.slice(half), types, first + half)
    return pa.chunked_array([*left.chunks, *right.chunks], types[name]), bad + more


def _numbers(text: Any, name: str) -> tuple[Any, list[Problem]]:
    trimmed = pc.utf8_trim_whitespace(text)
    fits = pc.match_substring_regex(trimmed, NUMBER)
    wrong = np.flatnonzero(np.asarray(pc.invert(fits).fill_null(False)))
    problems = [Problem(int(at), name, "not a number", shortened(text[int(at)].as_py())) for at in wrong]
    return pc.if_else(fits, trimmed, None).cast(pa.float64()), problems
