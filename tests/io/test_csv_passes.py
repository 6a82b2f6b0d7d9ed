"""What the fast pass over a CSV file accepts, it reads as the careful pass does."""

from __future__ import annotations

import csv as python_csv
import itertools
import os
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import groundspeed as gs
from groundspeed.io import csv

EXAMPLES = int(os.environ.get("GROUNDSPEED_CSV_EXAMPLES", "200"))
NUMBERS = """1 -2.5 +1 .5 5. 1E3 1e-06 -0 00 007 9223372036854775807 9223372036854775808 1e400 1e-400 0x10
1_000 123456789012345678901234567890 1d5 1e 1.2.3 . - -- e5 nan NaN -nan +nan nan(1) NaN() -nan(a_Z9) nan(-)
nan(1 inf -Infinity infinit"""
OTHERS = """True true TRUE tRuE f 2020-01-01 2020-13-01 20200101 2020-1-1 2020-01-01T10:00:00 2020-01-01T10:00
2020-01-01T10:00:00Z 2020-01-01T10:00:00+01:00 2020-01-01T10:00:00.5 12:30 12:30:15 12:30:15.5 25:00
NA null N/A abc é #1 % 1;5"""
BLANKS = [" {}", "{} ", "\t{}", "\xa0{}", "\x0b{}", "{}\u2003", "{}\0"]
BLANK = [form.format(cell) for form in BLANKS for cell in ("", "1", "2.5", "true", "12:30", "2020-01-01")]
QUOTED = ['""', '"1"', '"1,5"', '" 1"', '"nan"', '"a\nb"', '"a""b"', '"NA"']
ALL = [*NUMBERS.split(), *OTHERS.split(), *BLANK, *QUOTED, ""]

CELLS = st.one_of(st.floats().map(repr), st.integers().map(str), st.sampled_from([*ALL, '"']))
AXIS = st.one_of(st.floats(-180, 180).map(repr), st.sampled_from(["1", "-2.", ".5", "1E3", "nan", "", " 7 "]))
BYTES = [b"", *(bytes([byte]) for byte in b'\0\r\n",;. \xff\xe9e+')]
FLAWS = st.one_of(
    st.none(),
    st.lists(CELLS, min_size=1, max_size=4),
    st.tuples(st.integers(0, 200), st.sampled_from(BYTES)),
)
ENDS = ["\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n", " \n"]
HEADERS = ["x,y", '"x","y"', "x,y,n", "\ufeffx,y", "\nx,y", "x,y,x", 'x,"y","n,m"', "y,x", "x,y,n,m"]


@st.composite
def texts(draw):
    """A file of sound rows with at most one flaw: a row of any cells, or a byte changed or left out."""
    header, end, flaw = draw(st.sampled_from(HEADERS)), draw(st.sampled_from(ENDS)), draw(FLAWS)
    width = len(next(python_csv.reader([header.strip()])))
    row = st.tuples(AXIS, AXIS, CELLS, CELLS).map(lambda cells: [*cells[:width]])
    rows = draw(st.lists(row, max_size=4))
    if isinstance(flaw, list):
        rows.insert(draw(st.integers(0, len(rows))), flaw)
    lines = [header, *(",".join(row) for row in rows), draw(st.sampled_from(["", "1,2", " "]))]
    text = end.join(lines).encode()
    return text[: flaw[0]] + flaw[1] + text[flaw[0] + 1 :] if isinstance(flaw, tuple) else text


def account(path, **options):
    """Everything that a caller can see of a table, or the error."""
    try:
        table = gs.read(path, on_error="reject", **options)
    except ValueError as error:
        return str(error)
    rows = table.geometry
    return (
        [rows.x.tobytes(), rows.y.tobytes(), rows.is_null.tolist()],
        table.rejected.to_pylist(),
        (table.read, len(table), table.filtered),
        table.attributes.schema,
        repr(table.attributes.to_pydict()),
    )


def carefully(path, **options):
    """The same by the careful pass."""
    with mock.patch.object(csv, "_fast", return_value=None):
        return account(path, **options)


@pytest.mark.parametrize("options", [{}, {"columns": []}, {"wkt": "n"}], ids=str)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_files_with_a_flaw(options, tmp_path):
    path = tmp_path / "file.csv"

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck])
    @given(texts())
    @example(b"x,y")
    @example(b"x,y\n")
    @example(b"x,y\n1\r,2\n")
    @example(b"x,y,n,m \n0.0,0.0,0.0,True \n")
    def check(text):
        path.write_bytes(text)
        assert account(path, **options) == carefully(path, **options)

    check()


def test_attributes_of_two_cells(tmp_path):
    """Every pair of cells is a column: the type of one depends on the other."""
    path = tmp_path / "file.csv"
    pairs = [*itertools.combinations_with_replacement(ALL, 2)]
    names = [f"c{number}" for number in range(len(pairs))]
    rows = [["x", "y", *names], *(["1", "2", *cells] for cells in zip(*pairs, strict=True))]
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8", newline="")
    fast, careful = account(path), carefully(path)
    differ = [
        (pair, one, other)
        for pair, one, other in zip(pairs, fast[3], careful[3], strict=True)
        if one != other
    ]
    assert not differ[:5]
    assert fast == careful
    assert fast[2] == (2, 2, 0)


@pytest.mark.parametrize("cell", ALL)
def test_a_cell_as_coordinate(cell, tmp_path):
    path = tmp_path / "file.csv"
    for row in (f"{cell},2", f"2,{cell}", f"{cell},{cell}"):
        path.write_text(f"x,y\n1,2\n{row}\n3,4\n", encoding="utf-8", newline="")
        assert account(path) == carefully(path)


CODES = "x,y,fips,n\n1,2,01001,5\n3,4,00000000000000000001,6\n"


@pytest.mark.parametrize("flaw", ["", "?,5,02,7\n"])
def test_codes_stay_text(flaw, tmp_path):
    """In the fast pass, and in the careful one that a flaw leads to."""
    path = tmp_path / "file.csv"
    path.write_text(CODES + flaw)
    for tables in (
        [gs.read(path, text=["fips"], on_error="reject")],
        [*gs.read_batches(path, rows=1, text=["fips"], on_error="reject")],
    ):
        read = [code for table in tables for code in table.attributes["fips"].to_pylist()]
        assert read == ["01001", "00000000000000000001"]
        assert {table.attributes["n"].type for table in tables if len(table)} == {pa.int64()}
    assert gs.read(path, on_error="reject").attributes["fips"].to_pylist() == [1001, 1]


def test_text_is_of_attributes_of_csv(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(CODES)
    for wrong in ("x", "nowhere"):
        with pytest.raises(
            ValueError, match=f"text: '{wrong}' is no attribute that is read; there are: fips, n"
        ):
            gs.read(path, text=[wrong])
    with pytest.raises(ValueError, match="text: 'n' is no attribute"):
        gs.read(path, columns=["fips"], text=["n"])
    with pytest.raises(TypeError, match=r"text must be a list of names, got 'fips'; write \['fips'\]"):
        gs.read(path, text="fips")
    gs.write(gs.read(path), tmp_path / "file.parquet")
    with pytest.raises(ValueError, match=r"text applies to CSV, and file\.parquet says itself"):
        gs.read(tmp_path / "file.parquet", text=["fips"])
