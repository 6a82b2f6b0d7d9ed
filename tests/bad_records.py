"""What the tests of bad records share: each is refused by name, or set aside and counted; never lost."""

from __future__ import annotations

import pytest
import shapely

import groundspeed as gs

POINT = shapely.to_wkb(shapely.Point(1, 2))
SQUARE = shapely.box(0, 0, 1, 1)
COLLECTION = shapely.to_wkb(shapely.GeometryCollection([SQUARE]))


def rejected(table: gs.Table) -> list[tuple]:
    """Row, column and the beginning of the reason."""
    return [
        (one["row"], one["column"], one["reason"].partition(" (")[0]) for one in table.rejected.to_pylist()
    ]


def reject(path, **options) -> gs.Table:
    """The table with bad records aside; and reading must fail where there are any, at the first of them."""
    table = gs.read(path, on_error="reject", **options)
    assert table.read == len(table) + table.rejected.num_rows + table.filtered
    if table.rejected.num_rows:
        first = table.rejected.to_pylist()[0]
        with pytest.raises(gs.ReadError) as caught:
            gs.read(path, **options)
        message = str(caught.value)
        assert message.startswith(f"{path}: row {first['row']}")
        assert first["reason"] in message
        assert "on_error='reject'" in message
        assert not first["column"] or repr(first["column"]) in message
    return table


HALF = "one coordinate is missing, the other is not"
KEEP = "; to keep those instead pass type="
IGNORED = "Z or M coordinates, which operations would ignore; drop them with drop_z=True"
