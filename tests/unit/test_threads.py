"""The threads of the cpu engine: every item once, whoever calls, and errors arrive."""

import threading
from time import sleep

import numpy as np
import pytest

import groundspeed as gs
from groundspeed.engines import cpu, threads
from groundspeed.engines.cpu import CpuEngine
from groundspeed.scalar.decorators import elementwise


@elementwise
def count_up(i, counts):
    counts[i] += i + 1


@pytest.mark.parametrize("worth", [0.0, 1e9], ids=["always threads", "never threads"])
@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 1000, 100_003])
def test_every_item_once(n, worth, monkeypatch):
    monkeypatch.setattr(cpu, "WORTH_THREADS", worth)
    counts = np.zeros(n, np.int64)
    CpuEngine().for_each(count_up, n, counts)
    np.testing.assert_array_equal(counts, np.arange(n) + 1)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_rows_expanded_in_pieces_do_not_write_over_each_other(most, monkeypatch):
    monkeypatch.setattr(cpu, "WORTH_THREADS", 0.0)
    monkeypatch.setattr(cpu, "WORTH_A_PIECE", 1e-9)
    counts = np.random.default_rng(most).integers(0, most, 10_007, endpoint=True)
    counts[3000:5000] = 0
    engine = CpuEngine()
    rows = engine.expand(engine.offsets(counts))
    np.testing.assert_array_equal(rows, np.repeat(np.arange(len(counts)), counts))


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100_003])
def test_fetching_reads_every_line_and_changes_nothing(n, monkeypatch):
    monkeypatch.setattr(cpu, "WORTH_THREADS", 0.0)
    seen, find = set(), cpu.loop_of

    def noted(function, columns):
        loop, flat = find(function, columns)

        def touch(start, stop, columns):
            seen.update(range(start, stop))
            loop(start, stop, columns)

        return touch, flat

    monkeypatch.setattr(cpu, "loop_of", noted)
    array = np.arange(n, dtype=np.float64)
    array.flags.writeable = False
    CpuEngine().fetch(n // 8, array)  # no more reads than lines
    assert seen == set()
    CpuEngine().fetch(n // 8 + 1, array)
    assert seen == set(range(n * 8 // 64))
    np.testing.assert_array_equal(array, np.arange(n))


def test_several_python_threads_at_once(monkeypatch):
    monkeypatch.setattr(cpu, "WORTH_THREADS", 0.0)
    engine, results = CpuEngine(), [np.zeros(50_000, np.int64) for _ in range(8)]
    callers = [threading.Thread(target=engine.for_each, args=(count_up, 50_000, one)) for one in results]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for one in results:
        np.testing.assert_array_equal(one, np.arange(50_000) + 1)


def test_an_error_of_a_piece_arrives(monkeypatch):
    monkeypatch.setattr(cpu, "WORTH_THREADS", 0.0)

    def broken(start, stop, arguments):
        if stop == 1000:
            raise MemoryError("the last piece")

    monkeypatch.setattr(cpu, "loop_around", lambda body, columns: (broken, columns))
    with pytest.raises(MemoryError, match="the last piece"):
        CpuEngine().for_each(count_up, 1000, np.zeros(1000))


def test_little_work_wakes_no_thread(monkeypatch):
    """Not even where a call costs more than its items: 1,000 of them are no reason to share them out."""

    def shared(*_):
        raise AssertionError("shared out")

    engine, counts = CpuEngine(), np.zeros(1000, np.int64)
    engine.for_each(count_up, 1000, counts)  # compiled or loaded: that takes long
    monkeypatch.setattr(threads, "share", shared)
    monkeypatch.setattr(cpu, "WORTH_THREADS", 1e-3)  # a busy machine may stop us anywhere
    for _ in range(100):
        engine.for_each(count_up, 1000, counts)


def test_what_took_long_is_shared_out_once_it_has_taken_long(monkeypatch):
    """The first of ten items tells what the others cost."""
    monkeypatch.setattr(threads, "CORES", 4)
    begun = []

    def loop(start, stop, columns):
        begun.append((start, stop))
        sleep((stop - start) * columns[0])

    monkeypatch.setattr(cpu, "loop_around", lambda body, columns: (loop, columns))
    CpuEngine().for_each(count_up, 10, 0.01)
    assert begun[0] == (0, 1)
    assert len(begun) == 10
    assert sorted(item for piece in begun for item in range(*piece)) == [*range(10)]


def test_one_thread_when_asked(monkeypatch):
    engine, seen = CpuEngine(), set()
    monkeypatch.setattr(cpu, "WORTH_THREADS", 0.0)

    def note(start, stop, columns):
        seen.add(threading.current_thread().name)

    monkeypatch.setattr(cpu, "loop_around", lambda body, columns: (note, columns))
    assert engine.threads(1) == 1
    engine.for_each(count_up, 1000, np.zeros(1000))
    assert seen == {threading.current_thread().name}
    assert engine.threads(None) == threads.CORES


def test_threads_are_checked_against_what_there_is():
    with pytest.raises(ValueError, match=f"at most {threads.CORES}"), gs.use(threads=threads.CORES + 1):
        pass
