"""Every bug that the emulator promises to find is planted and found at its line; correct kernels pass."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from emulator.host_arrays import HostArrays

from groundspeed.engines._numba_cuda import cuda
from groundspeed.engines.emulator import KernelError


def store_past_the_end(x):
    x[cuda.grid(1)] = 1.0  # BUG


def load_past_the_end(x):
    i = cuda.grid(1)
    if i < 64:
        x[i] = x[i + 1]  # BUG


def store_before_the_start(x):
    i = np.uint64(cuda.grid(1))
    if i < 64:
        x[i - np.uint64(1)] = 1.0  # BUG


def shared_index_past_the_end(x):
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t + 1] = t  # BUG
    cuda.syncthreads()
    x[t] = tile[t]


def local_index_past_the_end(x):
    stack = cuda.local.array(4, np.float64)
    t = cuda.threadIdx.x
    for k in range(4 + t % 2):
        stack[k] = t  # BUG
    x[t] = stack[t % 4]


def read_before_the_others_wrote(x):
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t] = t
    x[t] = tile[63 - t]  # BUG


def write_before_the_others_read(x):
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t] = t
    cuda.syncthreads()
    x[t] = tile[63 - t]
    tile[t] = 0.0  # BUG


def two_threads_write_one_cell(x):
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t // 2] = t  # BUG
    cuda.syncthreads()
    x[t] = tile[t // 2]


def barrier_in_a_branch(x):
    t = cuda.threadIdx.x
    if t < 16:
        cuda.syncthreads()  # BUG
    x[t] = 1.0


def two_different_barriers(x):
    t = cuda.threadIdx.x
    if t < 16:
        x[t] = 2.0
        cuda.syncthreads()  # BUG
        x[t] += 1.0
    else:
        cuda.syncthreads()
        x[t] = 1.0


def shuffle_in_a_branch(x):
    t = cuda.threadIdx.x
    if t < 8:
        x[t] = cuda.shfl_down_sync(0xFFFFFFFF, x[t], 1)  # BUG


def mask_without_the_caller(x):
    t = cuda.threadIdx.x
    x[t] = cuda.shfl_sync(0x1, x[t], 0)  # BUG


def shuffle_from_outside_the_mask(x):
    t = cuda.threadIdx.x
    if t < 8:
        x[t] = cuda.shfl_sync(0xFF, x[t], 9)  # BUG


def lanes_wait_for_a_barrier_that_others_shuffle_past(x):
    t = cuda.threadIdx.x
    if t == 0:
        cuda.syncthreads()
    else:
        x[t] = cuda.shfl_sync(0xFFFFFFFF, x[t], 0)  # BUG


BUGS = {
    store_past_the_end: "global write out of bounds",
    load_past_the_end: "global read out of bounds",
    store_before_the_start: "global write out of bounds",
    shared_index_past_the_end: "shared memory out of bounds",
    local_index_past_the_end: "local memory out of bounds",
    read_before_the_others_wrote: "shared memory race: read after write",
    write_before_the_others_read: "shared memory race: write after read",
    two_threads_write_one_cell: "shared memory race: write after write",
    barrier_in_a_branch: "barrier that not all threads reach",
    two_different_barriers: "threads wait at different barriers",
    shuffle_in_a_branch: "warp mask names a lane that has exited",
    mask_without_the_caller: "warp mask omits the calling lane",
    shuffle_from_outside_the_mask: "shuffle from a lane outside the mask",
    lanes_wait_for_a_barrier_that_others_shuffle_past: "deadlock",
}


def line_of_the_bug(kernel):
    lines, start = inspect.getsourcelines(kernel)
    return next(start + k for k, line in enumerate(lines) if "# BUG" in line)


@pytest.fixture(scope="module", params=[0, 1, 6], ids=lambda seed: f"seed{seed}")
def engine(request):
    return HostArrays(seed=request.param)


@pytest.mark.parametrize("kernel", BUGS, ids=lambda kernel: kernel.__name__)
def test_a_planted_bug_is_found_at_its_line(engine, kernel):
    size = 63 if kernel is store_past_the_end else 64
    with pytest.raises(KernelError) as caught:
        engine.launch(kernel, 1, 64, np.zeros(size))
    found = {(fault.kind, fault.source) for fault in caught.value.faults}
    assert (BUGS[kernel], (__file__, line_of_the_bug(kernel))) in found
    assert caught.value.kernel == kernel.__name__
    assert f"{__file__}:{line_of_the_bug(kernel)}" in str(caught.value)


def correct_neighbour(x):
    i = cuda.grid(1)
    if i < x.size:
        x[i] += 1.0


def correct_tile(x):
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t] = t
    cuda.syncthreads()
    x[t] = tile[63 - t]
    cuda.syncthreads()
    tile[t] = 0.0


def correct_warp_exchange(x):
    """Within a warp, syncwarp orders shared accesses as a barrier does."""
    tile = cuda.shared.array(64, np.float64)
    t = cuda.threadIdx.x
    tile[t] = t
    cuda.syncwarp()
    x[t] = tile[t ^ 31]
    cuda.syncwarp()
    tile[t] = 1.0


def correct_atomics(x):
    tile = cuda.shared.array(1, np.float64)
    t = cuda.threadIdx.x
    if t == 0:
        tile[0] = 0.0
    cuda.syncthreads()
    cuda.atomic.add(tile, 0, 1.0)
    cuda.syncthreads()
    x[t] = tile[0]


def correct_shuffle_in_a_branch(x):
    t = cuda.threadIdx.x
    if t < 8:
        x[t] = cuda.shfl_sync(0xFF, x[t], 7)


def correct_local_stack(x):
    stack = cuda.local.array(4, np.float64)
    t = cuda.threadIdx.x
    for k in range(4):
        stack[k] = t + k
    x[t] = stack[t % 4]


CORRECT = (
    correct_neighbour,
    correct_tile,
    correct_warp_exchange,
    correct_atomics,
    correct_shuffle_in_a_branch,
    correct_local_stack,
)


@pytest.mark.parametrize("kernel", CORRECT, ids=lambda kernel: kernel.__name__)
def test_a_correct_kernel_reports_nothing(engine, kernel):
    engine.launch(kernel, 1, 64, np.zeros(64))


def test_misaligned_access():
    raw = np.zeros(65 * 8, np.uint8)
    shifted = raw[1 : 1 + 64 * 8].view(np.float64)
    with pytest.raises(KernelError, match="misaligned global access"):
        HostArrays().launch(correct_neighbour, 1, 64, shifted)


def test_a_write_to_a_read_only_array_is_refused_and_leaves_it_alone():
    x = np.zeros(64)
    x.flags.writeable = False
    with pytest.raises(KernelError, match="write to a read-only array"):
        HostArrays().launch(correct_neighbour, 1, 64, x)
    assert not x.any()


def test_without_check_there_is_no_report():
    x = np.zeros(80)
    HostArrays(check=False).launch(store_past_the_end, 1, 80, x[:64])
    assert x[79] == 1.0


def test_the_thread_is_named():
    with pytest.raises(KernelError) as caught:
        HostArrays().launch(store_past_the_end, (2, 3), (8, 2), np.zeros(15))
    (fault,) = caught.value.faults
    assert fault.block[0] == 1
    assert fault.thread[0] == 7
    assert caught.value.count == 3 * 2
    assert "8 bytes at +0 bytes" in str(fault)


@pytest.mark.parametrize(
    ("grid", "block", "message"),
    [
        (0, 64, "grid must be at least 1"),
        (1, 0, "block must be at least 1"),
        (1, 2048, "block must have at most 1024 threads"),
        (1, (32, 64), "block must have at most 1024 threads"),
    ],
)
def test_impossible_launches(grid, block, message):
    with pytest.raises(ValueError, match=message):
        HostArrays().launch(correct_neighbour, grid, block, np.zeros(64))


def test_strided_arrays_are_refused():
    with pytest.raises(ValueError, match="ascontiguousarray"):
        HostArrays().launch(correct_neighbour, 1, 64, np.zeros(128)[::2])
