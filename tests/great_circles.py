"""Pairs of points that are hard for a great-circle distance, and the distance in 80-bit arithmetic."""

import numpy as np

from groundspeed.operations.distances.haversine_distance import EARTH_RADIUS


def reference(lon1, lat1, lon2, lat2):
    """80-bit arithmetic, in degrees as long as it is exact."""
    long = np.longdouble
    lon1, lat1, lon2, lat2 = (
        np.asarray(values, np.float64).astype(long) for values in (lon1, lat1, lon2, lat2)
    )
    radian = np.arctan2(long(0), long(-1)) / 180
    turns = np.rint((lon2 - lon1) / 360)
    lon = np.abs(lon2 - lon1 - 360 * turns) / 2

    def sine(degrees):
        return np.sin(degrees * radian)

    cosines = sine(90 - np.abs(lat1)) * sine(90 - np.abs(lat2))
    h = sine((lat2 - lat1) / 2) ** 2 + cosines * sine(lon) ** 2
    g = sine((lat2 + lat1) / 2) ** 2 + cosines * sine(90 - lon) ** 2
    return 2 * long(EARTH_RADIUS) * np.arctan2(np.sqrt(h), np.sqrt(g))


def hard_pairs(count=100_000):
    """Uniform pairs, and pairs near each other, near antipodes, near poles, near the antimeridian."""
    random = np.random.default_rng(11)
    lon1, lat1 = random.uniform(-180, 180, count), np.degrees(np.arcsin(random.uniform(-1, 1, count)))
    offset = 10.0 ** random.uniform(-13, 0, (2, count)) * random.choice([-1, 1], (2, count))
    near = lon1 + offset[0], np.clip(lat1 + offset[1], -90, 90)
    opposite = near[0] + 180, -near[1]
    uniform = random.permutation(lon1), random.permutation(lat1)
    polar = random.uniform(-180, 180, (2, count)), np.clip(90 - np.abs(offset), -90, 90)
    seam = 180 - np.abs(offset[0]), -180 + np.abs(offset[1])
    lon1 = np.concatenate([lon1, lon1, lon1, polar[0][0], seam[0]])
    lat1 = np.concatenate([lat1, lat1, lat1, polar[1][0], lat1])
    lon2 = np.concatenate([near[0], opposite[0], uniform[0], polar[0][1], seam[1]])
    lat2 = np.concatenate([near[1], opposite[1], uniform[1], polar[1][1], near[1]])
    return lon1, lat1, lon2, lat2
