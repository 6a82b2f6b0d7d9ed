"""No process compiles a kernel that an earlier one has, and none takes one that has changed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numba import njit

from groundspeed.engines.emulator import EmulatorEngine, KernelError, source


@pytest.fixture
def compilations(monkeypatch, tmp_path):
    """A store of its own, and how often the compiler was called."""
    monkeypatch.setenv("GROUNDSPEED_CACHE", str(tmp_path))
    monkeypatch.setattr("groundspeed.engines.emulator._programs", {})
    calls = []
    compile_ptx = source.compile_ptx
    monkeypatch.setattr(source, "compile_ptx", lambda *a, **k: (calls.append(a), compile_ptx(*a, **k))[1])
    return calls


def adder(term):
    @njit
    def body(i, x, out):
        out[i] = x[i] + term

    return body


def run(body, dtype=np.float64, **options):
    x = np.arange(5, dtype=dtype)
    out = np.zeros_like(x)
    EmulatorEngine(**options).for_each(body, 5, x, out)
    return out.tolist()


def test_the_same_kernel_is_compiled_once(compilations):
    assert [run(adder(1.0)) for _ in range(2)] == [[1, 2, 3, 4, 5]] * 2
    assert len(compilations) == 1


@pytest.mark.parametrize(
    ("term", "options"), [(2.0, {}), (1.0, {"capability": (8, 0)}), (1.0, {"dtype": np.float32})]
)
def test_another_kernel_is_compiled(compilations, term, options):
    run(adder(1.0))
    assert run(adder(term), **options) == [term + k for k in range(5)]
    assert len(compilations) == 2


def test_a_stored_kernel_names_its_lines(compilations):
    @njit
    def body(i, x, out):
        out[i + 10**6] = x[i]

    said = []
    for _ in range(2):
        with pytest.raises(KernelError) as caught:
            run(body)
        said.append(re.findall(r"test_stored_programs.py\S* \S*", str(caught.value)))
    assert said[0]
    assert said[0] == said[1]
    assert len(compilations) == 1
