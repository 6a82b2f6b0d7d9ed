"""The code shown beside a time, and the key of a stored answer, follow what a competitor reaches."""

import functools
import importlib
import sys

import pytest

from groundspeed import operations
from groundspeed.referee import timed_code

MODULE = """
import functools
FACTOR = 2
TABLE = {"twice": lambda value: FACTOR * value}

def helper(value):
    return deeper(value) + 1

@functools.cache
def deeper(value):
    return FACTOR * value

def made(offset):
    def run(values):
        return [helper(value) + offset for value in values]
    return run

def by_table(value):
    return TABLE["twice"](value)

def local(value):
    from groundspeed.operations import helping
    return helping.helped(value)

run = made(1)
"""
HELPING = """
def helped(value):
    return value - 1
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Modules of a topic with this text, imported anew every time."""
    monkeypatch.setattr(operations, "HERE", tmp_path)
    monkeypatch.setattr(operations, "__path__", [*operations.__path__, str(tmp_path)])
    number = iter(range(100))
    loaded = {f"{operations.__name__}.helping"}

    def forget(name):
        sys.modules.pop(name, None)
        vars(operations).pop(name.rpartition(".")[2], None)

    def load(text=MODULE, helping=HELPING):
        name = f"reaching{next(number)}"
        helped = f"helping{next(number)}"
        (tmp_path / f"{name}.py").write_text(text.replace("helping", helped))
        (tmp_path / f"{helped}.py").write_text(helping)
        importlib.invalidate_caches()
        loaded.update(f"{operations.__name__}.{each}" for each in (name, helped))
        return importlib.import_module(f"{operations.__name__}.{name}")

    yield load
    for name in loaded:
        forget(name)


EDITS = {
    "a helper of a helper": ("run", "FACTOR * value\n\ndef made", "FACTOR + value\n\ndef made"),
    "a constant of a helper": ("run", "FACTOR = 2", "FACTOR = 3"),
    "a closure": ("run", "run = made(1)", "run = made(2)"),
    "a function in a table": ("by_table", "lambda value: FACTOR * value", "lambda value: FACTOR - value"),
}


@pytest.mark.parametrize(("name", "old", "new"), EDITS.values(), ids=EDITS)
def test_an_edited_helper_changes_the_key(module, name, old, new):
    before, again = (timed_code.key(getattr(module(), name)) for _ in range(2))
    assert before == again
    assert timed_code.key(getattr(module(MODULE.replace(old, new)), name)) != before


def test_what_is_imported_when_it_runs_counts(module):
    before = timed_code.key(module().local)
    # the module is followed to what is called on it
    assert timed_code.key(module(helping=HELPING.replace("- 1", "- 2")).local) != before


def test_what_is_not_reached_does_not_count(module):
    before = timed_code.key(module().by_table)
    assert timed_code.key(module(MODULE.replace("+ 1", "+ 2")).by_table) == before


def test_helpers_and_constants_are_shown(module):
    shown = timed_code.shown(functools.partial(module().run))
    for part in ("FACTOR = 2", "offset = 1", "def helper", "def deeper", "helper(value) + offset"):
        assert part in shown
    assert "by_table" not in shown
