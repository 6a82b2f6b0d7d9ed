"""The table and its check, on kernels small enough to know what the compilers must say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numba import njit

from groundspeed.engines._compile import compile_ptx
from groundspeed.engines._numba_cuda import cuda
from groundspeed.engines.emulator.parse import parse
from groundspeed.engines.kernels import Kernel
from groundspeed.referee.kernel_table import (
    ARCHITECTURES,
    instructions,
    machine_code,
    occupancy,
    problems,
    read,
    rows,
    write,
)
from groundspeed.referee.kernel_table.stale import code_hash

ONE_64, ONE_32 = np.empty(1), np.empty(1, np.float32)
HALF = np.float32(0.5)


@njit
def halve(i, x, out):
    out[i] = x[i] * HALF


@njit
def halve_with_a_float64_literal(i, x, out):
    out[i] = x[i] * 1.1


@njit
def sum_of_squares(i, n, x, out):
    total = 0.0
    for k in range(n):
        total += x[i + k] * x[i + k]
    out[i] = total


@njit
def sine(i, x, out):
    out[i] = math.sin(x[i])


def reverse_tile(x):
    tile = cuda.shared.array(256, np.float64)
    t = cuda.threadIdx.x
    tile[t] = x[t]
    cuda.syncthreads()
    x[t] = tile[255 - t]


HALVE = Kernel("halve", halve, (ONE_32, ONE_32), bytes_per_element=8, dtype="float32")
STRAY = Kernel("stray", halve_with_a_float64_literal, (ONE_32, ONE_32), bytes_per_element=8, dtype="float32")
SQUARES = Kernel("squares", sum_of_squares, (1, ONE_64, ONE_64), bytes_per_element=16)
SINE = Kernel("sine", sine, (ONE_64, ONE_64), bytes_per_element=16)
TILE = Kernel("tile", reverse_tile, (ONE_64,), bytes_per_element=16, elementwise=False)
TOYS = (HALVE, STRAY, SQUARES, SINE, TILE)
DECLARED = {("toys", kernel.name): kernel for kernel in TOYS}


@pytest.fixture(scope="module")
def found():
    return {row.kernel: row for row in rows((("toys", kernel) for kernel in TOYS), ["sm_90"])}


def test_every_toy_compiles_for_every_architecture():
    made = list(rows([("toys", HALVE)]))
    assert [row.architecture for row in made] == list(ARCHITECTURES)
    assert not any(row.error for row in made)
    assert all(8 <= row.registers <= 64 for row in made)
    assert all(row.loads == row.stores == row.f32 >= 1 for row in made)  # equal, however the loop is unrolled


def test_float64_in_a_float32_kernel_is_counted(found):
    assert found["halve"].f64 == 0
    assert found["stray"].f64 >= 2


def test_shared_memory_is_what_the_kernel_declares(found):
    assert found["tile"].shared == 256 * 8
    assert found["halve"].shared == 0


def test_the_stack_of_large_arguments_of_sine(found):
    assert found["sine"].stack > 0
    assert found["sine"].spilled == 0


def test_the_inner_loop_of_a_sum(found):
    row = found["squares"]
    if row.loop is None:
        pytest.skip("needs nvdisasm")
    assert row.loop_f64 == row.loop_loads  # one fused multiply-add and one load per element, however unrolled
    assert row.loop_f64 >= 1
    assert row.loop_shared == 0


def test_a_squeezed_kernel_spills():
    ptx = compile_ptx(many_values, (np.empty(99),), (9, 0))
    assert machine_code.link(ptx, "sm_90").spilled == 0
    assert machine_code.link(ptx, "sm_90", "-maxrregcount=24").spilled > 0


def many_values(x):
    a, b, c, d, e, f, g, h = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
    p, q, r, s, t, u, v, w = x[8], x[9], x[10], x[11], x[12], x[13], x[14], x[15]
    cuda.syncthreads()
    x[0] = a * w + b * v + c * u + d * t + e * s + f * r + g * q + h * p
    x[1] = a * p + b * q + c * r + d * s + e * t + f * u + g * v + h * w
    x[2] = a * q + b * r + c * s + d * t + e * u + f * v + g * w + h * p


def test_wrong_ptx_is_refused_in_the_linkers_words():
    with pytest.raises(machine_code.LinkError, match="sm_90"):
        machine_code.link(".version 8.0\n.target sm_90\n.address_size 64\nnonsense", "sm_90")


def test_a_kernel_that_does_not_compile_says_why():
    @njit
    def body(i, x):
        x[i] = no_such_function(x[i])  # noqa: F821

    (row,) = rows([("toys", Kernel("broken", body, (ONE_64,), bytes_per_element=8))], ["sm_90"])
    assert row.error
    (said,) = problems([row], [], {("toys", "broken"): HALVE})
    assert "does not compile" in said


def test_functions_left_behind_are_not_counted():
    left = ".func dead() { add.f64 %fd1, %fd2, %fd3; ret; }\n"
    entry = ".visible .entry k() { .reg .f64 %fd<4>; mul.f64 %fd1, %fd2, %fd3; ret; }\n"
    assert instructions.count(parse(left + entry))["f64"] == 1


def test_a_clean_table_has_no_problems(found):
    clean = [found[name] for name in ("halve", "squares", "sine", "tile")]
    assert problems(clean, clean, DECLARED) == []


def test_stray_float64_needs_a_reason(found):
    row = found["stray"]
    (said,) = problems([row], [row], DECLARED)
    assert "float64 instructions in a float32 kernel" in said
    reasoned = DECLARED | {("toys", "stray"): replace(STRAY, allows_f64="the literal is wanted")}
    assert problems([row], [row], reasoned) == []


def test_a_float64_kernel_must_not_round_to_float32():
    @njit
    def body(i, x, out):
        out[i] = np.float32(x[i])

    kernel = Kernel("narrow", body, (ONE_64, ONE_64), bytes_per_element=16)
    (row,) = rows([("toys", kernel)], ["sm_90"])
    assert row.narrowings >= 1
    (said,) = problems([row], [row], {("toys", "narrow"): kernel})
    assert "float64 to float32" in said


def test_spills_need_a_reason(found):
    row = replace(found["halve"], spilled=8)
    (said,) = problems([row], [row], DECLARED)
    assert "spills 8 bytes" in said
    reasoned = DECLARED | {("toys", "halve"): replace(HALVE, allows_spills={row.compiler: "rarely reached"})}
    assert problems([row], [row], reasoned) == []
    elsewhere = replace(row, compiler="another")
    assert len(problems([elsewhere], [elsewhere], reasoned)) == 1


@pytest.mark.parametrize(
    ("before", "after", "jumps"),
    [(40, 44, False), (40, 45, True), (20, 22, False), (20, 23, True), (40, 20, False)],
)
def test_register_jumps(found, before, after, jumps):
    row = found["squares"]
    said = problems([replace(row, registers=after)], [replace(row, registers=before)], DECLARED)
    assert [f"{after} registers, {before} before" in line for line in said] == [True] * jumps


def test_missing_and_stale_rows(found):
    row = found["squares"]
    assert "not in the committed table" in problems([row], [], DECLARED)[0]
    gone = replace(row, kernel="gone")
    assert "no such kernel is declared" in problems([row], [row, gone], DECLARED)[0]
    assert problems([row], [row, replace(gone, architecture="sm_75")], DECLARED)


def test_rows_of_other_code_are_stale(found):
    row = replace(found["squares"], code="as it is now")
    (said,) = problems([row], [replace(row, code="as it was")], DECLARED)
    assert "what it is compiled from has changed" in said


def test_the_hash_of_a_kernel_follows_code_types_and_declaration():
    @njit
    def cube(i, x, out):
        out[i] = x[i] * x[i] * x[i]

    changes = {
        "function": cube,
        "example": (ONE_64, ONE_64),
        "block": 128,
        "bytes_per_element": 9,
        "name": "other",
    }
    hashes = {name: code_hash(replace(HALVE, **{name: value})) for name, value in changes.items()}
    assert hashes.pop("name") == code_hash(HALVE)
    assert len({code_hash(HALVE), *hashes.values()}) == len(changes)


def test_the_table_survives_csv(found, tmp_path):
    path = tmp_path / "kernels.csv"
    write(path, found.values())
    assert read(path) == list(found.values())


@pytest.mark.parametrize(
    ("architecture", "registers", "shared", "block", "expected"),
    [
        ("sm_90", 32, 0, 256, 1.0),
        ("sm_90", 255, 0, 256, 0.125),
        ("sm_90", 16, 0, 32, 0.5),  # 32 blocks of one warp
        ("sm_75", 64, 0, 1024, 1.0),
        ("sm_86", 32, 0, 1024, 2 / 3),  # 48 warps hold one block of 32
        ("sm_86", 32, 49_152, 128, 8 / 48),
        ("sm_80", 32, 0, 1, 0.5),
    ],
)
def test_occupancy(architecture, registers, shared, block, expected):
    assert occupancy(ARCHITECTURES[architecture], registers, shared, block) == pytest.approx(expected)
