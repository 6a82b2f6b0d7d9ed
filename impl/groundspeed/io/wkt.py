"""Points out of well-known text without an object per row.

`POINT (1 2)` with blanks in place of its brackets is a line of CSV, which pyarrow reads on all cores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from groundspeed.geometry import GeometryColumn

HEAD = b"POINT ("
TAIL, BLANK, NEWLINE = ord(")"), ord(" "), ord("\n")
AXES = ["x", "y"]
CELLS = ["POINT", "", *AXES]


def points(array: pa.Array, crs: Any) -> GeometryColumn | None:
    """A column of points; None if the array holds anything but 2-D points with finite coordinates and nulls.

    Args:
        array: string.
        crs: of the column.
    """
    if not pa.types.is_string(array.type) or array.null_count == len(array):
        return None
    lines = _lines(array.drop_null())
    table = None if lines is None else _parse(lines)
    if table is None or len(table) != len(array) - array.null_count:
        return None
    x, y = (table[axis].to_numpy() for axis in AXES)
    if not np.isfinite(x.sum() + y.sum()):
        return None
    if not array.null_count:
        return GeometryColumn.from_points(x, y, crs)
    valid = np.asarray(array.is_valid())
    full = np.full((2, len(array)), np.nan)
    full[:, valid] = x, y
    return GeometryColumn.from_points(full[0], full[1], crs, validity=valid)


def _lines(array: pa.Array) -> np.ndarray | None:
    """The text of all rows, each a line of four cells; None if one does not look like a point."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    starts, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    if (ends - starts <= len(HEAD)).any():
        return None
    text = np.frombuffer(array.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].copy()
    heads = np.ndarray(len(text) - len(HEAD) + 1, f"S{len(HEAD)}", text, strides=(1,))[starts]
    if (text[ends - 1] != TAIL).any() or (heads != HEAD).any():
        return None
    text[starts + len(HEAD) - 1] = BLANK
    text[ends - 1] = NEWLINE
    return text


def _parse(lines: np.ndarray) -> pa.Table | None:
    try:
        return pacsv.read_csv(
            pa.BufferReader(lines),
            read_options=pacsv.ReadOptions(column_names=CELLS),
            parse_options=pacsv.ParseOptions(delimiter=" ", quote_char=False, ignore_empty_lines=False),
            convert_options=pacsv.ConvertOptions(
                include_columns=AXES, column_types=dict.fromkeys(AXES, pa.float64()), null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
