"""Segments that fill, straddle and outgrow tiles: the result does not depend on where the cuts are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from operations.measurement.measured import ENGINES, expected, on, ring
from requirements import need

from groundspeed.engines import choice
from groundspeed.geometry import GeometryColumn
from groundspeed.operations.measurement import planar_measures as measurement
from groundspeed.operations.measurement.planar_measures import segmented

TILE = 1 << segmented.GPU_TILE
LENGTHS = {
    "squares": [5] * 300,
    "a tile and around": [TILE - 1, TILE, TILE + 1, 5, 2 * TILE, 2 * TILE + 1, 3 * TILE - 1],
    "a giant among dwarfs": [5, 6, 40 * TILE + 3, 7, 5],
    "a giant alone": [70 * TILE],
    "a giant at each end": [9 * TILE + 1, 5, 4, 17, 9 * TILE],
    "ends with a tile": [TILE - 100, 100],
}


def polygons(rng, lengths):
    return shapely.polygons([shapely.linearrings(ring(rng, k, rng.uniform(-9, 9, 2))) for k in lengths])


@pytest.fixture(params=[(True, 0), (False, 5)], ids=["contracted", "as written, shuffled"])
def emulator(request, monkeypatch):
    need("numba_cuda", "gcc")
    from groundspeed.engines.emulator import EmulatorEngine

    contract, seed = request.param
    engine = EmulatorEngine(check=True, contract=contract, seed=seed)
    monkeypatch.setitem(choice._instances, "emulator", engine)


def check(rows, engine):
    column = GeometryColumn.from_shapely(rows)
    for name in ("area", "length"):
        have = getattr(measurement, name)(column, engine=engine)
        np.testing.assert_allclose(have, expected(name, rows), rtol=1e-12, atol=1e-12)
    for name in ("bounds", "is_ccw", "num_points"):
        np.testing.assert_array_equal(getattr(measurement, name)(column, engine=engine), expected(name, rows))


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_on_the_emulator(lengths, emulator, rng):
    check(polygons(rng, lengths), "emulator")


@pytest.mark.parametrize("cpu_tile", [1, 3, 8])
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_on_a_cpu_with_small_tiles(lengths, cpu_tile, monkeypatch, rng):
    monkeypatch.setattr(segmented, "CPU_TILE", cpu_tile)
    check(polygons(rng, lengths), "cpu")


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_rows_between_tiles(engine, rng):
    rows = []
    for k in (TILE, 3, TILE - 3, 2 * TILE, 300):
        rows += [shapely.LineString(), shapely.LineString(ring(rng, k)), None, shapely.LineString()]
    check(np.array(rows, dtype=object), on(engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_holes_and_parts_of_any_length(engine, rng):
    rows = []
    for lengths in ([5, 300, 9], [700, 4], [4], [256, 256]):
        rings = [ring(rng, k) * (10 if not i else 1) for i, k in enumerate(lengths)]
        polygon = shapely.Polygon(rings[0], rings[1:])
        rows += [polygon, None, shapely.MultiPolygon([polygon, shapely.Polygon(ring(rng, 1000, (50, 50)))])]
    check(np.array(rows, dtype=object), on(engine))


def test_the_number_of_threads_does_not_matter(rng):
    import groundspeed as gs

    rows = GeometryColumn.from_shapely(polygons(rng, rng.integers(4, 60, 20_000)))
    with gs.use(threads=1):
        one = measurement.area(rows), measurement.length(rows)
    many = measurement.area(rows), measurement.length(rows)
    assert all(map(np.array_equal, one, many))


def test_a_giant_is_shared_out_among_threads():
    """A million vertices are many tiles, whatever the number of rings."""
    offsets, calls = np.array([0, 10**6]), []

    class Counting(type(choice.get("cpu"))):
        def for_each(self, body, n, *columns):
            calls.append(n)
            super().for_each(body, n, *columns)

    from groundspeed.operations.measurement.planar_measures import kernels

    segmented.reduce(Counting(), kernels.LENGTH, offsets, np.zeros(10**6), np.zeros(10**6))
    assert calls[0] == -(-(10**6) >> segmented.CPU_TILE)
