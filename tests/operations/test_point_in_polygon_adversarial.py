"""point_in_polygon against GEOS where it hurts: points on vertices, edges and cell centres, a bit beside
them.

`GROUNDSPEED_ADVERSARIAL_PAIRS` sets how many pairs of a point and a polygon are tried; every pair counts
once for `within` and once for `intersects`. Where the two disagree, rational arithmetic is the referee.
Unasked the emulator, which takes twenty times as long, tries fewer pairs of as many samples.
"""

import itertools
import os
from fractions import Fraction

import numpy as np
import pytest
import shapely
from requirements import need
from sizes import records

import groundspeed as gs
from groundspeed.engines import get
from groundspeed.operations.joins.point_in_polygon import boxes, frames, small
from groundspeed.operations.joins.point_in_polygon.asked import Asked
from groundspeed.operations.joins.point_in_polygon.index import build

ASKED = os.environ.get("GROUNDSPEED_ADVERSARIAL_PAIRS")
# engine: pairs, and points of a sample
EFFORT = {"cpu": (1_000_000, 4_000), "emulator": (records(100_000, exploring=1_000_000), 400)}


def stars(rng):
    """Stars of 3 to 300 vertices that overlap."""
    return [star(rng, rng.uniform(0, 10, 2), rng.uniform(0.1, 5), rng.integers(3, 300)) for _ in range(12)]


def star(rng, centre, size, vertices):
    turn = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    radius = size * rng.uniform(0.3, 1, vertices)
    return shapely.Polygon(centre + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]))


def lattice(rng):
    """Vertices on the centres of the cells: bounds of 64 x 64 make a grid of 64 x 64."""
    corners = np.floor(rng.uniform(0, 64, (12, 5, 2))) + 0.5
    return [shapely.box(0, 0, 64, 64), *shapely.make_valid(shapely.polygons(corners), method="structure")]


def slivers(rng):
    """Triangles whose corners are nearly on one line."""
    a, b = rng.uniform(0, 1, (2, 20, 2))
    t = rng.uniform(0, 1, (20, 1))
    c = np.nextafter(a + t * (b - a), rng.choice([-np.inf, np.inf], (20, 2)))
    return list(shapely.polygons(np.stack([a, b, c], axis=1)))


def triangulation(rng):
    """Delaunay triangles, which share edges, of points on a small lattice or anywhere."""
    corners = rng.integers(0, 12, (40, 2)) if rng.random() < 0.5 else rng.uniform(0, 12, (40, 2))
    return list(shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(corners))))


def islands(rng):
    """A box with holes, the holes' islands, and a spray of multipolygons."""
    nine = [star(rng, rng.uniform(1, 9, 2), 1.5, 12) for _ in range(9)]
    blobs = shapely.union_all(shapely.make_valid(nine, method="structure"))
    return [shapely.box(0, 0, 10, 10).difference(blobs), blobs, blobs.buffer(-0.1, quad_segs=1)]


def crowds(rng):
    """Thousands of vertices in a corner of a large cell."""
    return [star(rng, (5, 5), 5, 40), star(rng, (5.001, 5.001), 1e-3, 2_000), star(rng, (5, 5), 1e-7, 500)]


FAMILIES = (stars, lattice, slivers, triangulation, islands, crowds)
SCALES = (1.0, 1.0, 0.1, 1e-12, 1e-100, 3e7, 1e100)
SHIFTS = (0.0, 0.0, 0.0, 1 / 3, 1e6, 1e12)


def near(rng, polygons, points):
    """Points on vertices, on edges, level with vertices, a bit beside all of them, and anywhere."""
    xy = shapely.get_coordinates(polygons)
    n = points // 8
    i = rng.integers(0, len(xy) - 1, n)
    a, b = xy[i], xy[i + 1]
    low, high = xy.min(axis=0), xy.max(axis=0)
    on_edge = a + (b - a) * rng.uniform(0, 1, (n, 1))
    middle = a + (b - a) * rng.choice([0.25, 0.5, 0.75], (n, 1))
    level = np.column_stack([a[:, 0], xy[rng.integers(0, len(xy), n), 1]])
    centres = low + (high - low) * (np.floor(rng.uniform(0, 64, (n, 2))) + 0.5) / 64
    anywhere = low + (high - low) * rng.uniform(-0.1, 1.1, (n, 2))
    beside = np.nextafter(np.concatenate([a, on_edge]), rng.choice([-np.inf, np.inf], (2 * n, 2)))
    return np.concatenate([a, on_edge, middle, level, centres, anywhere, beside])


def sample(rng):
    polygons = FAMILIES[rng.integers(len(FAMILIES))](rng)
    scale = rng.choice(SCALES)
    shift = rng.choice(SHIFTS) if scale in (1.0, 0.1) else 0.0
    polygons = shapely.transform(np.array(polygons), lambda xy: xy * scale + shift)
    keep = (
        np.isin(shapely.get_type_id(polygons), (3, 6))
        & shapely.is_valid(polygons)
        & ~shapely.is_empty(polygons)
    )
    return polygons[keep]


def as_matrix(pairs, rows, columns):
    matrix = np.zeros((rows, columns), bool)
    matrix[pairs] = True
    return matrix


def referee(point, polygon):
    """Inside (1), on the boundary (0) or outside (-1), in rational arithmetic."""
    x, y = map(Fraction, point)
    inside = False
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        corners = [tuple(map(Fraction, corner)) for corner in shapely.get_coordinates(ring).tolist()]
        for (x1, y1), (x2, y2) in itertools.pairwise(corners):
            cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
            if cross == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                return 0
            if (y1 > y) != (y2 > y) and (cross > 0) == (y2 > y1):
                inside = not inside
    return 1 if inside else -1


def compare(seed, pairs, size, engine):
    """Number of pairs tried, and those in which GEOS and Groundspeed differ."""
    rng = np.random.default_rng(seed)
    tried, differing = 0, []
    while tried < pairs:
        polygons = sample(rng)
        if len(polygons) == 0:
            continue
        points = near(rng, polygons, size)
        shapely.prepare(polygons)
        shape = len(points), len(polygons)
        for predicate, test in (("within", shapely.contains_xy), ("intersects", shapely.intersects_xy)):
            expected = np.stack([test(polygon, *points.T) for polygon in polygons], axis=1)
            actual = as_matrix(gs.point_in_polygon(points, polygons, predicate, engine=engine), *shape)
            rows, columns = np.nonzero(expected != actual)
            differing += [
                (predicate, points[i].tolist(), polygons[j], bool(actual[i, j]))
                for i, j in zip(rows, columns, strict=True)
            ]
        tried += shape[0] * shape[1]
    return tried, differing


def wrong(differing):
    """Those of the differing pairs in which rational arithmetic says that Groundspeed is wrong."""
    least = {"within": 1, "intersects": 0}
    return [one for one in differing if (referee(one[1], one[2]) >= least[one[0]]) != one[3]]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("engine", ["cpu", "emulator"])
@pytest.mark.parametrize("way", ["as it decides", "refined everywhere", "in boxes", "in boxes and refined"])
def test_as_geos_or_better(way, engine, monkeypatch):
    if engine == "emulator":
        need("gcc", "numba_cuda")
    if "refined" in way:
        monkeypatch.setattr(frames, "CROWDED", 2)
        monkeypatch.setattr(frames, "WORTH_REFINING", 0)
        monkeypatch.setattr(frames, "WORTH_A_LEVEL", 0)
    if "boxes" in way:
        monkeypatch.setattr(small, "FEWEST", 1)
        monkeypatch.setattr(small, "MANY", 0)
        monkeypatch.setattr(small, "FEW_EDGES", boxes.MOST_EDGES)
    pairs, size = EFFORT[engine]
    pairs = int(float(ASKED or pairs))
    tried, differing = compare(len(way), pairs, size, engine)
    print(f"{tried:,} pairs, {len(differing)} differ from GEOS")
    assert tried >= pairs
    assert not wrong(differing)
    assert len(differing) <= tried * 1e-6


def test_the_lattice_lies_on_the_centres_of_cells():
    polygons = gs.GeometryColumn.from_shapely(lattice(np.random.default_rng(1)))
    nowhere = np.empty(0), np.empty(0)
    centres = build(get("cpu"), polygons, Asked(1_000_000, None, nowhere, 1)).grid[2]
    np.testing.assert_array_equal(centres, np.arange(64) + 0.5)
    assert np.isin(polygons.x, centres).mean() > 0.3


def test_the_referee_knows_inside_from_outside():
    box = shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1.5, 1.5))
    assert [referee(point, box) for point in ((0.25, 1), (1, 1), (0, 1), (0.5, 1), (3, 1))] == [
        1,
        -1,
        0,
        0,
        -1,
    ]
