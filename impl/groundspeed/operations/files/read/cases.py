"""How reading points is judged: done when every coordinate has been brought into memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from groundspeed.io import Table, read
from groundspeed.operations.files.read.point_files import FORMS, PointFile
from groundspeed.referee.comparison import CloseValues
from groundspeed.referee.model import Case, Inputs, Operation

QUICK = ("geoparquet",)
SMOKE = ("csv", "geoparquet", "geopackage")


class SameCoordinates(CloseValues):
    """The coordinates of all rows in their order, from a Table or from two arrays."""

    def canonical(self, result: Any) -> dict[str, np.ndarray]:
        """x, then y."""
        if isinstance(result, Table):
            points = result.to_host().geometry
            result = points.x, points.y
        x, y = result
        return super().canonical(np.concatenate([x, y]))


def _work(inputs: Inputs) -> dict[str, float]:
    return {"bytes": float(Path(inputs["path"]).stat().st_size + 16 * inputs["path"].n)}


def _first(inputs: Inputs, n: int) -> Inputs:
    return {**inputs, "path": inputs["path"].first(n)}


def _case(form: str, name: str, n: int, **options: Any) -> Case:
    title = f"{n:,} points, {FORMS[form].title}"
    inputs = {"path": PointFile(form, n), **FORMS[form].reading}
    return Case(name=f"{form}_{name}", title=title, inputs=inputs, records=n, **options)


OPERATIONS = (
    Operation(
        function=read,
        oracle="geopandas usual call",
        policy=SameCoordinates(relative={"float64": 0.0}, absolute={"float64": 0.0}),
        competitors=(
            "python csv loop",
            "geopandas usual call",
            "pandas reader",
            "pyarrow reader",
            "polars reader",
            "pyarrow view of wkb",
            "polars view of wkb",
            "pyarrow struct",
            "polars struct",
            "pyarrow memory map and sum",
            "pyarrow ipc file",
            "shapely from wkt",
            "polars split text",
            "pyogrio arrow view of wkb",
            "duckdb spatial",
            "sedonadb sql",
        ),
        cases=(
            *(_case(form, "smoke", 1_000, profile="smoke") for form in SMOKE),
            *(_case(form, "1m", 1_000_000, profile="quick" if form in QUICK else "full") for form in FORMS),
        ),
        work=_work,
        slice=_first,
    ),
)
