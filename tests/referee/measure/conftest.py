"""The smoke profile for every test of the suite, and a catalog of one toy operation."""

import json
import os

import pytest
import toys

os.environ["GROUNDSPEED_PROFILE"] = "smoke"


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """The only operation is `doubling`; import times are given, for a new interpreter does not know it."""
    imports = {"groundspeed.operations.arithmetic.doubling": 0.125, "numpy": 0.25}
    monkeypatch.setenv("GROUNDSPEED_IMPORTS", json.dumps(imports))
    with toys.installed(tmp_path / "cache") as name:
        yield name
