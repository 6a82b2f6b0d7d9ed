"""Fused products make a plain orientation test contradict itself, unfused ones do not; both are seen here."""

from __future__ import annotations

import numpy as np
import pytest
from emulator.host_arrays import HostArrays
from numba import njit

from groundspeed.engines._numba_cuda import cuda, libdevice

N = 20_000


@njit
def plain_orientation(i, ax, ay, bx, by, cx, cy, sign):
    d = (ax[i] - cx[i]) * (by[i] - cy[i]) - (ay[i] - cy[i]) * (bx[i] - cx[i])
    sign[i] = (d > 0) - (d < 0)


def unfused_orientation(ax, ay, bx, by, cx, cy, sign):
    i = cuda.grid(1)
    if i < sign.size:
        left = libdevice.dmul_rn(ax[i] - cx[i], by[i] - cy[i])
        right = libdevice.dmul_rn(ay[i] - cy[i], bx[i] - cx[i])
        sign[i] = (left > right) - (left < right)


@pytest.fixture(scope="module")
def triples():
    """Points c that lie on the segment ab up to rounding."""
    random = np.random.default_rng(0)
    ax, ay = random.integers(0, 1000, (2, N)) * 0.1
    bx, by = ax + 8 * random.integers(1, 50, N) * 0.1, ay + 8 * random.integers(1, 50, N) * 0.1
    t = random.integers(1, 8, N) / 8.0
    return ax, ay, bx, by, ax + (bx - ax) * t, ay + (by - ay) * t


def numpy_orientation(ax, ay, bx, by, cx, cy):
    return np.sign((ax - cx) * (by - cy) - (ay - cy) * (bx - cx)).astype(np.int64)


def signs(engine, triples):
    sign = np.empty(N, np.int64)
    engine.for_each(plain_orientation, N, *triples, sign)
    return sign


def test_unfused_products_round_as_numpy_does(triples):
    np.testing.assert_array_equal(signs(HostArrays(contract=False), triples), numpy_orientation(*triples))


def test_fused_products_change_signs_and_contradict_themselves(triples):
    engine = HostArrays(contract=True)
    ax, ay, bx, by, cx, cy = triples
    swapped = (bx, by, ax, ay, cx, cy)
    sign = signs(engine, triples)
    assert np.count_nonzero(sign != numpy_orientation(*triples)) > N // 100
    assert np.count_nonzero(sign != -signs(engine, swapped)) > N // 100
    assert np.count_nonzero(numpy_orientation(*triples) != -numpy_orientation(*swapped)) == 0


@pytest.mark.parametrize("contract", [False, True])
def test_products_rounded_explicitly_are_never_fused(triples, contract):
    sign = np.empty(N, np.int64)
    HostArrays(contract=contract).launch(unfused_orientation, -(-N // 256), 256, *triples, sign)
    np.testing.assert_array_equal(sign, numpy_orientation(*triples))
