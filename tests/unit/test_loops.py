"""The compiled loops of the cpu engine: what they take, raise and show, and what is stored for later."""

import inspect
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum

import numpy as np
import pytest
from numba import types
from numba.core import event
from numba.extending import overload

from groundspeed.engines import _announce, _loop, _store
from groundspeed.engines.cpu import CpuEngine
from groundspeed.engines.reached import reached_hash
from groundspeed.scalar.decorators import device, elementwise


@elementwise
def double(i, values):
    values[i] *= 2


@pytest.fixture(autouse=True)
def stored(monkeypatch, tmp_path):
    """An empty store, and a process that has loaded nothing."""
    monkeypatch.setattr(_store, "folder", lambda: tmp_path)
    monkeypatch.setattr(_loop, "_loops", {})
    return tmp_path


@pytest.fixture
def compiled():
    with event.install_recorder("numba:compile") as recorder:
        yield recorder.buffer


def forget(monkeypatch):
    monkeypatch.setattr(_loop, "_loops", {})


def test_a_loop_shows_its_own_source():
    loop = _loop._around(double, (np.zeros(1), (1, (2, 3))))
    assert inspect.getsource(loop).lstrip().startswith("def loop(start, stop, c0, c1, c2, c3):")
    assert "body(np.int64(i & NON_NEGATIVE), c0, (c1, (c2, c3, ), ))" in inspect.getsource(loop)
    assert inspect.getfile(loop) not in sys.modules["groundspeed.engines._loop"].__file__


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "i2", "u8", "u1", "?"])
def test_arrays_and_numbers_of_every_type(dtype):
    @elementwise
    def choose(i, values, number, out):
        out[i] = values[i] if number else number

    values = np.array([0, 1, 1, 0, 1]).astype(dtype)
    for number in (np.dtype(dtype).type(1), np.dtype(dtype).type(0)):
        out = np.zeros(5, dtype)
        CpuEngine().for_each(choose, 5, values, number, out)
        np.testing.assert_array_equal(out, values if number else np.zeros(5, dtype))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(60.0).reshape(3, 4, 5),
        np.arange(60.0).reshape(3, 4, 5).transpose(2, 0, 1),
        np.arange(60.0)[::-7],
        np.arange(60.0).reshape(6, 10)[1::2, ::3],
        np.frombuffer(bytes(range(241)), "u1")[1:].view("f8").reshape(5, 6),
        np.array(7.0),
        np.zeros((3, 0)),
    ],
    ids=["c", "f", "backwards", "strided", "not aligned and read-only", "0-d", "empty"],
)
def test_arrays_of_every_layout(array):
    @elementwise
    def copy(i, array, out):
        for k, value in enumerate(array.flat):
            out[k] = value

    out = np.empty(array.size)
    CpuEngine().for_each(copy, 1, array, out)
    np.testing.assert_array_equal(out, array.ravel())


def test_nested_tuples_and_python_numbers():
    @elementwise
    def add(i, first, second, out):
        a, (b, c) = first
        out[i] = a[i] + (b if second else c)

    out = np.empty(3)
    CpuEngine().for_each(add, 3, (np.arange(3.0), (10, 0.5)), True, out)
    assert out.tolist() == [10, 11, 12]
    CpuEngine().for_each(add, 3, (np.arange(3.0), (10, 0.5)), False, out)
    assert out.tolist() == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("column", "got"),
    [("text", "str"), (None, "NoneType"), ([1.0], "list"), (np.array(["a"], object), "object")],
)
def test_other_columns_are_refused(column, got):
    with pytest.raises(TypeError, match=f"column 1 of double must be an array of numbers .*, got {got}"):
        CpuEngine().for_each(double, 1, np.zeros(1), column)


def test_an_error_in_a_body_is_raised():
    @elementwise
    def refuse(i, values):
        if values[i] < 0:
            raise ValueError("below zero", 7)

    CpuEngine().for_each(refuse, 2, np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"below zero.*7"):
        CpuEngine().for_each(refuse, 2, np.array([1.0, -2.0]))


def test_functions_that_are_overloaded_after_a_first_loop():
    CpuEngine().for_each(double, 1, np.ones(1))

    def late(x):
        return x

    @overload(late)
    def _late(x):
        if isinstance(x, types.Float):
            return lambda x: x + 1
        return lambda x: x + 2

    @elementwise
    def use(i, values, counts):
        values[i], counts[i] = late(values[i]), late(counts[i])

    values, counts = np.zeros(1), np.zeros(1, np.int64)
    CpuEngine().for_each(use, 1, values, counts)
    assert (values[0], counts[0]) == (1, 2)


def test_a_callee_compiles_with_what_it_inherits_from_each_caller():
    """Sums may be reordered in one caller and not in the other, although both call the same function."""

    @device
    def total(values):
        found = np.float32(0)
        for k in range(values.size):
            found += values[k]
        return found

    @device(fastmath={"reassoc", "nsz"})
    def fast(values):
        return total(values)

    @elementwise
    def both(i, values, out):
        out[0], out[1] = total(values), fast(values)

    values = np.float32(np.random.default_rng(1).random(100_000))
    out = np.zeros(2, np.float32)
    CpuEngine().for_each(both, 1, values, out)
    assert out[0] == np.add.accumulate(values)[-1]
    assert out[0] != out[1]


def test_a_second_process_compiles_nothing(compiled, monkeypatch):
    values = np.ones(3)
    for _ in range(2):
        CpuEngine().for_each(double, 3, values)
        forget(monkeypatch)
    starts = [one for _, one in compiled if one.is_start]
    assert len(starts) == 1
    assert values.tolist() == [4, 4, 4]


@pytest.mark.parametrize(
    "damage",
    [lambda file: file[:-1], lambda file: b"", lambda file: file[:-9] + bytes([file[-9] ^ 1]) + file[-8:]],
)
def test_what_is_damaged_is_compiled_again(compiled, monkeypatch, stored, damage):
    CpuEngine().for_each(double, 1, np.ones(1))
    (file,) = stored.iterdir()
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    forget(monkeypatch)
    values = np.ones(1)
    CpuEngine().for_each(double, 1, values)
    assert values[0] == 2
    assert len(compiled) == 4


def test_what_calls_a_function_that_is_not_loaded_is_compiled_again(compiled, monkeypatch, stored):
    CpuEngine().for_each(double, 1, np.ones(1))
    (file,) = stored.iterdir()
    file.write_bytes(file.read_bytes().replace(b'"calls": []', b'"calls": ["nobody_has_this"]'))
    forget(monkeypatch)
    CpuEngine().for_each(double, 1, np.ones(1))
    assert len(compiled) == 4


def test_without_a_place_to_write(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(_store, "folder", lambda: tmp_path / "file")
    values = np.ones(3)
    CpuEngine().for_each(double, 3, values)
    assert values.tolist() == [2, 2, 2]


def test_an_array_that_is_too_large_for_machine_code_stays_in_its_process(stored):
    table = np.arange(1_000_000.0)

    @elementwise
    def look_up(i, out):
        out[i] = table[i]

    out = np.zeros(3)
    CpuEngine().for_each(look_up, 3, out)
    assert out.tolist() == [0, 1, 2]
    assert not [*stored.iterdir()]


class Step(IntEnum):
    """Numba knows such a value, `reached` does not."""

    ONE = 5


def test_what_reaches_something_without_a_lasting_description_stays_in_its_process(stored):
    step = Step.ONE

    @elementwise
    def body(i, out):
        out[i] = step.value

    with pytest.raises(TypeError, match="no description that lasts"):
        reached_hash(body)
    out = np.zeros(2)
    CpuEngine().for_each(body, 2, out)
    assert out.tolist() == [5, 5]
    assert not [*stored.iterdir()]


def test_many_threads_ask_for_the_same_loop_at_once():
    arrays = [np.ones(5) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        [*pool.map(lambda values: CpuEngine().for_each(double, 5, values), arrays)]
    assert all(values.tolist() == [2] * 5 for values in arrays)


def run(code: str, folder: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder), **environment},
        check=False,
    )


CALL = """
import numpy as np
from numba.core import event
import groundspeed as gs
with event.install_recorder("numba:compile") as compiled:
    print(gs.haversine_distance(np.zeros(2), np.zeros(2), np.full(2, 90.0), np.zeros(2)).round(1).tolist())
print(len(compiled.buffer) // 2)
"""


def test_processes_share_what_is_stored(tmp_path):
    first, second = (run(CALL, tmp_path).stdout.split("\n") for _ in range(2))
    assert first[0] == second[0] == "[10007.6, 10007.6]"
    assert int(first[1]) > 0
    assert int(second[1]) == 0


def test_without_compilation(tmp_path):
    done = run(CALL, tmp_path, NUMBA_DISABLE_JIT="1")
    assert done.stdout == "[10007.6, 10007.6]\n0\n", done.stderr


BEYOND = """
import numpy as np
from groundspeed.engines import get
from groundspeed.scalar.decorators import elementwise
@elementwise
def beyond(i, values):
    values[i + 10] = 1
get("cpu").for_each(beyond, 1, np.zeros(5))
"""


def test_bounds_are_checked_where_numba_is_told_to(tmp_path):
    assert "IndexError: index is out of bounds" in run(BEYOND, tmp_path, NUMBA_BOUNDSCHECK="1").stderr


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(_announce, "PATIENCE", 0.0)
    monkeypatch.setattr(_announce, "_said", set())


def test_the_first_compilation_ever_says_what_it_is_for(impatient, stored, capfd):
    CpuEngine().for_each(double, 1, np.ones(1))
    said = capfd.readouterr().err
    assert said.startswith(
        f"groundspeed: compiling loops of {__name__.rpartition('.')[0] or __name__} for this"
    )
    assert str(stored) in said
    CpuEngine().for_each(double, 1, np.ones(1, np.float32))
    assert capfd.readouterr().err == ""  # said already


def test_later_ones_do_when_progress_is_on(impatient, stored, capfd, monkeypatch):
    from groundspeed.engines import use

    (stored / f"earlier{_store.SUFFIX}").touch()
    CpuEngine().for_each(double, 1, np.ones(1))
    assert capfd.readouterr().err == ""
    with use(progress=True):
        CpuEngine().for_each(double, 1, np.ones(1, np.float32))
    assert "compiling loops" in capfd.readouterr().err


def test_what_is_compiled_in_less_than_a_second_says_nothing(stored, capfd, monkeypatch):
    monkeypatch.setattr(_announce, "PATIENCE", 3600.0)
    CpuEngine().for_each(double, 1, np.ones(1))
    assert capfd.readouterr().err == ""
