"""What a set decodes to is hashed: a decoded column that was changed is neither verified nor loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from groundspeed.datasets import DatasetError, content, fetching, load, registry, store
from groundspeed.geometry import GeometryColumn


def decoded(name: str, column: str) -> Path:
    """The file of a decoded column."""
    dataset = registry.get(name)
    return fetching._ensure_column(dataset, dataset.column(column))


def shifted(path: Path) -> None:
    """Add one degree to every x of a decoded column."""
    value = store.read(path)
    store.write(path.with_suffix(""), replace(value, x=value.x + 1.0))


def test_one_degree_added_to_a_decoded_set_is_noticed(toy: list[str]) -> None:
    fetching.fetch("toy")
    assert fetching.verify("toy") == []
    shifted(decoded("toy", "points"))
    (wrong,) = fetching.verify("toy")
    assert "toy.points has the content" in wrong
    assert "delete it and load again" in wrong
    with pytest.raises(DatasetError, match=r"toy\.points has the content .*was changed"):
        load("toy.points")
    decoded("toy", "points").unlink()
    assert fetching.fetch("toy")
    assert fetching.verify("toy") == []


def test_the_registry_decides_where_it_has_a_hash(
    toy: list[str], register: Callable[..., Path], archive: Path
) -> None:
    fetching.fetch("toy")
    right = content.digest(load("toy.points"))
    for expected, found in ((right, []), ("0" * 32, ["toy.points"])):
        path = register(archive)
        text = path.read_text().replace(
            'reader = "csv_points"', f'reader = "csv_points"\ncontent = "{expected}"'
        )
        path.write_text(text)
        assert [line.split()[0] for line in fetching.verify("toy")] == found


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (np.array([1.0, 2.0]), np.array([1.0, np.nextafter(2.0, 3.0)])),
        (np.array([1, 2]), np.array([2, 1])),
        (np.array(["ab", "c"]), np.array(["a", "bc"])),
        (np.array(["-", None], object), np.array([None, "-"], object)),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"b": [1, 2]})),
        (
            GeometryColumn.from_ragged("linestring", np.arange(4.0), np.arange(4.0), [0, 2, 4]),
            GeometryColumn.from_ragged("linestring", np.arange(4.0), np.arange(4.0), [0, 1, 4]),
        ),
    ],
)
def test_content_sees_values_and_structure(value: store.Data, other: store.Data) -> None:
    assert content.digest(value) == content.digest(value)
    assert content.digest(value) != content.digest(other)


def test_content_is_of_values_and_not_of_how_a_library_keeps_them() -> None:
    names = ["a", None, "c"]
    days = pd.to_datetime(["2001-01-01", "2001-01-02"])
    forms = [
        [pd.DataFrame({"n": pd.Series(names, dtype=kind)}) for kind in ("object", "string")],
        [pd.DataFrame({"t": days.as_unit(unit)}) for unit in ("s", "us", "ns")],
        [pd.DataFrame({"i": np.arange(3, dtype=kind)}) for kind in ("int16", "int64")],
    ]
    for each in forms:
        assert len({content.digest(table) for table in each}) == 1


def test_every_pinned_column_of_the_registry_has_its_content() -> None:
    restricted_or_made = {"adsb_traffic", "geolite2_city_201807", "spatialbench_sf1"}
    lacking = {
        dataset.name
        for dataset in registry.tier("full")
        for column in dataset.columns.values()
        if not column.content
    }
    assert lacking == restricted_or_made
