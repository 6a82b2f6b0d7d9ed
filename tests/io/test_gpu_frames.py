"""Arrays and frames that live on a GPU: they stay there, or the error says what is missing."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from fake_cudf import FRAME, SERIES, DataFrame, Index, Series, fake_cudf
from geometry.device import DeviceArray, FakeCupy, to_device
from requirements import missing

import groundspeed as gs
from groundspeed.engines.choice import on_device
from groundspeed.geometry.as_array import as_array
from groundspeed.inputs import as_collections, as_coordinates, as_points, as_polygons, like

X, Y = np.array([0.0, 4.0, 4.0, 0.0]), np.array([0.0, 0.0, 4.0, 0.0])
CPU, CUDA, ROCM, MANAGED = (1, 0), (2, 0), (10, 0), (13, 0)


class OnlyDlpack:
    """An array of some other library, on a device of its choice."""

    def __init__(self, array: Any, device: tuple[int, int] = CPU) -> None:
        self.array, self.device = array, device

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device


class Cupy(FakeCupy):
    """One whose `from_dlpack` takes device arrays only, as CuPy's does."""

    def from_dlpack(self, values: OnlyDlpack) -> DeviceArray:
        assert values.__dlpack_device__()[0] in (2, 13)
        return values.array.view(DeviceArray)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", Cupy("cupy"))
    monkeypatch.setitem(sys.modules, "cudf", fake_cudf())


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("device", [CUDA, MANAGED])
def test_device_dlpack_is_seen_and_not_copied(device: tuple[int, int]) -> None:
    x, y = OnlyDlpack(X, device), OnlyDlpack(Y, device)
    assert on_device(x)
    assert on_device((x, y))
    points = as_points((x, y), "points")
    assert isinstance(points.x, DeviceArray)
    assert np.shares_memory(points.x, X)
    assert isinstance(as_coordinates(a=x, b=1.0)[1], DeviceArray)
    assert np.shares_memory(as_coordinates(a=x)[0], X)
    table = gs.Table.from_frame({"x": x, "y": y, "n": OnlyDlpack(np.arange(4), device)})
    assert np.shares_memory(table.geometry.x, X)
    assert table.attributes["n"].to_pylist() == [0, 1, 2, 3]


def test_host_dlpack_is_not_copied() -> None:
    x, y = OnlyDlpack(X), OnlyDlpack(Y)
    assert not on_device(x)
    assert np.shares_memory(as_points((x, y), "points").x, X)
    assert np.shares_memory(as_coordinates(a=x)[0], X)
    polygons = as_polygons((x, y, OnlyDlpack(np.array([0, 1])), OnlyDlpack(np.array([0, 4]))), "polygons")
    assert np.shares_memory(polygons.x, X)
    pairs = np.column_stack([X, Y])
    assert np.shares_memory(as_array(OnlyDlpack(pairs)), pairs)
    assert as_points(OnlyDlpack(pairs), "points").y.tolist() == Y.tolist()


def test_dlpack_of_a_torch_like_array_is_not_copied() -> None:
    """It has both `__array__` and DLPack; either way it is a view."""

    class Tensor(OnlyDlpack):
        dtype = "torch.float64"  # no NumPy dtype

        def __array__(self, *_: object, **__: object) -> np.ndarray:
            return self.array

    assert np.shares_memory(as_points((Tensor(X), Tensor(Y)), "points").x, X)


def test_another_device_is_named() -> None:
    with pytest.raises(
        TypeError, match=r"points: .*OnlyDlpack lives on a device of DLPack type 10; expected"
    ):
        as_points((OnlyDlpack(X, ROCM), OnlyDlpack(Y, ROCM)), "points")


def test_device_dlpack_without_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    for call in (
        lambda: as_points((OnlyDlpack(X, CUDA), OnlyDlpack(Y, CUDA)), "points"),
        lambda: as_coordinates(x=OnlyDlpack(X, CUDA)),
        lambda: gs.Table.from_frame({"x": OnlyDlpack(X, CUDA), "y": OnlyDlpack(Y, CUDA)}),
    ):
        with pytest.raises(
            gs.EngineUnavailable, match=r"needs CuPy; install it with: pip install 'groundspeed\["
        ):
            call()


@pytest.mark.usefixtures("gpu")
def test_a_dictionary_of_device_arrays_comes_back_as_one() -> None:
    frame = {"x": to_device(X), "y": to_device(Y), "n": to_device(np.arange(4))}
    table = gs.Table.from_frame(frame)
    assert np.shares_memory(table.geometry.x, X)
    after = table[[3, 1]].to_like(frame)
    assert isinstance(after["x"], DeviceArray)
    assert (after["x"].tolist(), after["n"].tolist()) == ([0.0, 4.0], [3, 1])


INDEX = pd.RangeIndex(4)


def cudf_frame(**more: Any) -> DataFrame:
    return DataFrame({"x": Series(to_device(X)), "y": Series(to_device(Y)), **more}, index=INDEX)


@pytest.mark.usefixtures("gpu")
def test_a_cudf_frame_comes_back_as_one() -> None:
    frame = cudf_frame(n=pa.array([1, None, 3, 4]), name=["a", "b", "c", None])
    table = gs.Table.from_frame(frame, crs="EPSG:4326")
    assert np.shares_memory(table.geometry.x, X)
    assert table.attributes.to_pydict() == {"n": [1, None, 3, 4], "name": ["a", "b", "c", None]}
    after = table[[2, 0]].to_like(frame)
    assert isinstance(after, DataFrame)
    assert isinstance(after["x"].values, DeviceArray)
    assert after["x"].values.tolist() == [4.0, 0.0]
    assert after.drop(columns=["x", "y"]).to_arrow(preserve_index=False).to_pydict() == {
        "n": [3, 1],
        "name": ["c", "a"],
    }
    again = gs.Table.from_frame(after)
    assert again.geometry.equals(table.geometry.take([2, 0]).set_crs(None))
    assert gs.Table.from_frame(cudf_frame()).to_cudf()["y"].values.tolist() == Y.tolist()


@pytest.mark.usefixtures("gpu")
def test_an_index_of_cudf_is_not_lost() -> None:
    axes = {"x": Series(to_device(X)), "y": Series(to_device(Y))}
    frame = DataFrame(axes, index=pd.Index(["a", "b", "c", "d"], name="id"))
    table = gs.Table.from_frame(frame)
    assert table.attributes.to_pydict() == {"id": ["a", "b", "c", "d"]}
    after = table[[3, 1]].to_like(frame)
    assert (list(after.columns), after.index.name, list(after.index)) == (["x", "y"], "id", ["d", "b"])


@pytest.mark.usefixtures("gpu")
def test_a_cudf_frame_with_text_geometries() -> None:
    frame = DataFrame({"g": ["POINT (1 2)", None], "n": [1, 2]})
    table = gs.Table.from_frame(frame, geometry="g")
    assert table.geometry.is_null.tolist() == [False, True]
    assert table.attributes.to_pydict() == {"n": [1, 2]}


@pytest.mark.usefixtures("gpu")
def test_what_cudf_cannot_hold_is_refused() -> None:
    polygons = as_polygons((X, Y, [0, 1], [0, 4]), "polygons")
    with pytest.raises(TypeError, match=r"cuDF holds no geometries.*got POLYGON; use the column itself"):
        gs.Table(polygons, pa.table({"n": [1]})).to_cudf()
    with pytest.raises(ValueError, match="already has an attribute 'x'"):
        gs.Table(gs.GeometryColumn.from_points(X, Y), pa.table({"x": range(4)})).to_cudf()


@pytest.mark.usefixtures("gpu")
def test_cudf_series_stay_on_the_device() -> None:
    x, y = Series(to_device(X)), Series(to_device(Y))
    assert np.shares_memory(as_points((x, y), "points").x, X)
    assert np.shares_memory(as_points(cudf_frame(), "points").x, X)
    assert np.shares_memory(as_coordinates(a=Index(X))[0], X)
    ends, rings = Series([0, 1]), Series([0, 4])
    assert as_polygons((x, y, ends, rings), "polygons").on_device
    assert as_collections((x, y, rings), "collections").on_device
    wrapped = like(cudf_frame(), to_device(X))
    assert isinstance(wrapped, Series)
    assert wrapped.index is INDEX


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("kind", "dtype"), [(pa.int64(), "f8"), (pa.float32(), "f4"), (pa.float64(), "f8")])
def test_nulls_of_cudf_are_nan(kind: pa.DataType, dtype: str) -> None:
    array = as_coordinates(a=Series(pa.array([1, None], kind)))[0]
    assert isinstance(array, DeviceArray)
    assert array.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(array.get(), [1, np.nan])


@pytest.mark.usefixtures("gpu")
def test_text_of_cudf_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="a must hold real numbers, got dtype object"):
        as_coordinates(a=Series(["1"]))


@pytest.mark.parametrize(("kind", "names"), [(Series, SERIES), (DataFrame, FRAME)])
def test_the_stand_in_has_nothing_that_cudf_lacks(kind: type, names: dict[str, set[str]]) -> None:
    ours = {name for name in vars(kind) if not name.startswith("_")} - {"ndim"}
    assert ours <= names.keys()


@pytest.mark.skipif(bool(missing("cudf")), reason="needs cudf")
def test_names_on_the_real_cudf() -> None:
    import inspect

    import cudf

    for kind, names in ((cudf.Series, SERIES), (cudf.DataFrame, FRAME)):
        for name, parameters in names.items():
            member = inspect.getattr_static(kind, name)
            assert member is not None
            if parameters:
                assert set(inspect.signature(getattr(kind, name)).parameters) >= parameters
