"""Whether a file has kept its attributes: they are read back and compared before it takes its place.

GDAL's formats have fewer types than Arrow, and its writers change what does not fit: text is cut, numbers are
rounded or clipped, microseconds go. Types may change, values may not.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundspeed.io.problems import shortened


def require(
    written: pa.Table, found: pa.Table, format: str, *, rounding: float = 0.0, trims: bool = False
) -> None:
    """Refuse a file that has changed a value.

    Args:
        written: the attributes.
        found: those of the file, in the same order of rows; it may have others.
        format: its name.
        rounding: relative error of floats that is known of the format.
        trims: whether text loses its blanks, and is null where nothing else was there.

    Raises:
        ValueError: naming row, column, what was written and what is there.
    """
    advice = "change, rename or drop it, or take Parquet or Arrow, which hold everything"
    for name in written.column_names:
        if name not in found.column_names:
            raise ValueError(
                f"column {name!r} of {written[name].type} does not come back from {format}; {advice}"
            )
        before, after = (_plain(table[name], trims) for table in (written, found))
        floating = pa.types.is_floating(before.type)
        same = _same_numbers(before, after, rounding) if floating else _same_values(before, after)
        if not same.all():
            row = int(np.argmin(same))
            was, now = (shortened(repr(one[row].as_py())) for one in (before, after))
            raise ValueError(f"row {row}, column {name!r}: {format} would keep {now} of {was}; {advice}")


def _plain(column: pa.ChunkedArray, trims: bool) -> pa.Array:
    """Values in one piece, without dictionary and time zone; times are in UTC."""
    array = column.combine_chunks()
    array = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp(array.type.unit))
    if trims and (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = pc.utf8_trim(array, characters=" ")
        array = pc.if_else(pc.equal(pc.binary_length(array), 0), None, array)
    return array


def _same_values(before: pa.Array, after: pa.Array) -> np.ndarray:
    """(n,) bool, of what comes back as another type what it is as the first one."""
    both_null = np.asarray(before.is_null()) & np.asarray(after.is_null())
    try:
        return both_null | np.asarray(pc.equal(before, after.cast(before.type)).fill_null(False))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # some value does not fit, or none can be compared
        pairs = zip(before.to_pylist(), after.to_pylist(), strict=True)
        return both_null | np.fromiter((was == now for was, now in pairs), bool, len(before))


def _same_numbers(before: pa.Array, after: pa.Array, rounding: float) -> np.ndarray:
    """(n,) bool, in the precision of the floats that were written; NaN may come back as missing."""
    try:
        was, now = (one.cast(pa.float64()).to_numpy(zero_copy_only=False) for one in (before, after))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _same_values(before, after)
    with np.errstate(invalid="ignore", over="ignore"):
        now = now.astype(before.type.to_pandas_dtype()).astype(np.float64)
        close = abs(was - now) <= rounding * abs(was)
    return (was == now) | (close & np.isfinite(was)) | (np.isnan(was) & np.isnan(now))
