"""The pool of the cpu engine: memory comes back when the last view of it is gone, and not before."""

import gc

import numpy as np
import pytest

from groundspeed.engines._pool import SMALLEST, Pool
from groundspeed.engines.cpu import CpuEngine


@pytest.fixture
def pool():
    return Pool(most=64 * SMALLEST)


@pytest.mark.parametrize(
    "view", [lambda a: a[3:], lambda a: a.reshape(2, -1)[1], lambda a: a.view(np.int64)[::2]]
)
def test_a_view_keeps_its_memory(pool, view):
    array = pool.empty(SMALLEST, np.float64)
    array[:] = 1.0
    kept = view(array)
    expected = kept.copy()
    del array
    assert pool.held == 0
    other = pool.empty(SMALLEST, np.float64)
    other[:] = 2.0
    np.testing.assert_array_equal(kept, expected)
    del kept
    assert pool.held > 0


def test_a_buffer_serves_again_but_not_for_much_less(pool):
    first = pool.empty((SMALLEST, 2), np.int32)
    address = first.ctypes.data
    assert first.shape == (SMALLEST, 2)
    assert first.flags.c_contiguous
    assert first.flags.writeable
    del first
    small = pool.empty(SMALLEST, np.uint8)
    assert small.ctypes.data != address
    assert pool.empty(SMALLEST * 7, np.uint8).ctypes.data == address


def test_it_keeps_no_more_than_told(pool):
    arrays = [pool.empty(16 * SMALLEST, np.uint8) for _ in range(9)]
    del arrays
    gc.collect()
    assert 0 < pool.held <= pool.most
    pool.release()
    assert pool.held == 0


def test_small_arrays_own_their_memory(pool):
    assert pool.empty(10, np.float64).flags.owndata


def test_an_arrow_array_keeps_the_memory_of_a_result():
    pa = pytest.importorskip("pyarrow")
    engine = CpuEngine()
    result = engine.empty(SMALLEST, np.float64)
    result[:] = 3.0
    arrow = pa.array(result)
    del result
    other = engine.empty(SMALLEST, np.float64)
    other[:] = 4.0
    assert arrow.to_numpy().max() == 3.0
