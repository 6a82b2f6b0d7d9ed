"""`groundspeed bench report`: a folder of records becomes a folder of reports."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from groundspeed.referee.report import archive, index, markdown, page
from groundspeed.referee.report.bundle import NOTES, Bundle, load
from groundspeed.referee.report.declared import declared
from groundspeed.referee.report.excerpt import excerpt, quote
from groundspeed.referee.report.formatting import slug
from groundspeed.referee.report.pictures import draw_all
from groundspeed.referee.report.summary import headlines, scores
from groundspeed.referee.report.table import write_csv


def report(
    records: Path,
    out: Path,
    machine: str | None = None,
    readme: Path | None = None,
    figures: bool = False,
) -> Path:
    """Write the report of every machine, `<out>/<machine>/`, and a page over them, `<out>/index.html`.

    A report is index.html (self-contained, offline), report.md, speedups.csv, records.jsonl.xz and figures/;
    it includes the notes.md that lies beside the records or in the report's folder.

    Args:
        records: folder of record shards, as the benchmarks write it, or published records; may hold several
            machines.
        out: folder of reports; made when missing. Existing reports of other machines stay and are listed.
        machine: report on this one only; default: on every machine there is.
        readme: a Markdown file whose picture and table are replaced, see `excerpt`.
        figures: also draw the ladder of every case, and every figure as PNG: for publications.

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
    complete = [_complete(bundle, Path(out)) for bundle in chosen]
    pages = [write(bundle, Path(out), figures) for bundle in complete]
    if readme is not None:
        folder = Path(os.path.relpath(out, readme.resolve().parent))
        quote(readme, excerpt(complete[0], folder.as_posix()))
    overview = index.write(Path(out))
    result = pages[0] if len(pages) == 1 else overview
    print(result)
    return result


def write(bundle: Bundle, out: Path, figures: bool = False) -> Path:
    """Write the report of one machine and return its page."""
    folder = out / slug(bundle.machine)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw_all(bundle, folder / "figures", figures)
    write_csv(bundle.rows, folder / "speedups.csv")
    archive.write(folder / archive.NAME, _header(bundle), bundle.records)
    (folder / archive.FORMER).unlink(missing_ok=True)
    (folder / "report.md").write_text(markdown.render(bundle, pictures), encoding="utf-8")
    if bundle.remarks:
        (folder / NOTES).write_text(bundle.remarks, encoding="utf-8")
    result = folder / "index.html"
    result.write_text(page.render(bundle, pictures), encoding="utf-8")
    return result


def _complete(bundle: Bundle, out: Path) -> Bundle:
    """With the cases that are declared today and the notes of an earlier report, where it has none of its
    own; with times as they are published, so that a report made from published records is the same."""
    notes = out / slug(bundle.machine) / NOTES
    return replace(
        bundle,
        records=[archive.rounded(record) for record in bundle.records],
        declared=bundle.declared or tuple(declared()),
        remarks=bundle.remarks or (notes.read_text(encoding="utf-8") if notes.is_file() else ""),
    )


def _header(bundle: Bundle) -> dict[str, Any]:
    return {
        "machine": bundle.machine,
        "measured_at": bundle.measured_at,
        "headlines": headlines(scores(bundle.rows, bundle.declared)),
        "noise": bundle.noise,
        "declared": [asdict(case) for case in bundle.declared],
    }
