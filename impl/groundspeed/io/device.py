"""CSV and Parquet with columns of coordinates straight into GPU memory, by cuDF.

cuDF cannot run without a GPU. Everything here is written against one module, `xdf`, which is pandas in the
tests, and uses only what both have; the tests check it against cuDF's documented signatures. It has not been
run on cuDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from groundspeed.engines.choice import EngineUnavailable
from groundspeed.geometry import GeometryColumn
from groundspeed.io.formats import suffix
from groundspeed.io.problems import Problem, as_table, one_per_row


class DevicePoints(NamedTuple):
    """What `read_points` gives: `read` == len(geometry) + rejected.num_rows.

    Attributes:
        geometry: points on the GPU.
        attributes: cudf.DataFrame of as many rows.
        rejected: pyarrow.Table as in `groundspeed.Table`.
        read: records that were read.
    """

    geometry: GeometryColumn
    attributes: Any
    rejected: Any
    read: int


def read_points(
    path: str | Path,
    *,
    x: str,
    y: str,
    columns: Sequence[str] = (),
    crs: Any = None,
    on_error: str = "raise",
    xdf: Any = None,
) -> DevicePoints:
    """Points and attributes of a CSV or Parquet file in GPU memory; a record without coordinates is bad.

    cuDF fills short CSV records with nulls and cuts long ones without a word: short ones are found here where
    a coordinate is missing, long ones are not. `groundspeed.read` finds both.

    Args:
        path: .csv, .tsv or .parquet.
        x, y: names of the columns of coordinates.
        columns: names of the attributes to read.
        crs: of the result.
        on_error: `"raise"` at the first record whose coordinates are no numbers, or `"reject"`.
        xdf: the dataframe module; default cuDF.

    Raises:
        EngineUnavailable: no cuDF.
        ReadError: a bad record, with file, row, column and reason; another format.
    """
    path = Path(path)
    xdf = xdf or _cudf()
    frame = READERS[suffix(path, READERS)](xdf, path, [x, y, *columns], (x, y))
    bad_x, bad_y = (_convert(xdf, frame, name) for name in (x, y))
    problems = one_per_row([*bad_x[1], *bad_y[1]])
    if problems and on_error == "raise":
        raise problems[0].error(path)
    good = frame[~(bad_x[0] | bad_y[0])].reset_index(drop=True)
    geometry = GeometryColumn.from_points(good[x], good[y], crs)
    return DevicePoints(geometry, good.drop(columns=[x, y]), as_table(problems), len(frame))


def _convert(xdf: Any, frame: Any, name: str) -> tuple[Any, list[Problem]]:
    """Make a column of text numbers in place; where that failed, and why."""
    text, frame[name] = frame[name], xdf.to_numeric(frame[name], errors="coerce")
    wrong = frame[name].isna()
    return wrong, _problems(name, text[wrong])


def _problems(name: str, text: Any) -> list[Problem]:
    """One per row of a series of text on the device that is no number."""
    held = text.to_pandas() if hasattr(text, "to_pandas") else text
    missing = held.isna()
    bad = []
    for row in held.index:
        reason, raw = ("missing or NaN", None) if missing[row] else ("not a number", str(held[row]))
        bad.append(Problem(int(row), name, reason, raw))
    return bad


def _csv(xdf: Any, path: Path, columns: list[str], axes: tuple[str, str]) -> Any:
    tabs = path.suffix.lower() == ".tsv"
    return xdf.read_csv(
        path,
        sep="\t" if tabs else ",",
        usecols=columns,
        dtype=dict.fromkeys(axes, "str"),
        keep_default_na=False,
        na_values=[""],
    )


def _parquet(xdf: Any, path: Path, columns: list[str], axes: tuple[str, str]) -> Any:
    return xdf.read_parquet(path, columns=columns)


READERS = {".csv": _csv, ".tsv": _csv, ".parquet": _parquet}


def _cudf() -> Any:
    try:
        import cudf
    except ImportError as error:
        raise EngineUnavailable(
            "read_points needs cuDF, see https://docs.rapids.ai/install; without it read with "
            "groundspeed.read and move the column with .to_engine"
        ) from error
    return cudf
