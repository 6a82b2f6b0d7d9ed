"""What all tests share: Hypothesis without deadlines, because a first example may compile a loop.

The same examples each time, so that a change fails for what it changed; `nox -s explore` draws new ones.
"""

from hypothesis import settings

settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("groundspeed", deadline=None, derandomize=True)
settings.load_profile("groundspeed")
