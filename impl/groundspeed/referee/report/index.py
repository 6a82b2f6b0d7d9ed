"""The index page over the reports of all machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from groundspeed.referee.report.page import environment


def entries(out: Path) -> list[dict[str, Any]]:
    """What the index says of every folder with a `records.json`, by name."""
    found = []
    for path in sorted(out.glob("*/records.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        records = content["records"]
        found.append(
            {
                **{name: content[name] for name in ("machine", "measured_at", "headlines")},
                "folder": path.parent.name,
                "operations": len({record["operation"] for record in records}),
                "cases": len({(record["operation"], record["case"]) for record in records}),
                "records": len(records),
            }
        )
    return found


def write(out: Path) -> Path:
    """Write `<out>/index.html` over all machines' folders and return its path."""
    page = environment().get_template("index.html").render(entries=entries(out))
    path = out / "index.html"
    path.write_text(page, encoding="utf-8")
    return path
