"""Reading files of points into coordinates."""

from __future__ import annotations

from groundspeed.io import read

__all__ = ["read"]
