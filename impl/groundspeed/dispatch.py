"""What every operation does around its own work: choose an engine, bring arguments there, hand results back.

>>> from groundspeed.dispatch import dispatch
>>> call = dispatch("cpu", [1.0, 4.0])
>>> call.give_back(call.engine.xp.sqrt(call.bring([1.0, 4.0])))
array([1., 2.])
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from groundspeed.engines import Engine, settings
from groundspeed.engines.choice import chosen, on_device

ALWAYS_THERE = 1 << 20
"""Bytes; asking the system how much is free takes longer than to fill so little."""


@dataclass(frozen=True)
class Call:
    """One call of an operation.

    Attributes:
        engine: where it runs.
        host: whether the inputs came from the host, so that results go back there.
    """

    engine: Engine
    host: bool

    def bring(self, value: Any, dtype: Any = None) -> Any:
        """An array or a column (anything with `to_engine`) on the engine; no copy if it is there already."""
        if hasattr(value, "to_engine"):
            return value.to_engine(self.engine)
        return self.engine.asarray(value, dtype)

    def give_back(self, result: Any) -> Any:
        """An array or a tuple of arrays: as NumPy when the inputs came from the host, else as it is."""
        if isinstance(result, tuple):
            return tuple(map(self.give_back, result))
        return self.engine.to_host(result) if self.host else result

    def chunks(self, n: int, bytes_each: int, unit: str = "") -> Iterator[tuple[int, int]]:
        """Split range(n) into (start, stop) pieces whose intermediate results fit the memory budget.

        Args:
            n: number of items.
            bytes_each: bytes of intermediate results that one item takes, at least 1.
            unit: what the items are, for the bar that `groundspeed.use(progress=True)` shows; "" for no bar.

        Raises:
            MemoryError: one single item is larger than the budget.
        """
        shown = bool(unit) and settings().progress
        if not shown and settings().memory_budget is None and n * bytes_each <= ALWAYS_THERE:
            yield from [(0, n)] if n else []
            return
        budget = settings().memory_budget or self.engine.memory_available() // 2
        if n and bytes_each > budget:
            raise MemoryError(
                f"one item needs {bytes_each:,} bytes, the memory budget is {budget:,}; "
                f"raise it with groundspeed.use(memory_budget={bytes_each}) or pass smaller geometries"
            )
        step = max(1, budget // bytes_each)
        pieces = ((start, min(start + step, n)) for start in range(0, n, step))
        if not shown:
            yield from pieces
            return
        with tqdm(total=n, unit=f" {unit}") as bar:
            for start, stop in pieces:
                yield start, stop
                bar.update(stop - start)


def dispatch(engine: str | None, *inputs: Any) -> Call:
    """Choose the engine of one call; see `groundspeed.engines.choice` for the rule.

    Args:
        engine: name of an engine, or None for the rule.
        inputs: the call's arguments (arrays, series, columns); where they live takes part in the choice.

    Raises:
        EngineUnavailable: the engine cannot run on this machine.
        ValueError: unknown engine, or inputs on a GPU for an engine that cannot read them.
    """
    device = [position for position, value in enumerate(inputs, 1) if on_device(value)]
    found = chosen(engine, bool(device))
    if device and not found.cooperative:
        raise ValueError(
            f"engine {found.name!r} reads host memory, input {device[0]} lives on a GPU; "
            "leave engine out, or copy it with cupy.asnumpy / to_pandas first"
        )
    return Call(found, host=not device)
