"""How far a distance may be off: what the problem and the haversine form explain, and no more.

Rounding errors are counted in units of roundoff, u = 2^-24 in float32 and 2^-53 in float64, as a worst case
for the usual formula, with elementary functions good to one unit in the last place (2 u):

* **Coordinates.** A result is as good as can be asked if it is exact for coordinates changed by one unit in
  the last place (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, section 1.5,
  mixed forward-backward error). Turning degrees into radians alone does that. With longitudes within 180
  degrees each point moves by at most 2 u pi R, and by the triangle inequality their distance changes by at
  most 4 pi u R: 4.8 m in float32.
* **h = sin^2(d / 2R).** Squares and products of four functions, a sum and a root are 14 roundings of h.
  2 R asin(sqrt(h)) is ill conditioned in h near antipodes: the error grows like 14 u R tan(d / 2R), up to
  12 km in float32. That is a fault of the form, not of the problem: atan2(sqrt(h), sqrt(1 - h)) has none of
  it, and ours promises 1e-6. But the operation bears the form's name, and the form is what others compute.
* **The end.** asin, the diameter and the product are 4 roundings of the distance.

In float64, relative and absolute tolerances of 1e-9 are wider than all this, except within 6 m of the
antipodes, where the oracle, which is the same form, has lost as much itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from groundspeed.referee.comparison import CloseValues

ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
IN_H = 14
"""Roundings of h."""
IN_DISTANCE = 4
"""Roundings after h."""
MOVED = 4 * math.pi
"""Units of roundoff by which a central angle changes when coordinates move by a unit in the last place."""


@dataclass(frozen=True)
class HaversineDistances(CloseValues):
    """Distances on a sphere: `CloseValues`, and besides what `IN_H` roundings of h do to them.

    Attributes:
        radius: of the sphere, in the unit of the distances.

    Examples:
        In float32 a distance of 1 m may be 4.8 m off, a quarter of the way round the Earth 12 m:

        >>> policy = haversine_distances(6371.0088)
        >>> policy.tolerance(np.array([0.001, 10007.5]), "float32").round(4)
        array([0.0048, 0.0125])
    """

    radius: float = 1.0

    def tolerance(self, expected: np.ndarray, dtype: str) -> np.ndarray:
        """Largest difference allowed for each expected distance."""
        half = np.minimum(np.abs(expected) / (2 * self.radius), math.pi / 2)
        h, off = np.sin(half) ** 2, IN_H * ROUNDOFF[dtype]
        below, above = (np.arcsin(np.sqrt(np.minimum(each, 1.0))) for each in (h * (1 - off), h * (1 + off)))
        explained = 2 * self.radius * np.maximum(half - below, above - half)
        return super().tolerance(expected, dtype) + explained

    def rule(self, dtype: str) -> str:
        """The tolerance in words, for the report."""
        return f"{super().rule(dtype)} + what {IN_H} roundings of h = sin^2(d/2R) in {dtype} do"


def haversine_distances(radius: float) -> HaversineDistances:
    """The policy for a sphere of `radius` km."""
    single = ROUNDOFF["float32"]
    return HaversineDistances(
        relative={"float64": 1e-9, "float32": IN_DISTANCE * single},
        absolute={"float64": 1e-9, "float32": MOVED * single * radius},
        unit="km",
        radius=radius,
    )
