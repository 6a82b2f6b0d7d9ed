"""What a compiled function is made of: each thing that counts changes the hash, and nothing else does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from groundspeed.engines.reached import reached_hash
from groundspeed.scalar.orientation import orientation

BOTH = pytest.mark.parametrize("portable", [False, True], ids=["bytecode", "source"])

SAMPLE = """
import math
import numpy as np
from numba import njit
import reached_other as other
from reached_other import plain

{above}
FACTOR = {factor}
TABLE = np.array([1.0, {entry}])
LEVELS = (1, (np.int32({level}), 3))
UNUSED = {unused}

@njit({options})
def deep(x, times={times}):
    {comment}
    return {deep}

def make(scale):
    @njit
    def inner(x):
        {docstring}
        return deep(x) * scale + LEVELS[1][0]
    return inner

inner = make({scale})

@{decorator}
def even(n):
    return True if n == 0 else odd(n - 1)

@njit
def odd(n):
    return {odd} if n == 0 else even(n - 1)

@njit
def body(i, x, out):
    total = inner(x[i]) + TABLE[0] + other.CONSTANT + plain(x[i])
    if even(i):
        total += sum([math.sqrt(FACTOR) for _ in range(3)])
    out[i] = total
"""
OTHER = """
from numba.extending import overload

CONSTANT = {constant}
NOT_REACHED = {not_reached}

def plain(x):
    {remark}
    return x

@overload(plain)
def _plain(x):
    return lambda x: x + {overloaded}
"""
AS_IT_IS = {
    "above": "",
    "decorator": "njit",
    "factor": "2.0",
    "entry": "2.0",
    "level": "2",
    "unused": "1",
    "options": "",
    "times": "3",
    "comment": "",
    "remark": "",
    "deep": "x - times",
    "docstring": '"""Text."""',
    "scale": "np.float32(3)",
    "odd": "False",
    "constant": "1",
    "not_reached": "1",
    "overloaded": "1",
}
CHANGES = {
    "factor": "2.5",
    "entry": "3.0",
    "level": "4",
    "options": "error_model='numpy'",
    "times": "4",
    "deep": "x + times",
    "scale": "np.float64(3)",
    "odd": "n < 0",
    "constant": "1.0",
    "overloaded": "2",
}


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """Write and load a module whose function `body` reaches much; keywords change parts of it."""
    count = 0

    def load(folder: Path, name: str, source: str) -> types.ModuleType:
        path = folder / f"{name}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    def fresh(**changes: str) -> types.ModuleType:
        nonlocal count
        count += 1
        parts = AS_IT_IS | changes
        folder = tmp_path / str(count)
        folder.mkdir()
        load(folder, "reached_other", OTHER.format(**parts))
        return load(folder, "reached_sample", SAMPLE.format(**parts))

    return fresh


@BOTH
@pytest.mark.parametrize("part", CHANGES)
def test_what_is_reached_counts(sample, part, portable):
    before, after = sample().body, sample(**{part: CHANGES[part]}).body
    assert reached_hash(before, portable=portable) != reached_hash(after, portable=portable)


@BOTH
def test_what_is_not_reached_does_not_count(sample, portable):
    moved = sample(above="\n\n# further down\n", unused="2").body
    assert reached_hash(sample().body, portable=portable) == reached_hash(moved, portable=portable)


def test_comments_and_docstrings_do_not_count_in_source(sample):
    said = sample(comment="# why", docstring="'''Other text.'''", remark="# why").body
    assert reached_hash(sample().body, portable=True) == reached_hash(said, portable=True)


def test_the_name_of_a_decorator_does_not_count_in_source(sample):
    renamed = sample(above="compiled = njit", decorator="compiled").body
    assert reached_hash(sample().body, portable=True) == reached_hash(renamed, portable=True)


def test_lines_count_where_they_are_asked_for(sample):
    here, below = sample(), sample(above="\n")
    below.body.py_func.__code__ = below.body.py_func.__code__.replace(
        co_filename=here.body.py_func.__code__.co_filename
    )
    assert reached_hash(here.body, lines=True) != reached_hash(below.body, lines=True)


@BOTH
def test_what_is_added_counts(portable):
    def body(i, x):
        x[i] = 0

    extras = [(), (1,), (1.0,), ("1",), (np.float32(1),), (np.ones(1),), (np.ones((1, 1)),), ([1],), (int,)]
    assert len({reached_hash(body, *extra, portable=portable) for extra in extras}) == len(extras)


@BOTH
def test_a_function_without_source(portable):
    scope: dict = {}
    exec("k = 1\ndef one(x): return x + k\ndef two(x): return x - k", scope)
    hashes = {reached_hash(scope[name], portable=portable) for name in ("one", "two")}
    scope["k"] = 2
    assert len(hashes | {reached_hash(scope["one"], portable=portable)}) == 3


def test_bytecode_is_that_in_memory_whatever_has_become_of_the_file(sample):
    module = sample()
    before = reached_hash(module.body)
    Path(module.__file__).write_text(SAMPLE.format(**AS_IT_IS | CHANGES))
    assert reached_hash(module.body) == before


def test_what_has_no_lasting_description_is_refused():
    thing = object()

    @njit
    def body(i, x):
        x[i] = thing

    with pytest.raises(TypeError, match="body' reaches <object object"):
        reached_hash(body)


PRINT = """
from groundspeed.engines.reached import reached_hash
from groundspeed.scalar.orientation import orientation
print(reached_hash(orientation, {1.5, 2.5, "a", "b"}, portable=True), reached_hash(orientation))
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_has_the_same_hash(seed):
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    here = reached_hash(orientation, {1.5, 2.5, "a", "b"}, portable=True), reached_hash(orientation)
    assert tuple(done.stdout.split()) == here
