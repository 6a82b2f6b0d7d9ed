"""What all tests share: Hypothesis without deadlines, because a first example may compile a loop.

The same examples each time, so that a change fails for what it changed; `nox -s explore` draws new ones.
`--engine cuda` runs tests that name no engine on that one.
"""

import pytest
from budget import Budget
from hypothesis import settings

from groundspeed import operations

collect_ignore = ["toys"]  # operations that tests put into a package of their own

settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("groundspeed", deadline=None, derandomize=True)
settings.load_profile("groundspeed")


def pytest_addoption(parser):
    parser.addoption(
        "--engine", help="engine of every call that names none, e.g. cuda on a machine with a GPU"
    )


def pytest_configure(config):
    config.pluginmanager.register(Budget(operations.names()), "budget")


@pytest.fixture(autouse=True, scope="session")
def engine_of_the_run(request):
    chosen = request.config.getoption("--engine")
    if not chosen:
        yield
        return
    from groundspeed.engines import use

    with use(engine=chosen):
        yield
