"""Compiled kernels are kept by content: nothing is compiled twice, and nothing that has changed is taken."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from numba import njit
from requirements import need

from groundspeed.engines import _kept, _programs, warm
from groundspeed.engines.device import elementwise_kernel

HOPPER, AMPERE = (9, 0), (8, 0)
COLUMN = np.empty(0)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    need("numba_cuda")
    monkeypatch.setattr(_kept, "folder", lambda: tmp_path)
    monkeypatch.setattr(_programs, "folder", lambda: tmp_path)
    _programs._content.cache_clear()
    return tmp_path


@pytest.fixture
def compilations(monkeypatch):
    done = []
    real = _programs.compile_ptx

    def counted(kernel, *arguments):
        done.append(kernel.__name__)
        return real(kernel, *arguments)

    monkeypatch.setattr(_programs, "compile_ptx", counted)
    return done


def kernel(factor=2.0):
    @njit
    def inner(x):
        return x * factor

    @njit
    def body(i, x):
        x[i] = inner(x[i])

    return elementwise_kernel(body, 1), (np.int64(1), (COLUMN,))


def test_an_equal_kernel_is_compiled_once(compilations):
    first, second = _programs.image(*kernel(), HOPPER), _programs.image(*kernel(), HOPPER)
    assert first == second
    assert first.code.startswith(b"\x7fELF")
    assert first.name.encode() in first.code
    assert compilations == ["body"]


@pytest.mark.parametrize(
    "other",
    [
        lambda: (*kernel(factor=3.0), HOPPER),
        lambda: (*kernel(), AMPERE),
        lambda: (kernel()[0], (np.int64(1), (COLUMN.astype(np.float32),)), HOPPER),
    ],
    ids=["a constant of a callee", "capability", "types"],
)
def test_another_kernel_is_compiled_anew(compilations, other):
    first = _programs.image(*kernel(), HOPPER)
    assert _programs.image(*other()).code != first.code
    assert len(compilations) == 2


def test_another_toolchain_compiles_anew(compilations, monkeypatch):
    _programs.image(*kernel(), HOPPER)
    monkeypatch.setattr(_programs, "toolchain", lambda: ("numba-cuda 99",))
    _programs._content.cache_clear()
    _programs.image(*kernel(), HOPPER)
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: b"", lambda text: text + b"x"])
def test_a_damaged_file_is_made_again(compilations, folder, damage):
    _programs.image(*kernel(), HOPPER)
    for file in folder.iterdir():
        file.write_bytes(damage(file.read_bytes()))
    again = _programs.image(*kernel(), HOPPER)
    assert again.code.startswith(b"\x7fELF")
    assert again == _programs.image(*kernel(), HOPPER)
    assert len(compilations) == 2


def test_a_folder_that_cannot_be_written_is_no_error(compilations, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setattr(_kept, "folder", lambda: blocked / "kernels")
    monkeypatch.setattr(_programs, "folder", lambda: blocked / "kernels")
    for _ in range(2):
        assert _programs.image(*kernel(), HOPPER).code.startswith(b"\x7fELF")
    assert len(compilations) == 2


def test_nothing_half_written_is_left(folder):
    _programs.image(*kernel(), HOPPER)
    assert sorted(file.suffix for file in folder.iterdir()) == [".cubin", ".ptx"]


def test_what_has_no_lasting_description_is_compiled_every_time(compilations, folder, monkeypatch):
    def nothing(*arguments, **options):
        raise TypeError("no description")

    monkeypatch.setattr(_programs, "reached_hash", nothing)
    for _ in range(2):
        assert _programs.image(*kernel(), HOPPER).code.startswith(b"\x7fELF")
    assert len(compilations) == 2
    assert not list(folder.iterdir())


def test_without_the_linker_the_driver_gets_ptx(monkeypatch):
    monkeypatch.setattr(_programs, "has_linker", lambda: False)
    image = _programs.image(*kernel(), HOPPER)
    assert image.code.endswith(b"\0")
    assert f".entry {image.name}(".encode() in image.code


def test_warming_compiles_what_is_not_kept(monkeypatch):
    monkeypatch.undo()  # the processes have folders of their own
    need("numba_cuda")
    module = "groundspeed.operations.distances.haversine_distance.kernels"
    warm.warm([module], HOPPER, processes=2)
    assert all(_programs.is_kept(*one.launched(), HOPPER) for one in warm.kernels([module]))
    assert warm.warm([module], HOPPER) == []


def test_warming_tells_what_does_not_compile(tmp_path, monkeypatch):
    text = """
        import numpy as np
        from groundspeed.engines.kernels import Kernel

        def broken(x):
            x[0] = no_such_name

        KERNELS = (Kernel("broken", broken, (np.empty(1),), 0, elementwise=False),)
    """
    (tmp_path / "broken_kernels.py").write_text(textwrap.dedent(text))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeError, match=r"(?s)compiling kernels ahead failed.*no_such_name"):
        warm.warm(["broken_kernels"], HOPPER)


def test_the_folder_is_the_users_unless_another_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDSPEED_CACHE", str(tmp_path))
        assert _kept.folder() == tmp_path / "kernels"
        assert _kept.folder("emulator") == tmp_path / "emulator"
        patch.delenv("GROUNDSPEED_CACHE")
        assert _kept.folder() == Path(platformdirs.user_cache_dir("groundspeed")) / "kernels"
