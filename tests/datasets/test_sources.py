"""Source expressions: what can be said, and what is refused with a hint."""

from __future__ import annotations

import numpy as np
import pytest

from groundspeed.datasets import DatasetError, load
from groundspeed.datasets.generators import uniform_points
from groundspeed.geometry import GeometryColumn

REFUSED = [
    ("", "cannot read the source ''"),
    ("within", "cannot read the source 'within'"),
    ("3", "cannot read the source '3'"),
    ("uniform_points(n=3", "cannot read the source"),
    ("uniform_points(3)", "give the arguments of uniform_points by name"),
    ("uniform_points(n=__import__('os').getpid())", "must be plain numbers or strings"),
    ("uniform_points(**{'n': 3})", "expected uniform_points"),
    ("uniform_point(n=3)", "no generator 'uniform_point'; did you mean 'uniform_points'"),
    ("uniform_points(m=3)", "missing a required argument: 'n'; expected uniform_points"),
    ("uniform_points(n=3, sed=1)", "unexpected keyword argument 'sed'; expected uniform_points"),
    ("uniform_points(n=-3)", "n must be at least 0, got -3; expected uniform_points"),
    ("uniform_points(n=3).z", "cannot read the source"),
    ("flight_bts_3m.origin", "no data set 'flight_bts_3m'; did you mean 'flights_bts_3m'"),
    ("flights_bts_3m.orgin", "no column of flights_bts_3m 'orgin'; did you mean 'origin'"),
    ("zzz.geometry", "no data set 'zzz'; there are: adsb_traffic"),
    ("os.path.join('a')", "cannot read the source"),
]


@pytest.mark.parametrize(("source", "message"), REFUSED)
def test_refused_with_a_hint(source: str, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        load(source)
    assert message in str(caught.value)


@pytest.mark.parametrize("source", ["uniform_points(n=1_000, seed=4)", " uniform_points( seed=4,n=1000 ) "])
def test_a_generator_call(source: str) -> None:
    assert load(source).equals(uniform_points(n=1_000, seed=4))


def test_coordinates_of_a_generator() -> None:
    column = uniform_points(n=10, seed=4)
    assert np.array_equal(load("uniform_points(n=10, seed=4).x"), column.x)
    assert np.array_equal(load("uniform_points(n=10, seed=4).y"), column.y)


def test_columns_and_tables_of_a_data_set(toy: list[str]) -> None:
    points, tracks, table = load("toy.points"), load("toy.tracks"), load("toy.table")
    assert isinstance(points, GeometryColumn)
    assert points.x.tolist() == [1.5, -160.0, 0.0, 7.0, 9.0, 11.0]  # 200 is wrapped
    assert np.array_equal(load("toy.points.y"), points.y)
    assert tracks.offsets[0].tolist() == [0, 2, 5]  # b has one fix
    assert table["track"].tolist() == ["a", "c"]
    assert toy == ["toy"]


def test_only_geometries_have_coordinates(toy: list[str]) -> None:
    with pytest.raises(DatasetError, match=r"only geometries have \.x"):
        load("toy.table.x")
