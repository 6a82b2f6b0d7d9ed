"""The cuDF reader, on pandas, with nothing but what cuDF documents."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pandas as pd
import pytest
from cudf_like import CUDF, like_cudf
from requirements import missing

import groundspeed as gs
from groundspeed.io import device

METHODS = {"isna", "reset_index", "drop", "to_pandas"}
OURS = {
    *("cudf", "append", "lower", "suffix", "error", "values", "fromkeys", "row", "index", "from_points"),
    *CUDF,
}  # of paths, dictionaries, problems and a pandas series on the host


def test_only_names_that_cudf_documents():
    names = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(device)))
        if isinstance(node, ast.Attribute)
    }
    assert names <= METHODS | OURS
    assert METHODS - {"to_pandas"} <= set(dir(pd.Series)) | set(dir(pd.DataFrame))


@pytest.mark.skipif(bool(missing("cudf")), reason="needs cudf")
def test_names_on_the_real_cudf():
    import cudf

    assert set(dir(cudf.Series)) | set(dir(cudf.DataFrame)) >= METHODS
    for name, parameters in CUDF.items():
        assert set(inspect.signature(getattr(cudf, name)).parameters) >= parameters


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_same_points_as_on_the_host(ending, tmp_path):
    path = tmp_path / f"file{ending}"
    x = np.random.default_rng(1).integers(-1440, 1440, 500) / 8  # every pandas reads these to the last bit
    table = gs.Table.from_frame({"lon": x, "lat": x / 2, "n": np.arange(500)})
    gs.write(table, path, encoding="xy")
    points = device.read_points(path, x="x", y="y", columns=["n"], crs="EPSG:4326", xdf=like_cudf())
    assert points.geometry.equals(gs.read(path, crs="EPSG:4326").geometry)
    assert points.attributes["n"].tolist() == list(range(500))
    assert points.read == 500


def test_bad_records_are_listed(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("x,y,n\n1,2,0\na,2,1\n,2,2\nb,c,3\nnan,nan,4\n5,6\n")
    points = device.read_points(path, x="x", y="y", columns=["n"], on_error="reject", xdf=like_cudf())
    assert [(one["row"], one["column"], one["reason"]) for one in points.rejected.to_pylist()] == [
        (1, "x", "not a number"),
        (2, "x", "missing or NaN"),
        (3, "x", "not a number"),
        (4, "x", "not a number"),
    ]
    assert points.read == len(points.geometry) + points.rejected.num_rows == 6
    assert points.attributes["n"].isna().tolist() == [False, True]
    with pytest.raises(gs.ReadError, match=r"file\.csv: row 1, column 'x': not a number: 'a'"):
        device.read_points(path, x="x", y="y", xdf=like_cudf())


@pytest.mark.skipif(not missing("cudf"), reason="cudf is installed")
def test_without_cudf_the_error_says_so(tmp_path):
    with pytest.raises(gs.EngineUnavailable, match="needs cuDF"):
        device.read_points(tmp_path / "file.csv", x="x", y="y")
