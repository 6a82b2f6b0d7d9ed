"""GEOS follows nested geometries until the stack ends, and the process with it: they never reach it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

import groundspeed as gs

FORMS = {"binary": bytes, "digits": bytes.hex, "digits as bytes": lambda value: value.hex().encode()}
HEADERS = {"multipolygon": b"\1\6\0\0\0\1\0\0\0", "collection": b"\1\7\0\0\0\1\0\0\0"}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nested_wkb_does_not_end_the_process(header, form):
    point = shapely.to_wkb(shapely.Point(1, 2))
    deep = form(header * 200_000 + point)
    for make in (gs.GeometryColumn.from_wkb, lambda values: gs.GeometryColumn.from_arrow(pa.array(values))):
        if isinstance(deep, bytes) or make is gs.GeometryColumn.from_wkb:
            with pytest.raises(ValueError, match="values: row 1 is WKB nested too deeply"):
                make([point, deep])


def test_nested_wkt_does_not_end_the_process():
    deep = "GEOMETRYCOLLECTION(" * 100_000 + "POINT(0 0)" + ")" * 100_000
    with pytest.raises(ValueError, match="values: row 1 is WKT nested too deeply"):
        gs.GeometryColumn.from_wkt(["POINT (1 2)", f" {deep.lower()}"])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_large_geometries_are_no_nests(form):
    line = shapely.LineString(np.random.default_rng(1).random((5000, 2)))
    assert gs.GeometryColumn.from_wkb([form(shapely.to_wkb(line))]).num_vertices == 5000
