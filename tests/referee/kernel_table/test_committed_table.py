"""Every kernel of every operation compiles everywhere, and to what the committed table says."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from groundspeed.referee import kernel_table
from groundspeed.referee.kernel_table import ARCHITECTURES, command
from groundspeed.referee.kernel_table.stale import code_hash, versions

TABLES = Path(__file__).parents[3] / "impl" / "groundspeed" / "operations"


DECLARED = {(operation, kernel.name): kernel for operation, kernel in kernel_table.kernels()}
TOPICS = sorted({topic for topic, _ in DECLARED})


@pytest.mark.parametrize("topic", TOPICS)
def test_kernels_match_the_committed_table(topic):
    """Compiles only rows whose code or compiler has changed; `nox -s kernels` compiles all, by mlir too."""
    committed = kernel_table.read_committed(TABLES)
    found, _ = kernel_table.table(committed, compilers=["numba-cuda"], topic=topic)
    assert len(found) == sum(name == topic for name, _ in DECLARED) * len(ARCHITECTURES)
    assert kernel_table.problems(found, committed, DECLARED) == []


@pytest.fixture
def current():
    """Rows of one operation that need no compiling here and now, whatever the committed table says."""
    committed = kernel_table.read_committed(TABLES)
    wanted = [row for row in committed if row.key[::2] == ("haversine_distance", "numba-cuda")]
    return [replace(row, **versions(row.compiler), code=code_hash(DECLARED[row.key[:2]])) for row in wanted]


@pytest.fixture
def compiled(monkeypatch):
    """Compile the table of that operation: the keys that the compilers, left in peace, are asked for."""
    asked = []
    module = importlib.import_module("groundspeed.referee.kernel_table.table")
    monkeypatch.setattr(module, "compiled", lambda keys: asked.extend(keys) or [])

    def keys(committed):
        _, said = kernel_table.table(committed, compilers=["numba-cuda"], topic="haversine_distance")
        assert said == set(asked)
        return asked

    return keys


def test_nothing_is_compiled_where_nothing_has_changed(current, compiled):
    assert compiled(current) == []


@pytest.mark.parametrize("column", ["code", "version", "numba", "nvvm", "linker"])
def test_only_what_has_changed_is_compiled(current, compiled, column):
    first, *others = current
    assert compiled([replace(first, **{column: "another"}), *others]) == [first.key]


def test_a_row_that_is_missing_is_compiled(current, compiled):
    assert compiled(current[1:]) == [current[0].key]


def test_every_operation_that_runs_on_a_gpu_declares_its_kernels():
    assert {operation for operation, _ in kernel_table.kernels()} >= {"haversine_distance"}


@pytest.fixture
def app():
    application = Typer()
    application.command()(command.kernels)
    return application


def test_the_command_updates_and_then_finds_nothing_to_say(app, tmp_path):
    chosen = ["--arch", "sm_90", "--compiler", "numba-cuda", "--folder", str(tmp_path)]
    kernel_table.write_committed(kernel_table.read_committed(TABLES), tmp_path)
    first = CliRunner().invoke(app, [*chosen, "--update"])
    assert first.exit_code == 0, first.output
    assert "haversine_float64" in first.output
    assert f"of {len(DECLARED)} rows compiled" in first.output
    rows = [row for row in kernel_table.read_committed(tmp_path) if row.architecture == "sm_90"]
    kernel_table.write_committed([row for row in rows if row.kernel != "haversine_float64"], tmp_path)
    second = CliRunner().invoke(app, chosen)
    assert second.exit_code == 1
    assert f"1 of {len(DECLARED)} rows compiled" in second.output
    assert "haversine_float64 (numba-cuda, sm_90): not in the committed table" in second.output


@pytest.mark.parametrize("option", [["--arch", "sm_1"], ["--compiler", "nvcc"]])
def test_unknown_choices_are_refused(app, option):
    result = CliRunner().invoke(app, option)
    assert result.exit_code == 2
    assert "is not one of" in result.output
