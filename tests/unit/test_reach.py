"""What a loop is stored under: everything it reaches and nothing else."""

import subprocess
import sys
import types

import numpy as np
import pytest

from groundspeed.engines._reach import reach

SOURCE = '''
"""A module."""
import math
import numpy as np
from groundspeed.scalar.decorators import device, elementwise

LIMIT = 3.0
TABLE = np.arange(4)
UNUSED = 5

def plain(x):
    """Is overloaded somewhere."""
    return x

@device
def deep(x):
    """A docstring."""
    return math.sqrt(x) + TABLE[1]  # a comment

@device
def shallow(x, y=2):
    return deep(x) if x < LIMIT else plain(y)

@device
def unreached(x):
    return x + UNUSED

def made(factor):
    @device
    def scale(x):
        return factor * x
    return scale

scale = made(2)

@elementwise
def body(i, values):
    values[i] = scale(shallow(values[i]))
'''


def hashed(source: str = SOURCE, name: str = "body") -> str:
    module = types.ModuleType("groundspeed_toy")
    sys.modules["groundspeed_toy"] = module
    try:
        exec(compile(source, "toy.py", "exec"), module.__dict__)
        return reach(getattr(module, name))
    finally:
        del sys.modules["groundspeed_toy"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("math.sqrt(x)", "math.sqrt(x) + 1"),
        ("math.sqrt(x)", "math.exp(x)"),
        ("x < LIMIT", "x <= LIMIT"),
        ("LIMIT = 3.0", "LIMIT = 3.5"),
        ("LIMIT = 3.0", "LIMIT = 3"),
        ("np.arange(4)", "np.arange(5)"),
        ("np.arange(4)", "np.arange(4.0)"),
        ("y=2", "y=3"),
        ("made(2)", "made(3)"),
        ("factor * x", "factor + x"),
        ("    return x\n\n@device\ndef deep", "    return x + 1\n\n@device\ndef deep"),
        ("@device\ndef deep", "@device(inline=False)\ndef deep"),
        ("@device\ndef shallow", "@device(fastmath={'nnan'})\ndef shallow"),
        ("scale(shallow(values[i]))", "shallow(scale(values[i]))"),
    ],
)
def test_what_is_reached_counts(old, new):
    assert old in SOURCE
    assert hashed() != hashed(SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("UNUSED = 5", "UNUSED = 6"),
        ("return x + UNUSED", "return x - UNUSED"),
        ("# a comment", "# another comment"),
        ("A docstring.", "Another docstring."),
        ("A module.", "Another module.\n\n\n"),
        ("def unreached(x)", "def unreached_too(x)"),
        ("import math\n", "import math\nimport cmath\n"),
    ],
)
def test_nothing_else_does(old, new):
    assert old in SOURCE
    assert hashed() == hashed(SOURCE.replace(old, new))


CODE = """
from groundspeed.engines._reach import reach
from groundspeed.operations.distances.directed_hausdorff_distance.body import block_body
from groundspeed.operations.distances.haversine_distance.kernels import haversine_float64
print(reach(block_body), reach(haversine_float64))
"""


def test_every_process_finds_the_same():
    answers = {
        subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=None
        ).stdout
        for _ in range(2)
    }
    assert len(answers) == 1


def test_functions_that_call_each_other():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    assert reach(even) != reach(odd)


def test_arrays_of_a_closure_count():
    def over(table):
        return lambda i: table[i]

    assert reach(over(np.zeros(3))) != reach(over(np.ones(3)))
    assert reach(over(np.zeros(3))) == reach(over(np.zeros(3)))
