"""Close open rings, as cuSpatial does unasked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from groundspeed.geometry import GeometryColumn
from groundspeed.geometry.arrays import namespace


def closed(polygons: GeometryColumn) -> GeometryColumn:
    """The column with the first vertex of a ring repeated at its end where it is not there.

    Examples:
        >>> from groundspeed.geometry import GeometryColumn
        >>> triangle = GeometryColumn.from_ragged("polygon", [0, 1, 1], [0, 0, 1], ([0, 1], [0, 3]))
        >>> closed(triangle).x
        array([0., 1., 1., 0.])
    """
    xp = namespace(polygons.x)
    x, y, offsets = polygons.x, polygons.y, polygons.offsets[-1]
    filled = offsets[1:] > offsets[:-1]
    first, last = xp.where(filled, offsets[:-1], 0), xp.where(filled, offsets[1:] - 1, 0)
    open_rings = (x[first] != x[last]) | (y[first] != y[last]) if len(x) else filled
    if not bool(open_rings.any()):
        return polygons
    added = xp.zeros(len(offsets), np.int64)
    xp.cumsum(open_rings, out=added[1:])
    target = offsets + added
    position = xp.arange(int(target[-1]), dtype=np.int64)
    ring = xp.searchsorted(target[1:], position, side="right")
    source = position - added[ring]
    source = xp.where(source == offsets[ring + 1], offsets[ring], source)
    return replace(polygons, x=x[source], y=y[source], offsets=(*polygons.offsets[:-1], target))
