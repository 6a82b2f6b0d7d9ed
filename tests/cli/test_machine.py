"""What a record says of a machine, also where little can be known."""

import importlib.metadata
import subprocess
import sys
import types

import pytest

from groundspeed.referee import machine


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


def fake_nvml(fails=False):
    """pynvml on a machine with one GPU, or without a driver."""

    class NVMLError(Exception):
        """As pynvml's."""

    def init():
        if fails:
            raise NVMLError

    return types.SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=init,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda handle: b"NVIDIA L4",
        nvmlDeviceGetMemoryInfo=lambda handle: types.SimpleNamespace(total=24 << 30),
        nvmlSystemGetDriverVersion=lambda: "580.1",
        nvmlDeviceGetEnforcedPowerLimit=lambda handle: 72_000,
    )


@pytest.mark.parametrize(
    ("module", "names"), [(None, []), (fake_nvml(True), []), (fake_nvml(), ["NVIDIA L4"])]
)
def test_gpus(monkeypatch, module, names):
    monkeypatch.setitem(sys.modules, "pynvml", module)
    machine.gpu.cache_clear()
    found = machine.gpu()
    machine.gpu.cache_clear()
    assert [gpu["name"] for gpu in found] == names
    assert all(gpu["power_limit_watts"] == 72.0 for gpu in found)
