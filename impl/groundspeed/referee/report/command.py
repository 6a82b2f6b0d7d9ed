"""`groundspeed bench report`: a folder of records becomes a folder of reports."""

from __future__ import annotations

import json
from pathlib import Path

from groundspeed.referee.report import index, markdown, page
from groundspeed.referee.report.bundle import Bundle, load
from groundspeed.referee.report.excerpt import excerpt, quote
from groundspeed.referee.report.formatting import slug
from groundspeed.referee.report.pictures import draw_all
from groundspeed.referee.report.summary import headlines, scores
from groundspeed.referee.report.table import write_csv


def report(records: Path, out: Path, machine: str | None = None, readme: Path | None = None) -> Path:
    """Write the report of every machine, `<out>/<machine>/`, and a page over them, `<out>/index.html`.

    A report is index.html (self-contained, offline), report.md, speedups.csv, records.json and figures/.

    Args:
        records: folder of record shards, as the benchmarks write it; may hold several machines.
        out: folder of reports; made when missing. Existing reports of other machines stay and are listed.
        machine: report on this one only; default: on every machine there is.
        readme: a Markdown file whose table of results is replaced, see `groundspeed.referee.report.excerpt`.

    Returns:
        The page of the machine, or the index page when there are several; its path is printed last.

    Raises:
        FileNotFoundError: no records below the folder.
        ValueError: no records of that machine; a readme that has no place for a table, or several machines.
    """
    bundles = load(Path(records))
    if machine is not None and machine not in bundles:
        raise ValueError(
            f"machine {machine!r} has no records below {records}; there are: {', '.join(bundles)}"
        )
    chosen = [bundles[machine]] if machine is not None else list(bundles.values())
    if readme is not None and len(chosen) > 1:
        raise ValueError(
            f"readme: {readme} quotes one machine; choose one of {', '.join(bundles)} by machine"
        )
    pages = [write(bundle, Path(out)) for bundle in chosen]
    if readme is not None:
        quote(readme, excerpt(chosen[0]))
    overview = index.write(Path(out))
    result = pages[0] if len(pages) == 1 else overview
    print(result)
    return result


def write(bundle: Bundle, out: Path) -> Path:
    """Write the report of one machine and return its page."""
    folder = out / slug(bundle.machine)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw_all(bundle, folder / "figures")
    write_csv(bundle.rows, folder / "speedups.csv")
    (folder / "records.json").write_text(_records(bundle), encoding="utf-8")
    (folder / "report.md").write_text(markdown.render(bundle, pictures), encoding="utf-8")
    result = folder / "index.html"
    result.write_text(page.render(bundle, pictures), encoding="utf-8")
    return result


def _records(bundle: Bundle) -> str:
    content = {
        "machine": bundle.machine,
        "measured_at": bundle.measured_at,
        "headlines": headlines(scores(bundle.rows)),
        "noise": bundle.noise,
        "records": [record.as_dict() for record in bundle.records],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"
