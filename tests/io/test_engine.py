"""`read(engine=...)`: the same table and account wherever the coordinates go; pandas plays cuDF."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from cudf_like import CUDF, like_cudf

import groundspeed as gs
from groundspeed.io import gpu
from groundspeed.io.read_options import make

CLEAN = "x,n,y\n1.5,1,2\n3,2,4.25\n"
DIRTY = {
    "a word": "x,y\n1.5,2.5\na,2.5\n",
    "hexadecimal": "x,y\n0x10,2.5\n0x11,1.5\n",
    "one missing": "x,y\n1.5,\n2.5,1.5\n",
    "not finite": "x,y\n1.5,2.5\n1.5,inf\n",
    "not a number": "x,y\nnan,1.5\n2.5,1.5\n",
    "a cell too many": "x,y\n1.5,2.5\n1.5,2.5,9\n",
    "a cell too few": "x,y,n\n1.5,2.5,1\n1.5,2.5\n",
    "one too many and one too few": "x,y,n\n1.5,2.5\n1.5,2.5,1,2\n",
    "quoted": 'x,y,n\n1.5,2.5,"a,b"\n',
}


def test_only_names_that_cudf_documents():
    tree = ast.parse(inspect.getsource(gpu))
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CUDF
    }
    assert called == {"read_csv", "read_parquet"}


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_clean_points_are_read_as_on_the_host(ending, tmp_path):
    path = tmp_path / f"file{ending}"
    x = np.random.default_rng(1).uniform(-180, 180, 500)
    attributes = pa.table({"n": np.arange(500), "name": [f"n{at % 7}" for at in range(500)]})
    gs.write(gs.Table(gs.GeometryColumn.from_points(x, x / 2), attributes), path, encoding="xy")
    if ending != ".parquet":  # pyarrow quotes every text, the fast path takes none
        path.write_text(path.read_text().replace('"', ""))
    for columns in (None, ["n"], []):
        host = gs.read(path, crs="EPSG:4326", columns=columns)
        table = gpu.clean_points(path, make(crs="EPSG:4326", columns=columns), like_cudf())
        assert table is not None
        assert table.geometry.equals(host.geometry)
        assert table.attributes.to_pylist() == host.attributes.to_pylist()
        assert (table.read, table.rejected.num_rows) == (500, 0)


@pytest.mark.parametrize("name", DIRTY)
def test_whatever_may_be_bad_is_left_to_the_host(name, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(DIRTY[name])
    try:
        assert gpu.clean_points(path, make(), like_cudf()) is None
    except Exception as error:  # pandas refuses long records, which cuDF cuts
        assert "Expected 2 fields" in str(error) or "Expected 3 fields" in str(error)


@pytest.mark.parametrize(
    "options",
    [
        {"bounds": (0, 0, 2, 3)},
        {"where": [("n", ">", 1)]},
        {"encoding": "latin-1"},
        {"delimiter": ","},
        {"text": ["n"]},
    ],
)
def test_what_only_the_host_can_do_is_left_to_it(options, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(CLEAN)
    assert gpu.clean_points(path, make(), like_cudf()) is not None
    assert gpu.clean_points(path, make(**options), like_cudf()) is None


@pytest.mark.parametrize("ending", [".arrow", ".parquet", ".gpkg"])
def test_other_encodings_are_left_to_the_host(ending, tmp_path):
    path = tmp_path / f"file{ending}"
    gs.write(gs.GeometryColumn.from_points([1.5], [2.5]), path)
    assert gpu.clean_points(path, make(), like_cudf()) is None
    assert gpu.clean_points(path, make(), None) is None


def test_engines_of_the_host_give_the_same_table(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(CLEAN + "a,1,2\n")
    for engine in ("cpu", "emulator"):
        if gs.available()[engine]:
            continue
        table = gs.read(path, engine=engine, on_error="reject")
        assert table.geometry.equals(gs.read(path, on_error="reject").geometry)
        assert (table.read, len(table), table.rejected.num_rows) == (3, 2, 1)
        assert table.geometry.on_device == (engine == "emulator")
        assert (table.to_host() is table) == (engine == "cpu")


def test_an_engine_that_cannot_run_says_so(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(CLEAN)
    with pytest.raises(ValueError, match="engine must be one of"):
        gs.read(path, engine="gpu")
    if gs.available()["cuda"]:
        with pytest.raises(gs.EngineUnavailable):
            gs.read(path, engine="cuda")
        with gs.use(engine="cuda"), pytest.raises(gs.EngineUnavailable):
            gs.read(Path(path))
