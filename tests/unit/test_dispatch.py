"""One way to an engine and back."""

import numpy as np
import pytest

import groundspeed as gs
from groundspeed.dispatch import Call, dispatch
from groundspeed.engines import get


class OnDevice:
    """Looks like a CuPy array."""

    __cuda_array_interface__ = ()


class FakeCuda:
    """Counts what comes back from a device."""

    name = "cuda"

    def to_host(self, array):
        return ("host", array)


def test_host_input_runs_on_the_cpu_without_a_copy():
    values = np.arange(3.0)
    call = dispatch(None, values)
    assert call.engine.name == "cpu"
    assert np.shares_memory(call.bring(values), values)
    assert np.shares_memory(call.give_back(values), values)


def test_columns_are_brought_as_columns():
    column = gs.GeometryColumn.from_points([0.0], [1.0])
    assert isinstance(dispatch(None, column).bring(column), gs.GeometryColumn)


def test_results_go_back_where_the_inputs_came_from():
    assert Call(FakeCuda(), host=True).give_back((1, 2)) == (("host", 1), ("host", 2))
    assert Call(FakeCuda(), host=False).give_back((1, 2)) == (1, 2)


def test_a_device_input_for_a_host_engine_is_refused():
    with pytest.raises(ValueError, match=r"engine 'cpu' reads host memory, input 2 lives on a GPU.*asnumpy"):
        dispatch("cpu", np.zeros(1), OnDevice())


def test_chunks_cover_everything_within_the_budget():
    with gs.use(memory_budget=1 << 20):
        pieces = list(Call(get("cpu"), host=True).chunks(10_000, 1000))
    assert pieces[0] == (0, 1048)
    assert [stop for _, stop in pieces[:-1]] == [start for start, _ in pieces[1:]]
    assert pieces[-1][1] == 10_000


def test_chunks_of_nothing():
    assert list(Call(get("cpu"), host=True).chunks(0, 1000)) == []


def test_an_item_larger_than_the_budget_says_what_to_do():
    with gs.use(memory_budget=1 << 20), pytest.raises(MemoryError, match=r"memory_budget=2000000"):
        list(Call(get("cpu"), host=True).chunks(1, 2_000_000))
