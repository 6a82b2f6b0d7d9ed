"""What all tests share: Hypothesis without deadlines, because a first example may compile a loop.

The same examples each time, so that a change fails for what it changed; `nox -s explore` draws new ones.
"""

from budget import Budget
from hypothesis import settings

from groundspeed import operations

settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("groundspeed", deadline=None, derandomize=True)
settings.load_profile("groundspeed")


def pytest_configure(config):
    config.pluginmanager.register(Budget(operations.names()), "budget")
