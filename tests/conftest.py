"""What all tests share: Hypothesis without deadlines, because a first example may compile a loop."""

from hypothesis import settings

settings.register_profile("groundspeed", deadline=None)
settings.load_profile("groundspeed")
