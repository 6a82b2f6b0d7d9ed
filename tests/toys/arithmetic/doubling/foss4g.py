"""One implementation for every way a measurement can end."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from groundspeed.referee.cost import Cost
from groundspeed.referee.model import implementation


@implementation("numpy", style="vectorised", cores="one")
def product(values):
    """The oracle."""
    return values * 2


@implementation("numpy", style="vectorised", cores="one", name="numpy sum")
def total(values):
    """The second oracle."""
    return values + values


@implementation(
    "python",
    style="naive",
    cores="one",
    requires=(),
    limit=40,
    cost=Cost("values", lambda inputs: float(len(inputs["values"]))),
    prepare=lambda inputs: {"a": list(inputs["values"])},
)
def loop(a):
    """A loop, too slow for every case."""
    time.sleep(1e-3 * len(a))
    return np.array([2 * value for value in a])


@implementation("numpy", style="vectorised", cores="one")
def widening(values):
    """Computes in float64 whatever it is given."""
    return values.astype(np.float64) * 2


KEPT = []


@implementation("numpy", style="vectorised", cores="one")
def first_again(values):
    """Computes once and returns that again and again."""
    if not KEPT:
        KEPT.append(values * 2)
    return KEPT[0]


@implementation("numpy", style="vectorised", cores="one")
def wrong(values):
    """Off by one."""
    return values * 2 + 1


@implementation("numpy", style="vectorised", cores="one")
def misshapen(values):
    """Not comparable."""
    return values[:3].reshape(3, 1)


@implementation("numpy", style="vectorised", cores="one")
def raising(values):
    """Raises."""
    raise RuntimeError("the library gave up")


@implementation("numpy", style="vectorised", cores="one")
def hungry(values):
    """Needs too much memory."""
    raise MemoryError("no room for 1 EiB")


@implementation("numpy", style="vectorised", cores="one")
def endless(values):
    """Takes a minute."""
    time.sleep(60)
    return values * 2


@implementation("numpy", style="vectorised", cores="one")
def killed(values):
    """Dies as if the system had run out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@implementation("no-such-library", style="vectorised", cores="one")
def absent(values):
    """Cannot run here."""
    return values * 2
