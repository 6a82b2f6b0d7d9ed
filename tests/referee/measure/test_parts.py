"""The stopwatch's parts: extrapolation, memory, GPU host logic, noise floor, budget of a run."""

import json
import math
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from groundspeed.engines.counters import Counters
from groundspeed.referee.measure import cold, gpu, memory, noise, phases, plan

MIB = 1 << 20


@pytest.mark.parametrize("by_mark", [True, False])
def test_peak_memory_sees_what_was_freed_again(monkeypatch, by_mark):
    if not by_mark:
        monkeypatch.setattr(memory, "_reset_mark", lambda: False)

    def work():
        held = np.ones(64 * MIB, np.uint8)
        for _ in range(20):
            held += 1
        return int(held[0])

    assert 60 * MIB < memory.peak_growth(work) < 90 * MIB
    assert memory.peak_growth(lambda: None) < 8 * MIB


def test_import_seconds_comes_from_the_runner_or_a_new_interpreter(monkeypatch):
    assert cold.import_seconds(()) == 0.0
    monkeypatch.setenv(cold.VARIABLE, '{"a b": 1.5}')
    assert cold.import_seconds(("a", "b")) == 1.5
    assert 0 < cold.import_seconds(("fractions",)) < 5
    with pytest.raises(ImportError, match="no_such_module"):
        cold.import_seconds(("no_such_module",))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [([(1.0, 1.0)], 0.0), ([(1.0, 2.0)], math.log(2)), ([(2.0, 1.0)] + [(1.0, 1.0)] * 99, 0.0)],
)
def test_noise_floor(pairs, expected):
    assert noise.floor(pairs) == pytest.approx(expected)


def test_noise_floor_needs_pairs():
    with pytest.raises(ValueError, match="at least one pair"):
        noise.floor([])


def test_calibration_stores_the_floor_where_the_report_looks(tmp_path, monkeypatch):
    times = iter([1.0, 1.0, 2.0, 1.0])
    monkeypatch.setattr(noise, "seconds", lambda item, profile: next(times))
    monkeypatch.setenv("GROUNDSPEED_MACHINE", "m")
    path = noise.calibrate(tmp_path, rounds=2, wanted=[plan.Item("op", "case", "a")])
    assert path == tmp_path / "m" / "noise.json"
    stored = json.loads(path.read_text())
    assert stored["floor"] == pytest.approx(0.95 * math.log(2))
    assert stored["items"][0]["seconds"] == [[1.0, 1.0], [2.0, 1.0]]


def test_calibration_refuses_what_does_not_agree():
    with pytest.raises(RuntimeError, match="no agreement, so no noise floor"):
        noise.seconds(plan.Item("no_such_operation", "case", "a"), "smoke")


def test_calibration_measures_oracle_and_groundspeed():
    names = {item.implementation for item in noise.candidates("smoke")}
    assert "groundspeed[cpu]" in names
    assert len(names) > 1


def test_a_short_pass_takes_the_cheapest_and_keeps_their_order():
    a, b, c = (plan.Item("op", "case", name) for name in "abc")
    costs = {a: 3.0, b: 1.0, c: 2.0}
    assert plan.affordable(costs, 3.5) == [b, c]
    assert plan.affordable(costs, 6.0) == [a, b, c]
    assert plan.affordable(costs, 0.5) == []
    assert plan.affordable({}, 10.0) == []


def test_an_item_selects_itself_only():
    import re

    item = plan.Item("point_in_polygon", "a", "groundspeed[cpu]")
    assert re.search(item.pattern, "operations.PointInPolygon.optime_run('a', 'groundspeed[cpu]')")
    assert not re.search(item.pattern, "operations.PointInPolygon.optime_run('a', 'groundspeed[cuda]')")
    assert not re.search(item.pattern, "operations.PointInPolygon.optime_run('aa', 'groundspeed[cpu]')")


def test_cases_and_implementations_are_chosen_by_name():
    runnable, absent = plan.items("full", ("haversine_distance",), "numpy|cuda", "1k|10k")
    assert {item.case for item in [*runnable, *absent]} == {"uniform_1k", "uniform_10k"}
    assert {item.implementation for item in runnable} == {
        "numpy formula",
        "numpy chunked",
        "numpy chunked threads",
    }
    with pytest.raises(ValueError, match="cases matching 'no_such_case'"):
        plan.items("full", (), "", "no_such_case")


class FakeCupy:
    """A device that logs what is asked of it. It shows the order of calls, not that a GPU obeys."""

    uint8 = "uint8"

    def __init__(self):
        self.log = []
        self.pool = SimpleNamespace(held=100, free_all_blocks=lambda: self.log.append("free"))
        self.pool.total_bytes = lambda: self.pool.held
        device = SimpleNamespace(synchronize=lambda: self.log.append("sync"), pci_bus_id="0000:01:00.0")
        self.cuda = SimpleNamespace(
            Device=lambda: device,
            Event=lambda: SimpleNamespace(record=lambda: self.log.append("event")),
            get_elapsed_time=lambda first, last: 2.5,
        )

    def get_default_memory_pool(self):
        return self.pool

    def empty(self, size, dtype):
        return SimpleNamespace(fill=lambda value: self.log.append(f"fill {size}"))


class FakeNvml:
    """NVML readings that grow with every look."""

    class NVMLError(Exception):
        """As pynvml's."""

    NVML_CLOCK_SM = NVML_CLOCK_MEM = NVML_TEMPERATURE_GPU = 0

    def __init__(self, energy=True, refuses=()):
        self.energy, self.joules, self.refuses = energy, 0, refuses

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        if not self.energy:
            raise self.NVMLError
        self.joules += 3000
        return self.joules

    def __getattr__(self, name):
        def answer(*arguments):
            if name in self.refuses:
                raise self.NVMLError
            return 1000

        return answer


def test_gpu_phases_are_synchronised_and_run_lies_between_events():
    cupy = FakeCupy()
    device = gpu.CudaDevice(cupy)
    one = SimpleNamespace(
        prepare=lambda inputs: cupy.log.append("prepare") or {},
        build=lambda: cupy.log.append("build") or {},
        run=lambda: cupy.log.append("run"),
        collect=lambda result: cupy.log.append("collect"),
    )
    this = phases.repeat_once(one, {}, device)
    assert cupy.log == [
        "prepare",
        "sync",
        "build",
        "sync",
        "event",
        "run",
        "event",
        "sync",
        "collect",
        "sync",
    ]
    assert this.device_seconds == 0.0025


def test_gpu_cache_is_flushed_only_where_asked_for(monkeypatch):
    monkeypatch.setenv("GROUNDSPEED_FLUSH_L2", "1")
    cupy = FakeCupy()
    gpu.CudaDevice(cupy).flush()
    assert cupy.log == [f"fill {gpu.FLUSH_BYTES}", "sync"]


def test_gpu_peak_is_the_growth_of_the_pool():
    cupy = FakeCupy()
    device = gpu.CudaDevice(cupy)
    device.reset_peak()
    cupy.pool.held = 1100
    assert device.peak_bytes() == 1000
    assert cupy.log == ["free"]


def test_gpu_energy_between_two_samples():
    device = gpu.CudaDevice(FakeCupy(), FakeNvml())
    told = gpu.during(device.sample(), device.sample())
    assert told["joules"] == 3.0
    assert told["before"]["watts"] == 1.0


def test_gpu_without_energy_counter_or_nvml_says_none():
    device = gpu.CudaDevice(FakeCupy(), FakeNvml(energy=False))
    assert gpu.during(device.sample(), device.sample())["joules"] is None
    assert gpu.CudaDevice(FakeCupy()).sample() is None


def test_what_a_virtual_machine_refuses_is_none_and_no_error():
    class Refusing(FakeNvml):
        def __getattr__(self, name):
            def refuse(*arguments):
                raise self.NVMLError(name)

            return (
                refuse
                if name.startswith("nvmlDeviceGet") and "Handle" not in name
                else super().__getattr__(name)
            )

    told = gpu.CudaDevice(FakeCupy(), Refusing(energy=False)).sample()
    assert set(told.values()) == {None}


@pytest.mark.parametrize("query", ["nvmlInit", "nvmlDeviceGetHandleByPciBusId"])
def test_a_device_that_nvml_does_not_know_is_not_watched(query):
    assert gpu.CudaDevice(FakeCupy(), FakeNvml(refuses=[query])).sample() is None


def test_without_a_gpu_nothing_is_measured_on_one():
    device = gpu.device_for("all")
    assert device.between_events(lambda: 7) == 7
    assert device.event_seconds() is device.peak_bytes() is device.sample() is None


def test_only_our_engine_on_a_gpu_is_counted(monkeypatch):
    ours = SimpleNamespace(counting=lambda: nullcontext(Counters(launches=3)))
    monkeypatch.setattr(gpu, "get", {"cuda": ours}.__getitem__)
    with gpu.counting("groundspeed", "gpu") as counted:
        assert {name: getattr(counted, name) for name in gpu.COUNTED}["launches"] == 3
    for library, cores in [("groundspeed", "all"), ("cuml", "gpu")]:
        with gpu.counting(library, cores) as counted:
            assert counted is None
