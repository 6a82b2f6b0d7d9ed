"""WKB and WKT through GEOS, bad rows told apart from good ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from groundspeed.geometry import GeometryColumn, GeometryType, nesting
from groundspeed.geometry.geos import TYPES
from groundspeed.io.problems import Problem, shortened

PARSERS = {"WKB": shapely.from_wkb, "WKT": shapely.from_wkt}


def decode(
    form: str,
    values: np.ndarray,
    name: str,
    crs: Any,
    type: GeometryType | None,
    otherwise: GeometryType | None,
    drop_z: bool,
) -> tuple[GeometryColumn, list[Problem]]:
    """A column from text or binary.

    Args:
        form: `"WKB"` or `"WKT"`.
        values: (n,) objects, None where null.
        name: of the column in the file.
        crs: of the result.
        type: what kind to keep; None for that of the first geometry.
        otherwise: type of a column without any geometry.
        drop_z: drop Z and M instead of refusing them.

    Returns:
        n rows, null where bad, and the problems by position.
    """
    deep = nesting.too_deep(form, values)
    problems = [Problem(int(at), name, "nested too deeply", shortened(values[at])) for at in deep]
    if len(deep):
        values = values.copy()
        values[deep] = None
    rows = PARSERS[form](values, on_invalid="ignore")
    given = np.array([value is not None for value in values], dtype=bool)
    unread = np.flatnonzero(given & shapely.is_missing(rows))
    problems += [Problem(int(at), name, _why(form, values[at]), shortened(values[at])) for at in unread]
    problems += _kinds(rows, values, name, type)
    if not drop_z:
        problems += _heights(rows, values, name)
    rows[[problem.row for problem in problems]] = None
    return GeometryColumn.from_shapely(rows, crs, type=type or otherwise, drop_z=drop_z), problems


def _why(form: str, value: Any) -> str:
    try:
        PARSERS[form](value)
    except (shapely.errors.ShapelyError, TypeError, UnicodeError) as error:
        return f"not valid {form} ({str(error).strip()})"
    return f"not valid {form}"


def _kinds(rows: np.ndarray, values: np.ndarray, name: str, type: GeometryType | None) -> list[Problem]:
    """Rows of a type that no column holds, or of another kind than the rest."""
    ids = shapely.get_type_id(rows)
    holdable = np.isin(ids, [int(one) for one in TYPES])
    part = _parts(ids, holdable)
    if type is None:
        wanted = int(part[holdable][0]) if holdable.any() else 0
    else:
        wanted = int(type.part)
    problems = []
    for at in np.flatnonzero((ids >= 0) & (~holdable | (part != wanted))):
        kind = rows[at].geom_type
        if holdable[at]:
            other = GeometryType(wanted).name.lower()
            reason = f"a {kind} among {other}s; to keep those instead pass type={kind.lower()!r}"
        else:
            reason = f"a {kind}, which no column can hold"
        problems.append(Problem(int(at), name, reason, shortened(values[at])))
    return problems


def _parts(ids: np.ndarray, holdable: np.ndarray) -> np.ndarray:
    """The GeometryType of one part of each row, 0 for what no column holds."""
    table = np.zeros(max(int(ids.max(initial=0)), 7) + 2, dtype=np.int64)
    for theirs, ours in TYPES.items():
        table[int(theirs)] = int(ours.part)
    return np.where(holdable, table[ids], 0)


def _heights(rows: np.ndarray, values: np.ndarray, name: str) -> list[Problem]:
    found = np.flatnonzero(shapely.has_z(rows) | shapely.has_m(rows))
    reason = "Z or M coordinates, which operations would ignore; drop them with drop_z=True"
    return [Problem(int(at), name, reason, shortened(values[at])) for at in found]
