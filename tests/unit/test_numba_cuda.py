"""The one import of the CUDA compiler: what it repairs, and what it says where there is none."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest
from requirements import need

from groundspeed.engines._numba_cuda import row_stack_restored

COMPILE = """
    import sys
    import numpy
    {before}
    from groundspeed.engines._compile import compile_ptx
    from groundspeed.engines._numba_cuda import cuda
    {after}

    def double(x):
        i = cuda.grid(1)
        if i < x.size:
            x[i] *= 2

    print(compile_ptx(double, (numpy.empty(1),), (9, 0)).count(".entry"))
"""


def run(code, **values):
    """What a new process prints."""
    text = textwrap.dedent(code).format(**values)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def without_row_stack():
    return SimpleNamespace(vstack=np.vstack)


def test_a_name_that_numpy_dropped_is_there_during_the_import_only():
    numpy = without_row_stack()
    with row_stack_restored(numpy):
        assert numpy.row_stack is np.vstack
    assert not hasattr(numpy, "row_stack")


def test_a_failing_import_takes_the_name_away_again():
    numpy = without_row_stack()
    with pytest.raises(ImportError), row_stack_restored(numpy):
        raise ImportError
    assert not hasattr(numpy, "row_stack")


def test_a_numpy_that_has_the_name_keeps_its_own():
    own = object()
    numpy = SimpleNamespace(vstack=np.vstack, row_stack=own)
    with row_stack_restored(numpy):
        assert numpy.row_stack is own
    assert numpy.row_stack is own


def test_kernels_compile_where_numpy_has_dropped_the_name():
    need("numba_cuda")
    drop = "numpy.__dict__.pop('row_stack', 0); numpy.__all__ = [*{*numpy.__all__} - {'row_stack'}]"
    assert run(COMPILE, before=drop, after="assert not hasattr(numpy, 'row_stack')") == "1"


def test_numbas_own_compiler_is_not_taken_for_numba_cuda():
    code = """
        import sys
        from types import ModuleType

        import numba

        own = ModuleType("numba.cuda")
        own.implementation = "Built-in"
        sys.modules["numba.cuda"] = numba.cuda = own
        import groundspeed as gs

        reasons = gs.available()
        for engine in ("cuda", "emulator"):
            assert "numba-cuda is not installed" in reasons[engine], reasons[engine]
            assert "pip install" in reasons[engine]
        try:
            gs.haversine_distance(0.0, 0.0, 1.0, 1.0, engine="cuda")
        except gs.EngineUnavailable as error:
            print(error)
    """
    assert "Numba's own older compiler" in run(code)
