"""Every kernel compiled, linked, loaded and launched for real, over a driver that only counts."""

from __future__ import annotations

import json

import pytest
from dry_run import driver
from requirements import need

from groundspeed.engines import _programs
from groundspeed.engines._arguments import Flattener
from groundspeed.engines._compile import MEMREF
from groundspeed.engines.emulator.arrays import DeviceArray
from groundspeed.engines.emulator.gpu import Gpu
from groundspeed.engines.emulator.launch import flatten
from groundspeed.engines.emulator.operands import parameter_offsets
from groundspeed.engines.emulator.parse import parse
from groundspeed.engines.warm import kernels
from groundspeed.operations import kernel_modules

CAPABILITY = (9, 0)


@pytest.fixture(autouse=True)
def _tools():
    need("numba_cuda", "gcc")


@pytest.fixture(scope="module")
def told():
    return json.loads(driver.run("import runpy; runpy.run_module('launching', run_name='__main__')"))


def test_every_kernel_is_loaded_once_and_launched_on_cupys_stream(told):
    assert [row["kernel"] for row in told["rows"]] == [kernel.name for kernel in kernels(kernel_modules())]
    assert {row["launched"] for row in told["rows"]} == {1 + told["rounds"]}
    assert {row["stream"] for row in told["rows"]} == {77}
    assert told["modules"] == len(told["rows"])


def test_a_launch_takes_microseconds(told):
    slow = {row["kernel"]: row["warm_us"] for row in told["rows"] if row["warm_us"] > 100}
    assert not slow  # 25 on an idle machine; numba's own dispatcher takes 140 to 820


"""What a launch takes is a claim of docs/methodology.md; a busy machine takes up to four times as long."""


def test_a_second_process_compiles_nothing(told):
    nothing = """
        from groundspeed.engines import _compile, _link

        def refuse(*arguments, **options):
            raise AssertionError("compiled again")

        _compile.compile_ptx = _link.link = refuse
        from groundspeed.engines import _programs

        _programs.compile_ptx = refuse
        import runpy

        runpy.run_module("launching", run_name="__main__")
    """
    again = json.loads(driver.run(nothing))
    assert again["modules"] == told["modules"]


@pytest.mark.parametrize("kernel", list(kernels(kernel_modules())), ids=lambda kernel: kernel.name)
def test_parameters_lie_where_the_kernel_looks_for_them(kernel):
    function, arguments = kernel.launched()
    flattener, gpu = Flattener(DeviceArray, MEMREF), Gpu()

    def there(value):
        if isinstance(value, tuple):
            return tuple(map(there, value))
        return DeviceArray(gpu, value) if hasattr(value, "ctypes") and value.ndim else value

    key, values = flattener(there(arguments), 0)
    assert values == list(flatten(arguments, MEMREF))
    module = parse(_programs.ptx(function, arguments, CAPABILITY))
    entry = next(one for one in module.functions if one.entry)
    offsets = parameter_offsets(entry)
    last = entry.parameters[-1]
    packer = flattener.packer(key)
    assert packer.size == offsets[last.name] + last.size
    assert len(values) == len(entry.parameters)


@pytest.mark.parametrize(
    ("function", "result", "error", "words"),
    [
        ("cuModuleLoadData", 222, "DeviceError", "update the driver"),
        ("cuModuleLoadData", 2, "MemoryError", "memory of the GPU is full"),
        ("cuLaunchKernel", 700, "DeviceError", "start a new one"),
        ("cuLaunchKernel", 701, "DeviceError", "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"),
    ],
)
def test_a_refusal_of_the_driver_ends_the_call_and_is_told(function, result, error, words):
    code = f"""
        from launching import driver, engine, there
        from groundspeed.engines._primitives import KERNELS

        one = engine()
        driver().fail(b"{function}", {result})
        try:
            one.for_each(KERNELS[0].function, 8, *there(KERNELS[0].example, one.xp))
        except Exception as error:
            print(type(error).__name__, error)
    """
    said = driver.run(code)
    assert said.startswith(error)
    assert words in said
