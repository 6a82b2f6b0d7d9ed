"""The emulator's arrays are as strict as CuPy's, and count what costs time on a GPU."""

from __future__ import annotations

import gc
import importlib.util
import json

import numpy as np
import pyarrow as pa
import pytest
import shapely

import groundspeed as gs
from groundspeed.engines.emulator import EmulatorEngine, cupy_table
from groundspeed.engines.emulator.arrays import DeviceArray

POLYGONS = shapely.box([0, 3], [0, 0], [2, 5], [2, 1])


@pytest.fixture
def engine():
    return EmulatorEngine()


@pytest.fixture
def xp(engine):
    return engine.xp


def test_the_table_is_that_of_the_cupy_that_is_installed():
    if importlib.util.find_spec("cupy") is None:
        pytest.skip("needs cupy")
    import cupy

    if cupy.__version__ != cupy_table.table()["version"]:
        pytest.skip(f"the table is of CuPy {cupy_table.table()['version']}")
    assert json.loads(json.dumps(cupy_table.read(cupy))) == cupy_table.table()


REFUSED = {
    "conversion to NumPy": (lambda xp, a: np.asarray(a), TypeError, "Implicit conversion"),
    "NumPy's own function": (lambda xp, a: np.histogram_bin_edges(a), AttributeError, "histogram_bin_edges"),
    "a sum with a NumPy array": (lambda xp, a: a + np.ones(3), TypeError, "Unsupported type"),
    "a NumPy array and a sum": (lambda xp, a: np.ones(3) + a, TypeError, "Unsupported type"),
    "a NumPy array in place": (lambda xp, a: a.__iadd__(np.ones(3)), TypeError, "Unsupported type"),
    "one for a function": (lambda xp, a: xp.minimum(a, np.ones(3)), TypeError, "Unsupported type"),
    "one among others": (lambda xp, a: xp.concatenate([a, np.ones(3)]), TypeError, "Unsupported"),
    "assigning a NumPy array": (
        lambda xp, a: a.__setitem__(slice(None), np.ones(3)),
        TypeError,
        "Unsupported",
    ),
    "a function CuPy lacks": (lambda xp, a: xp.nanquantile(a, 0.5), AttributeError, "no attribute"),
    "a method CuPy lacks": (lambda xp, a: a.newbyteorder(), AttributeError, "newbyteorder"),
    "a parameter CuPy lacks": (lambda xp, a: xp.sort(a, stable=True), TypeError, "does not take"),
    "a parameter its method lacks": (lambda xp, a: a.max(initial=0), TypeError, "does not take"),
    "an option its ufuncs lack": (lambda xp, a: xp.add(a, a, order="C"), TypeError, "does not take"),
    "too many arguments": (lambda xp, a: xp.flatnonzero(a, a), TypeError, "does not take"),
    "a search for one": (
        lambda xp, a: xp.searchsorted(a, np.int64(1)),
        NotImplementedError,
        "scalars",
    ),
    "repeats on the device": (lambda xp, a: xp.repeat(a, a), ValueError, "host"),
    "objects": (lambda xp, a: xp.asarray(["text"]), ValueError, "Unsupported dtype"),
    "hashing": (lambda xp, a: hash(a), TypeError, "unhashable"),
    "an Arrow array": (lambda xp, a: pa.array(a), ValueError, "Could not convert"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cupy_refuses_is_refused(xp, name):
    do, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        do(xp, xp.asarray([3.0, 1.0, 2.0]))


def test_a_number_of_an_array_is_an_array(xp):
    a = xp.asarray([3.0, 1.0, 2.0])
    for number in (a[0], a.sum(), a.max(), xp.count_nonzero(a), a[1:].argmin(), xp.sqrt(4.0), next(iter(a))):
        assert type(number) is DeviceArray
        assert number.ndim == 0
    assert type(a[0].item()) is float
    assert f"{a[0]:.1f}" == "3.0"


def test_what_is_there_already_is_the_same_array(xp):
    a = xp.asarray([3.0, 1.0])
    assert xp.asarray(a) is a
    assert xp.ascontiguousarray(a) is a
    assert a.astype(np.float64, copy=False) is a
    assert a.astype(np.float64) is not a
    assert xp.array(a) is not a
    assert xp.ascontiguousarray(a[::-1]) is not a


def test_functions_of_numpy_lead_to_cupys(xp):
    a = xp.asarray([3.0, np.nan])
    assert type(np.isnan(a)) is type(np.concatenate([a, a])) is DeviceArray


COSTS = {
    "a view": (lambda xp, a: a[1:], {}),
    "a number of it": (lambda xp, a: a[1], {}),
    "another shape": (lambda xp, a: a.reshape(3, 1).ravel(), {}),
    "a sum": (lambda xp, a: a + 1, {"array_calls": 1}),
    "a sum in place": (lambda xp, a: a.__iadd__(1), {"array_calls": 1}),
    "a gather": (lambda xp, a: a[xp_positions(xp)], {"array_calls": 2}),
    "positions of the host": (lambda xp, a: a[[0, 1]], {"array_calls": 1, "copied_bytes": 16}),
    "a mask": (lambda xp, a: a[a > 1], {"array_calls": 2, "read_backs": 1, "copied_bytes": 8}),
    "true positions": (lambda xp, a: xp.flatnonzero(a), {"array_calls": 1, "read_backs": 1}),
    "where of one": (lambda xp, a: xp.where(a), {"array_calls": 1, "read_backs": 1}),
    "where of three": (lambda xp, a: xp.where(a > 1, a, 0), {"array_calls": 2}),
    "a number to the host": (lambda xp, a: float(a[0]), {"read_backs": 1, "copied_bytes": 8}),
    "a decision": (lambda xp, a: bool((a > 1).any()), {"array_calls": 2, "read_backs": 1, "copied_bytes": 1}),
    "all to the host": (lambda xp, a: xp.asnumpy(a), {"read_backs": 1, "copied_bytes": 24}),
    "a size on the device": (
        lambda xp, a: xp.zeros(xp.asarray(4)),
        {"array_calls": 1, "read_backs": 1, "copied_bytes": 16},
    ),
    "memory": (lambda xp, a: xp.empty(5), {}),
}


def xp_positions(xp):
    return xp.arange(2)


@pytest.mark.parametrize("name", COSTS)
def test_costs_are_counted(engine, xp, name):
    do, expected = COSTS[name]
    a = xp.asarray([3.0, 1.0, 2.0])
    with engine.counting() as counted:
        do(xp, a)
    told = counted.as_dict()
    told.pop("device_peak_bytes")
    assert {key: value for key, value in told.items() if value} == expected


def test_memory_is_counted_while_somebody_holds_it(engine, xp):
    with engine.counting() as counted:
        a = xp.zeros(1000)
        part = a[:10]
        del a
        assert counted.device_peak_bytes == 8000
        b = xp.ones(500)
        assert counted.device_peak_bytes == 12000
        del part, b
        gc.collect()
        kept = xp.ones(1000)
    assert counted.device_peak_bytes == 12000
    with engine.counting() as later:
        xp.ones(10)
    assert later.device_peak_bytes == 80
    assert len(kept) == 1000


def test_rows_of_a_table_on_a_device(engine):
    attributes = pa.table({"name": ["a", "b"]})
    table = gs.Table(gs.GeometryColumn.from_shapely(POLYGONS).to_engine(engine), attributes)
    for rows in ([1], np.array([1]), engine.asarray([1]), np.array([False, True]), slice(1, None)):
        part = table[rows]
        assert part.geometry.on_device
        assert part.attributes["name"].to_pylist() == ["b"]
        assert part.to_host().geometry.equals(gs.GeometryColumn.from_shapely(POLYGONS[1:]))
    assert table[table.geometry.vertex_offsets[1:] > 5].attributes["name"].to_pylist() == ["b"]


def test_operations_take_and_give_arrays_of_the_device(engine, monkeypatch):
    monkeypatch.setattr("groundspeed.engines.choice._instances", {"emulator": engine})
    x, y = engine.asarray([1.0, 4.0, 9.0]), engine.asarray([1.0, 0.5, 9.0])
    polygons = gs.GeometryColumn.from_shapely(POLYGONS)
    with engine.counting() as counted:
        left, right = gs.point_in_polygon((x, y), polygons.to_engine(engine), engine="emulator")
    assert type(left) is type(right) is DeviceArray
    assert (left.tolist(), right.tolist()) == ([0, 1], [0, 1])
    assert counted.launches > 0
    distances = gs.haversine_distance(x, y, x, y, engine="emulator")
    assert type(distances) is DeviceArray
    matrix = gs.directed_hausdorff_distance((x, y, engine.asarray([0, 1, 3])), engine="emulator")
    assert type(matrix) is DeviceArray
    assert matrix.shape == (2, 2)


def test_haversine_waits_once_and_holds_its_result_only(engine, monkeypatch):
    monkeypatch.setattr("groundspeed.engines.choice._instances", {"emulator": engine})
    columns = [engine.asarray(np.linspace(-80, 80, 1000)) for _ in range(4)]
    with engine.counting() as counted:
        gs.haversine_distance(*columns, engine="emulator")
    assert counted.as_dict() == {
        "launches": 1,
        "array_calls": 1,  # zero the flag
        "read_backs": 1,
        "copied_bytes": 1,
        "device_peak_bytes": 8001,
    }
