"""Conditions as SQL for a GeoPackage, to leave out rows before they are read.

The conditions are applied again to what is read: a translation may let rows through, but must not leave out
one that pyarrow would keep. What cannot be said with that certainty is left unsaid.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Term = tuple[str, str, Any]
COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
EXACT = 1 << 53  # integers up to here are the same as floats


def where(conditions: Any, types: dict[str, str]) -> str | None:
    """The conditions in SQLite's language; None where they leave nothing out.

    Args:
        conditions: as for `groundspeed.read`; None for none.
        types: GDAL's name for the type of every attribute, e.g. `{"height": "OFTReal"}`.

    Examples:
        >>> where([("height", ">", 3), ("day", "=", "?")], {"height": "OFTInteger64", "day": "OFTDate"})
        '(("height" > 3 OR typeof("height") NOT IN (\\'null\\', \\'integer\\')))'
    """
    if conditions is None:
        return None
    groups = conditions if isinstance(conditions[0], list) else [conditions]
    said = [[text for term in group if (text := _term(term, types))] for group in groups]
    return " OR ".join(f"({' AND '.join(texts)})" for texts in said) if all(said) else None


def quoted(name: str) -> str:
    """The name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def _term(term: Term, types: dict[str, str]) -> str | None:
    name, operator, value = term
    if types.get(name) not in LITERALS:
        return None
    literal, storage, collation = LITERALS[types[name]]
    column = quoted(name)
    text = _comparison(column + collation, operator, value, literal)
    # SQLite keeps what it is given, whatever a column is declared to be; GDAL converts it while it reads.
    return text and f"({text} OR typeof({column}) NOT IN ('null', {storage}))"


def _comparison(column: str, operator: str, value: Any, literal: Callable[[Any], str | None]) -> str | None:
    if operator in COMPARISONS:
        text = literal(value)
        return text and f"{column} {COMPARISONS[operator]} {text}"
    if operator not in ("in", "not in") or isinstance(value, str):
        return None
    texts = [literal(one) for one in value]
    if not texts or None in texts:
        return None
    among = f"{column} {operator.upper()} ({', '.join(map(str, texts))})"
    if operator == "in":
        return among
    if literal is _real and 0 in value:
        return None  # to pyarrow 0.0 is not among [-0.0], to SQLite it is
    return f"({among} OR {column} IS NULL)"  # a missing value is not among them


def _integer(value: Any) -> str | None:
    fits = type(value) is int and -(1 << 63) < value < 1 << 63
    return str(value) if fits else None


def _real(value: Any) -> str | None:
    if type(value) is int and abs(value) <= EXACT:
        return f"{value}.0"
    return repr(value) if type(value) is float and math.isfinite(value) else None


def _text(value: Any) -> str | None:
    plain = type(value) is str and "\0" not in value
    return "'" + value.replace("'", "''") + "'" if plain else None


LITERALS: dict[str, tuple[Callable[[Any], str | None], str, str]] = {
    "OFTInteger64": (_integer, "'integer'", ""),
    "OFTReal": (_real, "'integer', 'real'", ""),
    "OFTString": (_text, "'text'", " COLLATE BINARY"),
}
"""GDAL's type -> how a value is written, how SQLite stores it in a sound file, and how texts are compared."""
