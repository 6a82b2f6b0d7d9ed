"""Mutated files: an error about the file, or a table that adds up; never a crash, a hang or another error."""

from __future__ import annotations

import functools
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from file_forms import FORMS, with_attributes
from geometry.samples import column
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import groundspeed as gs

BUDGET = 60  # mutated files per form


@functools.cache
def valid_file(form: str) -> bytes:
    """A small file with polygons, or points where the form holds nothing else."""
    points = "x and y" in form
    rows = [column("points" if points else "polygons")] * 4
    geometries = np.concatenate([one.to_shapely() for one in rows])
    table = with_attributes(gs.GeometryColumn.from_shapely(geometries, "EPSG:4326"))
    with tempfile.TemporaryDirectory() as folder:
        return FORMS[form].write(table, Path(folder)).read_bytes()


@st.composite
def mutations(draw, size: int):
    """Positions and new bytes, a cut, and a piece to repeat."""
    edits = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, 255)), max_size=8))
    cut = draw(st.one_of(st.none(), st.integers(0, size)))
    piece = draw(st.one_of(st.none(), st.tuples(st.integers(0, size - 1), st.integers(1, 64))))
    return edits, cut, piece


def mutate(data: bytes, mutation) -> bytes:
    edits, cut, piece = mutation
    changed = bytearray(data)
    for at, byte in edits:
        changed[at] = byte
    if piece is not None:
        start, length = piece
        changed[start:start] = changed[start : start + length]
    return bytes(changed if cut is None else changed[:cut])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.timeout(120)
def test_mutated_files(form, tmp_path):
    data = valid_file(form)
    path = FORMS[form].write(with_attributes(column("points" if "x and y" in form else "polygons")), tmp_path)

    @settings(
        max_examples=BUDGET,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )
    @given(mutations(len(data)))
    def check(mutation):
        path.write_bytes(mutate(data, mutation))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # GDAL talks about what it finds
                table = FORMS[form].read(path, on_error="reject")
        except ValueError as error:
            assert isinstance(error, gs.ReadError) or "is not in the file" in str(error), error
            return
        assert table.read == len(table) + table.rejected.num_rows + table.filtered
        table.geometry.check_finite()
        table.geometry.check_rings()
        assert len(table.geometry.to_shapely()) == len(table)
        table.attributes.validate(full=True)

    check()


@pytest.mark.timeout(120)
def test_mutated_row_groups_of_points(tmp_path):
    """Decoded while they are read, or afterwards: the same table."""
    path = tmp_path / "file.parquet"
    gs.write(with_attributes(column("points, nulls and empties")), path, row_group_size=2)
    data = path.read_bytes()

    @settings(max_examples=BUDGET, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(mutations(len(data)))
    def check(mutation):
        path.write_bytes(mutate(data, mutation))
        try:
            table = gs.read(path, on_error="reject")
        except ValueError as error:
            assert isinstance(error, gs.ReadError) or "is not in the file" in str(error), error
            return
        (other,) = gs.read_batches(path, rows=10**6, on_error="reject")
        assert table.geometry.equals(other.geometry)
        assert table.rejected.equals(other.rejected)

    check()


@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.binary(max_size=300))
@pytest.mark.parametrize("ending", [".csv", ".geojson", ".parquet", ".arrow", ".fgb"])
def test_any_bytes(ending, tmp_path, data):
    path = tmp_path / f"file{ending}"
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            table = gs.read(path, on_error="reject")
    except gs.ReadError:
        return
    assert table.read == len(table) + table.rejected.num_rows


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=60)), max_size=20), st.booleans())
def test_any_bytes_as_wkb(values, drop_z):
    """As many rows out as in, whatever is in them."""
    from groundspeed.io.encodings import Wkb

    table = pa.table({"g": pa.array(values, pa.binary())})
    geometry, problems = Wkb("g").decode(table, None, drop_z)
    assert len(geometry) == len(values)
    bad = {problem.row for problem in problems}
    for row, value in enumerate(values):
        assert geometry.is_null[row] == (not value or row in bad)


CELLS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.just(""),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12))
def test_csv_of_any_cells(tmp_path, rows):
    """Python's csv module says how many records there are and which are sound."""
    import csv as python_csv
    import math

    path = tmp_path / "file.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = python_csv.writer(file, quoting=python_csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["x", "y", "s"])
        writer.writerows(rows)
    table = gs.read(path, on_error="reject")
    assert table.read == len(rows)

    def sound(row) -> bool:
        if len(row) != 3:
            return False
        try:
            x, y = (float(cell) for cell in row[:2])
        except ValueError:
            return False
        return (math.isfinite(x) and math.isfinite(y)) or (math.isnan(x) and math.isnan(y))

    kept = [row for row in rows if sound(row) and "_" not in row[0] + row[1]]
    ascii_only = all(cell.isascii() for row in rows for cell in row)
    if ascii_only:
        assert len(table) >= len(kept)
        assert np.array_equal(
            table.geometry.x[~table.geometry.is_null],
            [float(row[0]) for row in kept],
            equal_nan=True,
        )
