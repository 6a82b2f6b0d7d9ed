"""A catalog of one toy operation."""

import pytest
import toys


@pytest.fixture
def toy(tmp_path):
    """The only operation is `doubling`."""
    with toys.installed(tmp_path / "cache") as name:
        yield name
