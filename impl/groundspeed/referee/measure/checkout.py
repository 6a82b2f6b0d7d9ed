"""The source checkout that is measured: asv files results under its commits, records name them."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "GROUNDSPEED_CHECKOUT"
"""Environment variable by which asv's processes, which run elsewhere, know it."""


def find() -> Path | None:
    """GROUNDSPEED_CHECKOUT, or the nearest folder, from here upwards, that holds asv.conf.json."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / "asv.conf.json").is_file()), None)


def require() -> Path:
    """The same.

    Raises:
        RuntimeError: this is not inside a checkout.
    """
    found = find()
    if found is None:
        raise RuntimeError(
            f"no benchmark suite in {Path.cwd()} or above; run this inside a checkout of the repository"
        )
    return found
