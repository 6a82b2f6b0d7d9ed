"""Data to run operations on: seeded generators, and real data fetched once, checked and cached.

>>> from groundspeed.datasets import load
>>> len(load("uniform_points(n=1_000, seed=1)"))
1000
"""

from __future__ import annotations

from groundspeed.datasets.errors import DatasetError
from groundspeed.datasets.fetching import fetch
from groundspeed.datasets.licences import LicenceNotAccepted
from groundspeed.datasets.sources import load, reseeded

__all__ = ["DatasetError", "LicenceNotAccepted", "fetch", "load", "reseeded"]
