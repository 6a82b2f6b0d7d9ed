"""Footprints of buildings, in towns in countries, and the addresses beside them: data that crowd."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from groundspeed.datasets.generators.cities import pareto
from groundspeed.datasets.generators.layout import collect
from groundspeed.datasets.generators.stars import unit_stars
from groundspeed.datasets.generators.stream import between, blocks, stream, whole
from groundspeed.geometry import GeometryColumn, GeometryType

COUNTRIES, PER_TOWN, SKEW = 20, 400, 1.2
"""Number of countries, buildings of an average town, and how unequal towns are (Pareto)."""
SPREAD, PLOT = 0.02, 3e-6
"""Standard deviation of the towns of a country and side of a plot, as shares of the side of the square."""
ANNEX, LARGE, TYPO = 0.4, 0.03, 5e-5
"""Shares of buildings with six corners, of those that reach into their neighbours' plots, and of those with a
digit too many in one coordinate."""
PER_GIANT, GIANT_VERTICES = 50_000, 401
"""One outline of a country for so many buildings, and its vertices."""


@dataclass(frozen=True)
class Towns:
    """Where the plots lie.

    Attributes:
        begins: (towns + 1,) first building of each town.
        centres, streets: (towns, 2) places in the unit square, and unit vectors along the streets.
        countries: (COUNTRIES, 2) centres.
    """

    begins: np.ndarray
    centres: np.ndarray
    streets: np.ndarray
    countries: np.ndarray

    @classmethod
    def of(cls, n: int, seed: int) -> Towns:
        """For `n` buildings."""
        rng = stream("footprints", seed)
        count = max(1, n // PER_TOWN)
        countries = 0.1 + 0.8 * rng.random((COUNTRIES, 2))
        centres = countries[rng.integers(0, COUNTRIES, count)] + SPREAD * rng.standard_normal((count, 2))
        streets = rng.random((count, 2)) + np.array([1e-3, 0.0])
        streets /= np.sqrt(streets[:, :1] ** 2 + streets[:, 1:] ** 2)
        weight = np.cumsum(pareto(rng, (count,), SKEW))
        begins = np.concatenate([[0], np.floor(weight / weight[-1] * n)]).astype(np.int64)
        begins[-1] = n
        return cls(begins, centres, streets, countries)

    def plots(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(rows, 2) centres of the plots of buildings, in the unit square, and the way of their streets."""
        town = np.searchsorted(self.begins, rows, side="right") - 1
        size = self.begins[town + 1] - self.begins[town]
        side = np.ceil(np.sqrt(size)).astype(np.int64)
        place = rows - self.begins[town]
        across, along = (place % side - (side - 1) / 2) * PLOT, (place // side - (side - 1) / 2) * PLOT
        street = self.streets[town]
        return self.centres[town] + turned(np.stack([across, along], axis=-1), street), street


def turned(places: np.ndarray, street: np.ndarray) -> np.ndarray:
    """(..., 2) places turned so that their first axis runs along the street."""
    x, y = places[..., 0], places[..., 1]
    east, north = street[..., 0], street[..., 1]
    return np.stack([x * east - y * north, x * north + y * east], axis=-1)


def footprints(n: int, seed: int = 0, extent: float = 100.0) -> GeometryColumn:
    """Buildings in towns in countries: most of the square is empty, and where it is not they crowd.

    A town is a lattice of plots that runs along its streets, with one rectangular or L-shaped building in
    each; towns are of very unequal size and lie around the centres of a few countries. Three in a hundred
    buildings reach over their neighbours', one in 20,000 lies far outside because of a slip of the keyboard,
    and the last rows are outlines of countries, which hold thousands of buildings.

    Args:
        n: number of polygons; 0 gives an empty column. One of 50,000 is an outline of a country.
        seed: not negative.
        extent: side of the square that the countries lie in, in any unit; a plot is 3e-6 of it (30 m where
            it stands for 90 degrees).

    Returns:
        POLYGON column of `n` rows, float64, no CRS, counter-clockwise, town by town; all valid.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> from groundspeed.datasets.generators import footprints
        >>> buildings = footprints(n=100_000, seed=1)
        >>> len(buildings), bool(max(buildings.x.max(), buildings.y.max()) > 500)
        (100000, True)
    """
    n, seed = whole("n", n), whole("seed", seed)
    between("extent", extent, 1e-300, np.inf)
    giants = n // PER_GIANT
    towns = Towns.of(n - giants, seed)
    corners: list[np.ndarray] = [np.empty((0, 2))]
    lengths: list[np.ndarray] = [np.empty(0, np.int64)]
    for number, rows in blocks(n - giants, 7):
        rings, kept = _buildings(stream("footprints", seed, 1, number), towns, rows)
        corners.append(rings[kept] * extent)
        lengths.append(np.count_nonzero(kept, axis=1))
    corners.append(_outlines(stream("footprints", seed, 2), towns, giants).reshape(-1, 2) * extent)
    lengths.append(np.full(giants, GIANT_VERTICES))
    x, y = np.concatenate(corners).T
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    rings = np.arange(n + 1, dtype=np.int64)
    return GeometryColumn(GeometryType.POLYGON, x.copy(), y.copy(), (rings, offsets))


def _buildings(rng: np.random.Generator, towns: Towns, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 7, 2) closed rings in the unit square, and which of the vertices each building has."""
    count = rows.stop - rows.start
    plots, street = towns.plots(np.arange(rows.start, rows.stop))
    size = PLOT * (0.3 + 0.5 * rng.random((count, 2)))
    size[rng.random(count) < LARGE] *= 2.5
    cut = 0.3 + 0.4 * rng.random((count, 2))
    shift = PLOT * 0.1 * (rng.random((count, 2)) - 0.5)
    zero, one = np.zeros(count), np.ones(count)
    # A rectangle whose upper right corner is cut out.
    across = np.stack([zero, one, one, cut[:, 0], cut[:, 0], zero, zero], axis=1)
    along = np.stack([zero, zero, cut[:, 1], cut[:, 1], one, one, zero], axis=1)
    plain = rng.random(count) >= ANNEX
    along[plain, 2] = 1.0
    kept = np.ones((count, 7), bool)
    kept[plain, 3:5] = False
    places = (np.stack([across, along], axis=-1) - 0.5) * size[:, None]
    rings = plots[:, None] + turned(places + shift[:, None], street[:, None])
    slips = np.flatnonzero(rng.random(count) < TYPO)
    rings[slips, :, rng.integers(0, 2, len(slips))] += 9.0
    return rings, kept


def _outlines(rng: np.random.Generator, towns: Towns, count: int) -> np.ndarray:
    """(count, GIANT_VERTICES, 2) outlines of countries, one after the other and again from the first."""
    stars = unit_stars(rng, count, GIANT_VERTICES)
    return towns.countries[np.arange(count) % COUNTRIES][:, None] + 2.5 * SPREAD * stars


def addresses(n: int, buildings: int, seed: int = 0, extent: float = 100.0) -> GeometryColumn:
    """Points beside and in the buildings of `footprints` of the same seed and extent.

    Every point picks a building, all being alike, and lies around the middle of its plot with a Gaussian of
    standard deviation a third of the plot's side: two in five are in a building.

    Args:
        n: number of points; 0 gives an empty column.
        buildings: number of the polygons, the `n` of `footprints`; at least 1.
        seed: not negative; that of `footprints`.
        extent: side of the square, in any unit.

    Returns:
        POINT column of `n` rows, float64, no CRS. The first k points do not depend on `n`.

    Raises:
        TypeError, ValueError: an argument is not a number of the range stated.

    Examples:
        >>> import groundspeed as gs
        >>> from groundspeed.datasets.generators import addresses, footprints
        >>> doors, houses = addresses(n=1_000, buildings=10_000), footprints(n=10_000)
        >>> 300 < len(gs.point_in_polygon(doors, houses)[0]) < 500
        True
    """
    between("extent", extent, 1e-300, np.inf)
    buildings = whole("buildings", buildings, least=1)
    buildings -= buildings // PER_GIANT
    towns = Towns.of(buildings, whole("seed", seed))

    def block(number: int, rows: int) -> np.ndarray:
        chosen = (stream("addresses", seed, 0, number).random(rows) * buildings).astype(np.int64)
        offset = stream("addresses", seed, 1, number).standard_normal((rows, 2)) * (PLOT / 3)
        return (towns.plots(chosen)[0] + offset) * extent

    return collect(n, seed, block)
