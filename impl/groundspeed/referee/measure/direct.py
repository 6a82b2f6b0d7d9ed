"""Are extrapolations right? Every one beside a direct measurement of a size that takes about a minute.

`python -m groundspeed.referee.measure.direct [--seconds 60] [--only PATTERN] [--cases PATTERN]` takes every
competitor that declares a cost. Parts of a case are timed as the stopwatch does; they foretell what a larger
part takes, which is then timed. Both are CPU seconds of build and run: these competitors have one core, and
other programs on the machine disturb CPU time less than the clock on the wall.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

from groundspeed.referee import case_inputs, discovery, extrapolation
from groundspeed.referee.cost import Cost
from groundspeed.referee.measure import gpu, phases
from groundspeed.referee.model import Implementation, Inputs, Operation

SHARE = 30
"""The large part takes about so many times as long as the largest of those that foretell it."""
REPETITIONS = 3
HEADER = (
    "| operation | case | implementation | reach | foretold | interval | measured | ratio |\n"
    "|---|---|---|---|---|---|---|---|"
)


def main(arguments: list[str] | None = None) -> None:
    """Print a Markdown table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m groundspeed.referee.measure.direct", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the large part (%(default)g)")
    parser.add_argument("--only", default="", help="regular expression of implementations")
    parser.add_argument("--cases", default="", help="regular expression of cases")
    given = parser.parse_args(arguments)
    print(HEADER)
    for what, case, one in chosen(given.only, given.cases):
        found = compare(what, case_inputs.resolve(case), case.records, one, given.seconds)
        print(f"| {what.name} | {case.name} | {one.name} | {row(found)} |", flush=True)


def chosen(only: str, cases: str) -> Iterator[tuple[Operation, Any, Implementation]]:
    """Competitors of one core that declare a cost, on the cases of the full profile above their limit."""
    for what in discovery.all_operations():
        for case in discovery.cases(what.name):
            for one in discovery.competitors(what.name, case).values():
                slow = one.limit is not None and one.cores == "one" and case.records > one.limit
                wanted = re.search(only, one.name) and re.search(cases, case.name)
                if slow and wanted and not discovery.unavailable(one):
                    yield what, case, one


def row(found: dict[str, float]) -> str:
    """Reach, foretold, interval, measured and the ratio of the two, as cells."""
    low, high = found["low"], found["high"]
    return (
        f"{found['reach']:.0f} | {found['foretold']:.3g} s | {low:.3g} to {high:.3g} s | "
        f"{found['measured']:.3g} s | {found['foretold'] / found['measured']:.2f}"
    )


def compare(
    what: Operation, inputs: Inputs, records: int, one: Implementation, seconds: float
) -> dict[str, float]:
    """Foretell the CPU seconds of a large part from small ones, and measure it.

    Args:
        what: the operation.
        inputs: of a case with so many records.
        records: of the case.
        one: a competitor with a limit and a cost.
        seconds: that the large part takes, about.

    Returns:
        `reach`, `foretold`, `low`, `high`, `measured`, in seconds but the first.
    """
    assert one.limit is not None
    assert one.cost is not None
    count, cost = one.limit, one.cost
    taken = _cpu(one, what.slice(inputs, count), 2)
    while taken * SHARE < seconds and count * 2 < records:
        count = extrapolation.doubled(count, max(taken, seconds / SHARE / 16), seconds / SHARE, records)
        taken = _cpu(one, what.slice(inputs, count), 1)
    parts = [_part(one, cost, what.slice(inputs, n), n) for n in extrapolation.sizes(count)]
    large = what.slice(inputs, min(records, round(count * seconds / parts[-1]["seconds"])))
    found = extrapolation.estimate(cost.unit, cost.of(large), [parts])
    return {
        "reach": found["reach"],
        "foretold": found["seconds_per_unit"] * found["work"],
        "low": found["low"],
        "high": found["high"],
        "measured": _cpu(one, large, 1),
    }


def _part(one: Implementation, cost: Cost, inputs: Inputs, records: int) -> extrapolation.Part:
    return {"records": records, "work": cost.of(inputs), "seconds": _cpu(one, inputs, REPETITIONS)}


def _cpu(one: Implementation, inputs: Inputs, repetitions: int) -> float:
    """Median CPU seconds of build and run."""
    device = gpu.Device()
    return median(phases.repeat_once(one, inputs, device).cpu_seconds for _ in range(repetitions))


if __name__ == "__main__":
    main()
