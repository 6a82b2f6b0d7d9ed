"""What a README quotes from a report: picture and five rows, made from the records and never by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.formatting import ESTIMATE, bracket, factor, plural, seconds, slug
from groundspeed.referee.report.ladder import ladder
from groundspeed.referee.report.markdown import table
from groundspeed.referee.report.pictures import LADDER
from groundspeed.referee.report.statistics import LEAST
from groundspeed.referee.report.summary import ENGINES, TOTALS, score
from groundspeed.referee.report.table import Row, engine, ranked

BEGIN = "<!-- results: begin, by groundspeed bench report --readme -->"
END = "<!-- results: end -->"
QUARTILES = ("smallest", "lower quartile", "median", "upper quartile", "largest")
HEAD = ("case", "naive loop", "fastest as installed", "Groundspeed", "speed-up", "over the fastest tuned one")
NOTE = (
    f"In brackets 95 % intervals, printed from {LEAST} processes on each side; in parentheses the processes "
    f"behind the baseline and behind Groundspeed; {ESTIMATE} marks what is extrapolated."
)
WORDS = {"run": "prepared data", "host_to_host": "arrays in and out", "cold": "first call of a process"}


def excerpt(bundle: Bundle, folder: str) -> str:
    """Markdown: the ladder of all operations, and five cases that nobody chose.

    The cases are those with the smallest, the quartile and the largest speed-up over the fastest FOSS4G
    implementation as installed, in lane `run`, of the best engine that was measured: a loss is among them
    whenever there is one.

    Args:
        bundle: one machine.
        folder: of the reports, as seen from the document.
    """
    return "\n".join(_lines(bundle, f"{folder}/{slug(bundle.machine)}")) + "\n"


def _lines(bundle: Bundle, folder: str) -> Iterator[str]:
    name = _engine(bundle.rows)
    own = [row for row in ranked(bundle.rows, "run") if engine(row.record) == name and row.counts]
    yield f'<a href="{folder}/report.md"><picture>'
    yield f'<source media="(prefers-color-scheme: dark)" srcset="{folder}/figures/{LADDER}-dark.svg">'
    yield f'<img alt="{_spoken(bundle)}" src="{folder}/figures/{LADDER}.svg">'
    yield "</picture></a>\n"
    yield f"{_machine(bundle)}\n"
    yield f"Of {plural(len(own), 'case')} the smallest, the quartiles and the largest speed-up of {name}:\n"
    yield from table(HEAD, (_cells(label, row, bundle.rows) for label, row in quartiles(own)))
    yield f"\n{NOTE} {_means(bundle, name)}"


def quartiles(rows: list[Row]) -> list[tuple[str, Row]]:
    """The rows at the quartiles of the speed-up, each once, with what they are called."""
    ordered = sorted(rows, key=lambda row: (row.speedup or 0.0, row.record.key))
    places = {round(share * (len(ordered) - 1) / 4): label for share, label in enumerate(QUARTILES)}
    return [(label, ordered[place]) for place, label in places.items() if ordered]


def quote(document: Path, text: str) -> None:
    """Replace what stands between the lines BEGIN and END of a document.

    Raises:
        ValueError: the document does not have each of these lines once, in this order.
    """
    content = document.read_text(encoding="utf-8")
    old, new = (f"{BEGIN}\n{inside}{END}\n" for inside in (quoted(content), text))
    document.write_text(content.replace(old, new), encoding="utf-8")


def quoted(content: str) -> str:
    """What stands between the lines BEGIN and END.

    Examples:
        >>> quoted(f"# Title\\n{BEGIN}\\n| a |\\n{END}\\n")
        '| a |\\n'

    Raises:
        ValueError: see `quote`.
    """
    before, begin, rest = content.partition(f"{BEGIN}\n")
    inside, end, after = rest.partition(f"{END}\n")
    if not begin or not end or BEGIN in rest or END in before + after:
        raise ValueError(f"the document must have the lines {BEGIN!r} and {END!r}, once each, in this order")
    return inside


def _engine(rows: list[Row]) -> str:
    """The last of ENGINES that was measured; the first where none was."""
    measured = {engine(row.record) for row in rows if row.counts}
    return next((name for name in reversed(ENGINES) if name in measured), ENGINES[0])


def _spoken(bundle: Bundle) -> str:
    operations = sorted({record.operation for record in bundle.records})
    return f"How many times as fast as the naive loop each rung is, for {', '.join(operations)}"


def _machine(bundle: Bundle) -> str:
    environment = bundle.environment
    gpu = "measured" if _engine(bundle.rows) != ENGINES[0] else "not measured"
    cpu, cores = (environment.get(name, "unknown") for name in ("cpu", "cores"))
    told = f"Measured on {cpu}, {cores} cores ({bundle.measured_at}). **GPU: {gpu}.**"
    return f"{told} {bundle.rules}".rstrip()


def _cells(label: str, row: Row, everything: list[Row]) -> list[str]:
    case = [one for one in everything if one.record.key[:2] == row.record.key[:2]]
    tuned = next((one for one in ranked(case, "run", "tuned") if one.record is row.record), None)
    naive = ladder(case).rungs[0]
    dtype = "" if row.record.dtype == "float64" else f", {row.record.dtype}"
    return [
        f"{label}: `{row.record.operation}`, {row.record.title or row.record.case}{dtype}",
        naive.row.time if naive.row else naive.empty.partition(":")[0],
        _baseline(row),
        seconds(row.seconds),
        _speedup(row),
        f"{_speedup(tuned)} over {_baseline(tuned)}" if tuned and tuned.baseline else "–",
    ]


def _baseline(row: Row) -> str:
    base = row.baseline
    return f"{base.implementation}, {seconds(base.seconds('run'))}" if base else "none agrees"


def _speedup(row: Row) -> str:
    if row.speedup is None or row.baseline is None:
        return row.withheld
    slower = " (slower)" if row.speedup < 1 else ""
    return " ".join(
        filter(None, [f"**{factor(row.speedup)}**{slower}", bracket(row.speedup_interval), f"({row.behind})"])
    )


def _means(bundle: Bundle, name: str) -> str:
    """The three totals in one line, gaps penalised."""
    own = [score(bundle.rows, name, lane, declared=bundle.declared) for lane in TOTALS]
    told = (
        f"{WORDS[one.lane]} {factor(one.mean)} ({len(one.ratios)} of {plural(one.cases, 'case')}, slower in "
        f"{one.slower or 'none'}; {factor(one.penalised)} with the gaps)"
        for one in own
    )
    return f"Geometric means over the fastest as installed: {'; '.join(told)}."
