"""Rows of unknown length: counted, then written, never into the room of another."""

import numpy as np
import pytest

from groundspeed.engines import get
from groundspeed.engines.base import Engine
from groundspeed.engines.choice import EngineUnavailable
from groundspeed.engines.counting import put, put_three, put_two
from groundspeed.scalar.decorators import device

DTYPES = (np.int32, np.float64, np.uint8)


@device
def one(i, row, lengths):
    n = 0
    for k in range(lengths[i]):
        n = put(row, n, 100 * i + k)
    return n


@device
def two(i, row, lengths):
    n = 0
    for k in range(lengths[i]):
        n = put_two(row, n, 100 * i + k, k / 2)
    return n


@device
def three(i, row, lengths):
    n = 0
    for k in range(lengths[i]):
        n = put_three(row, n, 100 * i + k, k / 2, k)
    return n


@device
def more_each_time(i, row, calls, change):
    """Says another number of items at its second call, as if its input had been changed."""
    items = 3 + calls[i] * change
    calls[i] += 1
    n = 0
    for k in range(items):
        n = put(row, n, 100 * (i + 1) + k)
    return n


@pytest.fixture(params=["cpu", "emulator"])
def engine(request) -> Engine:
    try:
        return get(request.param)
    except EngineUnavailable as reason:
        pytest.skip(str(reason))


def collected(engine, *arguments):
    offsets, found = engine.count_then_write(*arguments)
    return engine.to_host(offsets), tuple(map(engine.to_host, found))


@pytest.mark.parametrize("body", [one, two, three], ids=lambda body: body.__name__)
@pytest.mark.parametrize("n", [0, 1, 1000])
def test_items_are_where_their_row_is(engine, body, n):
    values = {"one": 1, "two": 2, "three": 3}[body.__name__]
    lengths = np.random.default_rng(n).integers(0, 4, n)
    offsets, found = collected(engine, body, n, (engine.asarray(lengths),), *DTYPES[:values])
    np.testing.assert_array_equal(offsets, np.concatenate([[0], np.cumsum(lengths)]))
    k = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    expected = 100 * np.repeat(np.arange(n), lengths) + k, k / 2, k
    assert [one.dtype for one in found] == list(DTYPES[:values])
    for have, want in zip(found, expected, strict=False):
        np.testing.assert_array_equal(have, want)


@pytest.mark.parametrize(("change", "written"), [(2, [0, 1, 2]), (0, [0, 1, 2]), (-2, [0]), (-3, [])])
def test_input_that_changes_in_between_stays_in_its_row(engine, change, written):
    n = 50
    calls = engine.asarray(np.zeros(n, np.int64))
    offsets, (found,) = collected(engine, more_each_time, n, (calls, change), np.int64)
    np.testing.assert_array_equal(offsets, 3 * np.arange(n + 1))
    expected = np.zeros((n, 3), np.int64)
    for k in written:
        expected[:, k] = 100 * np.arange(1, n + 1) + k
    np.testing.assert_array_equal(found.reshape(n, 3), expected)


def test_no_more_than_three_values(engine):
    with pytest.raises(ValueError, match="1 to 3 values, got 4"):
        engine.count_then_write(one, 1, (engine.asarray(np.ones(1, np.int64)),), *[np.int64] * 4)
