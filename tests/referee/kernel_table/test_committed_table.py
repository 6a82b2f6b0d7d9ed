"""Every kernel of every operation compiles everywhere, and to what the committed table says."""

from __future__ import annotations

from pathlib import Path

import pytest
from requirements import need
from typer import Typer
from typer.testing import CliRunner

from groundspeed.referee import kernel_table
from groundspeed.referee.kernel_table import ARCHITECTURES, command
from groundspeed.referee.kernel_table.table import COMPILERS

TABLES = Path(__file__).parents[3] / "impl" / "groundspeed" / "operations"


# numba-cuda-mlir takes half a minute per architecture; `groundspeed kernels` compiles the others with it too.
CHECKED = {"numba-cuda": tuple(ARCHITECTURES), "mlir": ("sm_75", "sm_90", "sm_120")}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_kernels_match_the_committed_table(compiler):
    need(COMPILERS[compiler].replace("-", "_"))
    declared = {(operation, kernel.name): kernel for operation, kernel in kernel_table.kernels()}
    found = kernel_table.table(CHECKED[compiler], [compiler])
    assert len(found) == len(declared) * len(CHECKED[compiler])
    assert kernel_table.problems(found, kernel_table.read_committed(TABLES), declared) == []


def test_every_operation_that_runs_on_a_gpu_declares_its_kernels():
    assert {operation for operation, _ in kernel_table.kernels()} >= {"haversine_distance"}


@pytest.fixture
def app():
    application = Typer()
    application.command()(command.kernels)
    return application


def test_the_command_updates_and_then_finds_nothing_to_say(app, tmp_path):
    chosen = ["--arch", "sm_90", "--compiler", "numba-cuda", "--folder", str(tmp_path)]
    first = CliRunner().invoke(app, [*chosen, "--update"])
    assert first.exit_code == 0, first.output
    assert "haversine_float64" in first.output
    rows = kernel_table.read_committed(tmp_path)
    kernel_table.write_committed(rows[1:], tmp_path)
    second = CliRunner().invoke(app, chosen)
    assert second.exit_code == 1
    assert "not in the committed table" in second.output


@pytest.mark.parametrize("option", [["--arch", "sm_1"], ["--compiler", "nvcc"]])
def test_unknown_choices_are_refused(app, option):
    result = CliRunner().invoke(app, option)
    assert result.exit_code == 2
    assert "is not one of" in result.output
