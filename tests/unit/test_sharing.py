"""Work shared out over threads: every task once, errors first."""

from __future__ import annotations

import os
import threading
from time import sleep

import pytest

from groundspeed.engines import threads


@pytest.fixture(autouse=True)
def cores(monkeypatch):
    monkeypatch.setattr(threads, "CORES", 4)
    threads._pool.cache_clear()
    yield
    threads._pool.cache_clear()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000])
def test_every_task_is_done_once(count):
    done = []
    threads.share(lambda todo: done.extend(todo), range(count))
    assert sorted(done) == list(range(count))


def meet(barrier: threading.Barrier) -> list[int]:
    """Four tasks, each of which waits until all have begun: the order in which they came."""
    came: list[int] = []
    threads.share(lambda todo: came.extend(barrier.wait() for _ in todo), range(4))
    return came


def test_threads_work_side_by_side():
    assert sorted(meet(threading.Barrier(4, timeout=30))) == [0, 1, 2, 3]


@pytest.mark.parametrize("bad", [0, 5])
def test_an_error_ends_the_work_and_is_raised_when_all_have_ended(bad):
    done = []

    def work(todo):
        for number in todo:
            if number == bad:
                raise ValueError(f"task {number}")
            sleep(0.001)
            done.append(number)

    with pytest.raises(ValueError, match=f"task {bad}"):
        threads.share(work, range(1000))
    after = len(done)
    assert after < 100
    sleep(0.01)
    assert len(done) == after


def test_within_work_that_is_shared_out_itself():
    done = []
    threads.share(lambda todo: [threads.share(done.extend, [number] * 3) for number in todo], range(20))
    assert sorted(done) == [number for number in range(20) for _ in range(3)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_after_a_fork():
    """The child has threads of its own."""
    meet(threading.Barrier(4, timeout=10))
    child = os.fork()
    if not child:
        try:
            meet(threading.Barrier(4, timeout=10))
        except threading.BrokenBarrierError:
            os._exit(1)
        os._exit(0)
    for _ in range(3000):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        sleep(0.01)
    else:
        os.kill(child, 9)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0
