"""The index over the reports of all machines: one page, and the same in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from groundspeed.referee.report import archive
from groundspeed.referee.report.bundle import Bundle, published
from groundspeed.referee.report.formatting import factor, plural, seconds
from groundspeed.referee.report.markdown import ratio, table
from groundspeed.referee.report.page import environment
from groundspeed.referee.report.statistics import geometric_mean
from groundspeed.referee.report.summary import ENGINES, IN_WORDS, TOTALS, headlines, scores
from groundspeed.referee.report.table import RANKINGS, Row, engine, ranked

README = "README.md"


@dataclass(frozen=True)
class Pair:
    """Two machines on the cases that both have, with one engine of ours.

    Attributes:
        machines: their names.
        engine: which.
        means: (lane, ranking, cases, mean on the first, mean on the second), where both have a case.
        cases: (row of the first, row of the second) of every case in lane `run` as installed.
    """

    machines: tuple[str, str]
    engine: str
    means: tuple[tuple[str, str, int, float, float], ...]
    cases: tuple[tuple[Row, Row], ...]

    @property
    def faster(self) -> float | None:
        """Geometric mean over cases of the first machine's time / the second's, of this engine."""
        return geometric_mean([(a.seconds or 1.0) / (b.seconds or 1.0) for a, b in self.cases])


def bundles(out: Path) -> list[tuple[Path, Bundle]]:
    """(file of records, machine) of every folder that has them, by name."""
    found = (archive.find(folder) for folder in sorted(out.glob("*/")))
    return [(path, published(path)) for path in found if path]


def pairs(machines: Iterable[Bundle]) -> Iterator[Pair]:
    """Every two machines that have a case in common, engine by engine."""
    for first, second in combinations(machines, 2):
        for name in ENGINES:
            both = _common(first.rows, second.rows, name, "run", RANKINGS[0])
            if both:
                means = (
                    (lane, ranking, *_means(_common(first.rows, second.rows, name, lane, ranking)))
                    for lane in TOTALS
                    for ranking in RANKINGS
                )
                names = first.machine, second.machine
                yield Pair(names, name, tuple(one for one in means if one[2]), tuple(both))


def write(out: Path) -> Path:
    """Write `<out>/index.html` and `<out>/README.md` over all machines' folders; return the page."""
    found = bundles(out)
    common = list(pairs(bundle for _, bundle in found))
    text = (
        environment()
        .get_template("index.html")
        .render(entries=[_entry(*one) for one in found], pairs=common, in_words=IN_WORDS)
    )
    path = out / "index.html"
    path.write_text(text, encoding="utf-8")
    (out / README).write_text("\n".join(_markdown(found, common)) + "\n", encoding="utf-8")
    return path


def _entry(path: Path, bundle: Bundle) -> dict[str, object]:
    return {
        "machine": bundle.machine,
        "measured_at": bundle.measured_at,
        "rules": bundle.rules,
        "headlines": headlines(scores(bundle.rows, bundle.declared)),
        "folder": path.parent.name,
        "file": path.name,
        "operations": len({record.operation for record in bundle.records}),
        "cases": len({record.key[:2] for record in bundle.records}),
        "records": len(bundle.records),
    }


def _common(first: list[Row], second: list[Row], name: str, lane: str, ranking: str) -> list[tuple[Row, Row]]:
    own, other = (
        {
            row.record.key[:2]: row
            for row in ranked(rows, lane, ranking)
            if engine(row.record) == name and row.counts
        }
        for rows in (first, second)
    )
    return [(own[case], other[case]) for case in own if case in other]


def _means(both: list[tuple[Row, Row]]) -> tuple[int, float, float]:
    one, other = (geometric_mean([rows[side].speedup or 1.0 for rows in both]) or 1.0 for side in (0, 1))
    return len(both), one, other


def _markdown(found: list[tuple[Path, Bundle]], common: list[Pair]) -> Iterator[str]:
    yield f"""# Reports

One folder per machine; times of different machines are never mixed. A folder holds the report as Markdown
and every raw sample ({archive.NAME}). Its page (index.html, sortable, works offline) and its table
(speedups.csv) are made from these by one command:

```
groundspeed bench report --records reports --out build/reports
```"""
    for path, bundle in found:
        yield f"\n## [{bundle.machine}]({path.parent.name}/report.md)\n"
        told = bundle.rules, *headlines(scores(bundle.rows, bundle.declared))
        yield from (f"{text}\n" for text in told if text)
    if common:
        yield "\n## Machines compared on the cases that both have"
    for pair in common:
        yield from _pair(pair)


def _pair(pair: Pair) -> Iterator[str]:
    first, second = pair.machines
    cases = plural(len(pair.cases), "case")
    yield f"\n### {first} and {second}, {pair.engine}: {cases} in common\n"
    yield f"On {first} it takes {factor(pair.faster)} as long as on {second} (geometric mean, lane run).\n"
    head = ["speed-up", "against the fastest", "cases", first, second]
    yield from table(
        head,
        (
            [IN_WORDS[lane], ranking, str(number), factor(one), factor(other)]
            for lane, ranking, number, one, other in pair.means
        ),
    )
    yield ""
    head = ["case", *(f"{what}, {machine}" for what in ("time", "speed-up") for machine in pair.machines)]
    yield from table(head, map(_case, pair.cases))


def _case(rows: tuple[Row, Row]) -> list[str]:
    record = rows[0].record
    return [
        f"`{record.operation}` / `{record.case}`",
        *(seconds(row.seconds) for row in rows),
        *map(ratio, rows),
    ]
