"""How many records a test takes: thousands usually, millions where `nox -s explore` looks further."""

import os


def records(usual: int, exploring: int) -> int:
    """The larger number where GROUNDSPEED_EXPLORE=1."""
    return exploring if os.environ.get("GROUNDSPEED_EXPLORE") == "1" else usual
