"""A library may register the types of GeoArrow: then pyarrow hands out its arrays, and nothing changes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from file_forms import FORMS, with_attributes
from geometry.samples import column

import groundspeed as gs


class Registered(pa.ExtensionType):
    """Any GeoArrow type as a library might register it."""

    NAME = ""

    def __init__(self, storage: pa.DataType, metadata: bytes = b""):
        self._metadata = metadata
        super().__init__(storage, self.NAME)

    def __arrow_ext_serialize__(self) -> bytes:
        return self._metadata

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> Registered:
        return cls(storage_type, serialized)


@contextlib.contextmanager
def registered_as(kind: type[Registered], name: str, storage: pa.DataType) -> Iterator[None]:
    """A GeoArrow type registered, unless a library has already done it."""
    try:
        pa.register_extension_type(type("Registered", (kind,), {"NAME": name})(storage))
    except pa.ArrowKeyError:
        yield
        return
    try:
        yield
    finally:
        pa.unregister_extension_type(name)


@pytest.fixture
def registered() -> Iterator[None]:
    """GeoArrow's WKB and point types."""
    point = pa.struct({"x": "f8", "y": "f8"})
    with (
        registered_as(Registered, "geoarrow.wkb", pa.binary()),
        registered_as(Registered, "geoarrow.point", point),
    ):
        yield


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_as_before(form, registered, tmp_path):
    table = with_attributes(column("points"))
    path = FORMS[form].write(table, tmp_path)
    assert FORMS[form].read(path).geometry.equals(FORMS[form].expected(table.geometry))


class Strict(Registered):
    """A type of a library that wants JSON for metadata, as geoarrow-types does."""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> Registered:
        json.loads(serialized)
        return cls(storage_type, serialized)


def feather(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize(("ending", "write"), [(".arrow", feather), (".parquet", pq.write_table)])
def test_damaged_metadata_of_a_type_are_an_error_of_the_file(ending, write, tmp_path):
    extension = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": "?"}
    field = pa.field("geometry", pa.binary(), metadata=extension)
    write(pa.table([[shapely.Point(1, 2).wkb]], pa.schema([field])), tmp_path / f"file{ending}")
    with (
        registered_as(Strict, "geoarrow.wkb", pa.binary()),
        pytest.raises(gs.ReadError, match=r"file\.\w+: the metadata of an Arrow type are damaged"),
    ):
        gs.read(tmp_path / f"file{ending}")
