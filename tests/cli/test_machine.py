"""What a record says of a machine, also where little can be known."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import types

import pytest

from groundspeed.referee import machine
from groundspeed.referee.comparison import Agreement


def test_environment_is_plain_data_and_names_what_took_part(monkeypatch, tmp_path):
    monkeypatch.delenv("GROUNDSPEED_MACHINE", raising=False)
    told = machine.environment()
    assert told["cores"] >= 1
    assert told["memory"] > 1 << 28
    assert told["libraries"]["numpy"] == importlib.metadata.version("numpy")
    assert told["machine"] == machine.name()
    assert "commit" not in told


def test_a_name_may_be_given(monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_MACHINE", "h100")
    assert machine.name() == machine.environment()["machine"] == "h100"


def test_outside_a_checkout_there_is_no_commit(tmp_path):
    told = machine.environment(tmp_path)
    assert (told["commit"], told["dirty"]) == ("", False)


def test_a_changed_checkout_is_dirty(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "--message=one")
    assert machine.environment(tmp_path)["dirty"] is False
    (tmp_path / "a").write_text("2")
    assert machine.environment(tmp_path)["dirty"] is True
    assert len(machine.environment(tmp_path)["commit"]) == 40


def fake_nvml(fails=False, refuses=False):
    """pynvml on a machine with one GPU, or without a driver, or on one that keeps its power limit secret."""

    class NVMLError(Exception):
        """As pynvml's."""

    def init():
        if fails:
            raise NVMLError

    def limit(handle):
        if refuses:
            raise NVMLError
        return 72_000

    return types.SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=init,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: b"NVIDIA L4",
        nvmlDeviceGetMemoryInfo=lambda handle: types.SimpleNamespace(total=24 << 30),
        nvmlSystemGetDriverVersion=lambda: "580.1",
        nvmlDeviceGetEnforcedPowerLimit=limit,
    )


@pytest.mark.parametrize(
    ("module", "names", "watts"),
    [
        (None, [], 72.0),
        (fake_nvml(True), [], 72.0),
        (fake_nvml(), ["NVIDIA L4"], 72.0),
        (fake_nvml(refuses=True), ["NVIDIA L4"], None),
    ],
)
def test_gpus(monkeypatch, module, names, watts):
    monkeypatch.setitem(sys.modules, "pynvml", module)
    machine.gpu.cache_clear()
    found = machine.gpu()
    machine.gpu.cache_clear()
    assert [gpu["name"] for gpu in found] == names
    assert all(gpu["power_limit_watts"] == watts for gpu in found)


def told(**environment):
    """What a new process says of the machine."""
    variables = {key: value for key, value in os.environ.items() if key != "GROUNDSPEED_MACHINE"}
    code = (
        "import json; from groundspeed.referee import machine; machine.confine();"
        "import os; from groundspeed.referee.competitors.threads import CORES;"
        "print(json.dumps([machine.environment(), CORES, len(os.sched_getaffinity(0))]))"
    )
    prefix = environment.pop("prefix", [])
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code],
        env={**variables, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system keeps no affinity")
@pytest.mark.parametrize(
    "run", [{"NUMBA_NUM_THREADS": "1"}, {"prefix": ["taskset", "-c", "0"]}], ids=["numba", "affinity"]
)
def test_a_run_on_one_core_is_filed_as_one_core(run):
    if "prefix" in run and not shutil.which("taskset"):
        pytest.skip("needs taskset (util-linux)")
    environment, threads, allowed = told(**run)
    assert environment["cores"] == environment["numba_threads"] == threads == allowed == 1
    assert environment["machine"].endswith("-1c")


@pytest.mark.parametrize("given", ["", "0", "many", "100000"])
def test_what_is_no_smaller_number_of_threads_changes_nothing(given, monkeypatch):
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    there = machine.cores()
    monkeypatch.setenv("NUMBA_NUM_THREADS", given)
    assert machine.cores() == there


def test_one_core_is_not_measured_under_the_name_of_several(tmp_path, monkeypatch):
    from groundspeed.referee.measure import passes, plan

    monkeypatch.setattr(passes.asv_command, "describe", lambda name: None)
    item = plan.Item("haversine_distance", "uniform_smoke", "numpy formula")
    run = passes.Run("smoke", tmp_path, "m")
    run.note(item, Agreement(verdict="timeout"), "s")
    passes.Run("smoke", tmp_path, "m")
    had = machine.cores()
    monkeypatch.setattr(machine, "cores", lambda: had + 1)
    with pytest.raises(RuntimeError, match=rf"'m' was measured with {had} cores and this process may use"):
        passes.Run("smoke", tmp_path, "m")
    passes.Run("smoke", tmp_path, "another")


def test_older_records_stay_until_there_are_new_ones(tmp_path, monkeypatch):
    from groundspeed.referee.measure import passes, plan

    monkeypatch.setattr(passes.asv_command, "describe", lambda name: None)
    one, other = (
        plan.Item("haversine_distance", "uniform_smoke", f"numpy {name}") for name in ("formula", "chunked")
    )
    run = passes.Run("smoke", tmp_path, "m")
    for item in (one, other):
        run.note(item, Agreement(verdict="timeout"), "old")
    older = run.recorded([one, other])
    run.note(one, Agreement(verdict="timeout"), "new")
    run.forget(older, [one])
    kept = {(path.parent.name, path.stem) for path in tmp_path.rglob("*.json")}
    assert kept == {("numpy_formula", "new"), ("numpy_chunked", "old")}
