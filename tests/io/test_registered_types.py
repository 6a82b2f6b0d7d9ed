"""A library may register the types of GeoArrow: then pyarrow hands out its arrays, and nothing changes."""

from __future__ import annotations

import pyarrow as pa
import pytest
from columns.samples import column
from file_forms import FORMS, with_attributes


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


@pytest.fixture
def registered():
    """GeoArrow's WKB and point types registered, unless a library has already done it."""
    names = []
    for name, storage in (
        ("geoarrow.wkb", pa.binary()),
        ("geoarrow.point", pa.struct({"x": "f8", "y": "f8"})),
    ):
        try:
            pa.register_extension_type(type("Registered", (Registered,), {"NAME": name})(storage))
            names.append(name)
        except pa.ArrowKeyError:
            continue
    yield
    for name in names:
        pa.unregister_extension_type(name)


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_as_before(form, registered, tmp_path):
    table = with_attributes(column("points"))
    path = FORMS[form].write(table, tmp_path)
    assert FORMS[form].read(path).geometry.equals(FORMS[form].expected(table.geometry))
